#include "sigmoid_between.h"

/* The logistic function in Q0.15 of a value in steps of 1 / (3 * 4096). */
static inline int32_t logistic_q15(const uint16_t *table, int32_t value)
{
    const uint32_t magnitude = (uint32_t)(value < 0 ? -value : value);
    const int32_t found = sigmoid_between(table, magnitude, 9u, 0x7FFF << 10);
    return (value >= 0 ? found + 512 : 33554432 - found + 511) >> 10;
}
