#include "clamp.h"
#include "${dot}.h"
#include "${requantize}.h"

typedef struct {
    const int8_t *weights; /* [output][input] */
    const $total *bias;   /* less input_zero_point * sum of the output's weights */
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t scale_step; /* 1: a multiplier and shift for each output, 0: one for all */
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} ${function}_params;

static void $function(const ${function}_params *p, const $element *input, $element *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        const int8_t *weights = p->weights;
        for (int32_t i = 0; i < p->outputs; i++) {
            const int32_t scale = i * p->scale_step;
            const $total sum = p->bias[i] + ${dot}(input, weights, p->inputs);
            const int32_t value = ${requantize}(sum, p->multiplier[scale], p->shift[scale]);
            *output++ = ($element)clamp(value + p->output_zero_point, p->output_low, p->output_high);
            weights += p->inputs;
        }
        input += p->inputs;
    }
}
