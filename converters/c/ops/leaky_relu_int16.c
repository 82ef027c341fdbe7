#include "clamp.h"
#include "requantize.h"

typedef struct {
    int32_t count;
    int32_t multiplier;
    int32_t shift;
    int32_t slope_multiplier;
    int32_t slope_shift;
} leaky_relu_int16_params;

static void leaky_relu_int16(const leaky_relu_int16_params *p, const int16_t *input,
                             int16_t *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t value =
            input[i] >= 0 ? requantize(input[i], p->multiplier, p->shift)
                          : requantize(input[i], p->slope_multiplier, p->slope_shift);
        output[i] = (int16_t)clamp(value, INT16_MIN, INT16_MAX);
    }
}
