#include "clamp.h"
#include "requantize.h"

typedef struct {
    int32_t count;
    int32_t input_zero_point;
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} ${function}_params;

static void $function(const ${function}_params *p, const $input *input, $output *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t value = requantize(input[i] - p->input_zero_point, p->multiplier, p->shift);
        output[i] = ($output)clamp(value + p->output_zero_point, p->output_low, p->output_high);
    }
}
