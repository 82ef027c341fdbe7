#include "clamp.h"
#include "requantize.h"

typedef struct {
    int32_t count;
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
} add_params;

static void add(const add_params *p, const int8_t *first, const int8_t *second, int8_t *output)
{
    const int32_t unit = (int32_t)1 << p->left_shift;
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t a = requantize((first[i] - p->first_zero_point) * unit, p->first_multiplier,
                                     p->first_shift);
        const int32_t b = requantize((second[i] - p->second_zero_point) * unit,
                                     p->second_multiplier, p->second_shift);
        const int32_t sum = requantize(a + b, p->output_multiplier, p->output_shift);
        output[i] = (int8_t)clamp(sum + p->output_zero_point, p->output_low, p->output_high);
    }
}
