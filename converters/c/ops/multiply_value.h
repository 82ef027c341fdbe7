#include "clamp.h"
#include "requantize.h"

typedef struct {
    int32_t first_zero_point;
    int32_t second_zero_point;
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t shift;
    int32_t output_low;
    int32_t output_high;
} multiply_scales;

static inline int32_t multiply_value(const multiply_scales *s, int32_t first, int32_t second)
{
    const int32_t product = (first - s->first_zero_point) * (second - s->second_zero_point);
    return clamp(requantize(product, s->multiplier, s->shift) + s->output_zero_point, s->output_low,
                 s->output_high);
}
