#include "fully_connected_mve.h"

typedef fully_connected_mve_params fully_connected_mve_${finish}_params;

static void fully_connected_mve_$finish(const fully_connected_mve_params *p, const int8_t *input,
                                        int8_t *output)
{
    int32x4_t multiplier = vdupq_n_s32(p->multiplier[0]);
    int32x4_t shift = vdupq_n_s32(p->shift[0]);
    for (int32_t row = 0; row < p->rows; row++) {
        const int8_t *weights = p->weights;
        for (int32_t i = 0; i < p->outputs; i += 4) {
            int32x4_t sums;
            weights = fully_connected_mve_dot(weights, input, p->inputs, &sums);
            if (p->scale_step != 0) {
                multiplier = vld1q_s32(p->multiplier + i);
                shift = vldrbq_s32(p->shift + i);
            }
            sums = vaddq_s32(sums, vld1q_s32(p->bias + i));
            sums = mve_scale_$finish(sums, multiplier, shift);
            sums = mve_clamp(sums, p->output_zero_point, p->output_low, p->output_high);
            mve_store(output + i, sums, p->outputs - i);
        }
        input += p->inputs;
        output += p->outputs;
    }
}
