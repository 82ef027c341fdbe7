#include "conv_2d_mve.h"

typedef conv_2d_mve_params conv_2d_mve_${finish}_params;

/* Two pixels, whose columns lie behind each other, by all channels. */
static void conv_2d_mve_${finish}_pixels(const conv_2d_mve_params *p, const int8_t *columns,
                                         int8_t *output0, int8_t *output1)
{
    const int8_t *weights = p->weights;
    for (int32_t channel = 0; channel < p->output_channels; channel += 4) {
        int32x4_t sums0, sums1;
        weights = conv_2d_mve_dot(weights, columns, p->blocks, &sums0, &sums1);
        const int32x4_t bias = vld1q_s32(p->bias + channel);
        const int32x4_t multiplier = vld1q_s32(p->multiplier + channel);
        const int32x4_t shift = vldrbq_s32(p->shift + channel);
        sums0 = mve_scale_$finish(vaddq_s32(sums0, bias), multiplier, shift);
        sums1 = mve_scale_$finish(vaddq_s32(sums1, bias), multiplier, shift);
        sums0 = mve_clamp(sums0, p->output_zero_point, p->output_low, p->output_high);
        sums1 = mve_clamp(sums1, p->output_zero_point, p->output_low, p->output_high);
        mve_store(output0 + channel, sums0, p->output_channels - channel);
        mve_store(output1 + channel, sums1, p->output_channels - channel);
    }
}

static void conv_2d_mve_$finish(const conv_2d_mve_params *p, const int8_t *input, int8_t *output,
                                void *scratch)
{
    int8_t *const columns = (int8_t *)scratch;
    const int32_t pixels = p->output_height * p->output_width;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        int32_t y = 0;
        int32_t x = 0;
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            int8_t *outputs[2];
            for (int32_t i = 0; i < 2; i++) {
                conv_2d_mve_column(p, input, y * p->stride_height - p->pad_top,
                                   x * p->stride_width - p->pad_left,
                                   columns + 16 * p->blocks * i);
                outputs[i] = output;
                if (pixel + i + 1 < pixels) { /* a last one that is alone is computed twice */
                    output += p->output_channels;
                    x++;
                    if (x == p->output_width) {
                        x = 0;
                        y++;
                    }
                }
            }
            conv_2d_mve_${finish}_pixels(p, columns, outputs[0], outputs[1]);
        }
        input += p->input_height * p->input_width * p->input_channels;
        output += p->output_channels;
    }
}
