#include "clamp.h"
#include "requantize.h"

typedef struct {
    int32_t left_shift;
    int32_t first_zero_point;
    int32_t first_multiplier;
    int32_t first_shift;
    int32_t second_zero_point;
    int32_t second_multiplier;
    int32_t second_shift;
    int32_t output_zero_point;
    int32_t output_multiplier;
    int32_t output_shift;
    int32_t output_low;
    int32_t output_high;
} subtract_scales;

static inline int32_t subtract_value(const subtract_scales *s, int32_t first, int32_t second)
{
    const int32_t unit = (int32_t)1 << s->left_shift;
    const int32_t a =
        requantize((first - s->first_zero_point) * unit, s->first_multiplier, s->first_shift);
    const int32_t b =
        requantize((second - s->second_zero_point) * unit, s->second_multiplier, s->second_shift);
    const int32_t difference = requantize(a - b, s->output_multiplier, s->output_shift);
    return clamp(difference + s->output_zero_point, s->output_low, s->output_high);
}
