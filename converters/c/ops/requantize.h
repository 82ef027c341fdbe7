#include "shift_right.h"

/* value * multiplier * 2^(shift - 31), rounded twice: to the upper half of the product, halves up,
   then by the shift, halves away from zero. */
static inline int32_t requantize(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t scaled = (int32_t)((uint32_t)value << left);
    const int64_t product = (int64_t)scaled * multiplier;
    return shift_right((int32_t)((product + ((int64_t)1 << 30)) >> 31), left - shift);
}
