#include "clamp.h"
#include "requantize.h"

typedef struct {
    const int8_t *weights; /* [4 outputs][input][output] */
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
} fully_connected_fours_params;

static void fully_connected_fours(const fully_connected_fours_params *p, const int8_t *input,
                                  int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        const int8_t *const end = input + p->inputs;
        const int8_t *weights = p->weights;
        for (int32_t first = 0; first < p->outputs; first += 4) {
            int32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
            for (const int8_t *value = input; value != end; value++) {
                const int32_t x = *value;
                sum0 += x * weights[0];
                sum1 += x * weights[1];
                sum2 += x * weights[2];
                sum3 += x * weights[3];
                weights += 4;
            }
            const int32_t sums[4] = {sum0, sum1, sum2, sum3};
            for (int32_t i = first; i < first + 4 && i < p->outputs; i++) {
                const int32_t scale = i * p->scale_step;
                const int32_t value = requantize(sums[i - first] + p->bias[i],
                                                 p->multiplier[scale], p->shift[scale]);
                *output++ =
                    (int8_t)clamp(value + p->output_zero_point, p->output_low, p->output_high);
            }
        }
        input = end;
    }
}
