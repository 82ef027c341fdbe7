#include "clamp.h"
#include "dot_product.h"
#include "requantize.h"

typedef struct {
    const int8_t *weights; /* [output][input] */
    const int32_t *bias;   /* less input_zero_point * sum of the output's weights */
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t scale_step; /* 1: a multiplier and shift for each output, 0: one for all */
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} fully_connected_params;

static void fully_connected(const fully_connected_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        const int8_t *weights = p->weights;
        for (int32_t i = 0; i < p->outputs; i++) {
            const int32_t scale = i * p->scale_step;
            int32_t sum = p->bias[i] + dot_product(input, weights, p->inputs);
            sum = requantize(sum, p->multiplier[scale], p->shift[scale]);
            *output++ = (int8_t)clamp(sum + p->output_zero_point, p->output_low, p->output_high);
            weights += p->inputs;
        }
        input += p->inputs;
    }
}
