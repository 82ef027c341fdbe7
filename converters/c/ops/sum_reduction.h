#include "clamp.h"
#include "requantize.h"

typedef int32_t sum_state;

typedef struct {
    int32_t start; /* -(input zero point) * count */
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} sum_scales;

static inline sum_state sum_start(const sum_scales *s)
{
    return s->start;
}

static inline sum_state sum_next(sum_state sum, int32_t value)
{
    return sum + value;
}

static inline int32_t sum_end(const sum_scales *s, sum_state sum)
{
    return clamp(requantize(sum, s->multiplier, s->shift) + s->output_zero_point, s->output_low,
                 s->output_high);
}
