#include "sigmoid_between.h"

/* The hyperbolic tangent in Q0.15 of a value in steps of 1 / (3 * 4096). */
static inline int32_t tanh_q15(const uint16_t *table, int32_t value)
{
    const uint32_t magnitude = (uint32_t)(value < 0 ? -value : value);
    const int32_t found = sigmoid_between(table, magnitude, 8u, 0xFFFF << 8);
    return (value >= 0 ? found - 8388608 + 128 : 8388608 - found + 127) >> 8;
}
