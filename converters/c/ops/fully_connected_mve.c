#include "fully_connected_mve.h"
#include "mve_finish_$finish.h"

typedef fully_connected_mve_params fully_connected_mve_${finish}_params;

static void fully_connected_mve_$finish(const fully_connected_mve_params *p, const int8_t *input,
                                        int8_t *output)
{
    const int32_t zero = p->output_zero_point;
    const int32_t low = p->output_low;
    const int32_t high = p->output_high;
    for (int32_t row = 0; row < p->rows; row++) {
        const int8_t *weights = p->weights;
        const int32_t *words = p->scales;
        for (int32_t left = p->outputs; left > 0; left -= 4) {
            int32x4_t sums;
            weights = fully_connected_mve_dot(weights, input, p->inputs, &sums);
            sums = mve_finish_$finish(sums, mve_load_scales(words), zero, low, high);
            mve_store(output, sums, left);
            words += 9;
            output += left < 4 ? left : 4;
        }
        input += p->inputs;
    }
}
