#include "clamp.h"
#include "requantize.h"

/* A doubled sum requantized by a channel's multiplier and by its shift to the right or, below zero,
   to the left, in the low byte of a word. */
static inline int32_t dsp_finish_any(int32_t doubled, int32_t multiplier, int32_t shift,
                                     int32_t zero_point, int32_t low, int32_t high)
{
    const int32_t value = requantize(doubled >> 1, multiplier, -(int8_t)shift);
    return clamp(value + zero_point, low, high);
}
