#include "requantize.h"

typedef struct {
    int32_t left_shift;
    int32_t first_zero_point;
    int32_t first_multiplier;
    int32_t first_shift;
    int32_t second_zero_point;
    int32_t second_multiplier;
    int32_t second_shift;
} comparison_scales;

static inline int32_t comparison_first(const comparison_scales *s, int32_t value)
{
    const int32_t unit = (int32_t)1 << s->left_shift;
    return requantize((value - s->first_zero_point) * unit, s->first_multiplier, s->first_shift);
}

static inline int32_t comparison_second(const comparison_scales *s, int32_t value)
{
    const int32_t unit = (int32_t)1 << s->left_shift;
    return requantize((value - s->second_zero_point) * unit, s->second_multiplier, s->second_shift);
}
