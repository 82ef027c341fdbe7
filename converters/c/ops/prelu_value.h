#include "clamp.h"
#include "requantize.h"

typedef struct {
    int32_t first_zero_point;
    int32_t second_zero_point;
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t shift;
    int32_t slope_multiplier;
    int32_t slope_shift;
    int32_t output_low;
    int32_t output_high;
} prelu_scales;

static inline int32_t prelu_value(const prelu_scales *s, int32_t first, int32_t second)
{
    int32_t value = first - s->first_zero_point;
    if (value >= 0) {
        value = requantize(value, s->multiplier, s->shift);
    } else {
        value = requantize(value * (second - s->second_zero_point), s->slope_multiplier,
                           s->slope_shift);
    }
    return clamp(value + s->output_zero_point, s->output_low, s->output_high);
}
