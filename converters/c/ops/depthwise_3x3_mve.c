#include "depthwise_3x3_mve.h"

typedef depthwise_3x3_mve_params depthwise_3x3_mve_${finish}_params;

/* Two rows (one, the last of an odd height) of four channels. */
static void depthwise_3x3_mve_${finish}_four(const depthwise_3x3_mve_params *p, int32_t channel,
                                             const int8_t *window, int8_t *output, int32_t second)
{
    const int8_t *packed = p->weights + 16 * channel;
    const int8x16_t weights0 = vld1q_s8(packed);
    const int8x16_t weights1 = vld1q_s8(packed + 16);
    const int8x16_t weights2 = vld1q_s8(packed + 32);
    const int8x16_t weights3 = vld1q_s8(packed + 48);
    const int32_t distance = 4 * p->columns;
    const int32_t step = p->input_channels;
    const int32_t zero_point = p->output_zero_point;
    const int32_t low = p->output_low;
    const int32_t high = p->output_high;
    for (int32_t left = p->output_width; left > 0; left--) {
        int32_t a0, a1, a2, a3, b0, b1, b2, b3;
        DEPTHWISE_3X3_MVE_DOT(a0, b0, window, weights0)
        DEPTHWISE_3X3_MVE_DOT(a1, b1, window + distance, weights1)
        DEPTHWISE_3X3_MVE_DOT(a2, b2, window + 2 * distance, weights2)
        DEPTHWISE_3X3_MVE_DOT(a3, b3, window + 3 * distance, weights3)
        int32x4_t sums0 = mve_join(a0, a1, a2, a3);
        int32x4_t sums1 = mve_join(b0, b1, b2, b3);
        const int32x4_t bias = vld1q_s32(p->bias + channel);
        const int32x4_t multiplier = vld1q_s32(p->multiplier + channel);
        const int32x4_t shift = vldrbq_s32(p->shift + channel);
        sums0 = mve_scale_$finish(vaddq_s32(sums0, bias), multiplier, shift);
        sums1 = mve_scale_$finish(vaddq_s32(sums1, bias), multiplier, shift);
        vstrbq_s32(output + second, mve_clamp(sums1, zero_point, low, high));
        vstrbq_s32(output, mve_clamp(sums0, zero_point, low, high));
        window += 4;
        output += step;
    }
}

static void depthwise_3x3_mve_$finish(const depthwise_3x3_mve_params *p, const int8_t *input,
                                      int8_t *output, void *scratch)
{
    int8_t *const window = (int8_t *)scratch;
    const int32_t row_bytes = p->output_width * p->input_channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        mve_repeat(window, p->input_zero_point, 4 * p->columns * p->input_channels);
        depthwise_3x3_mve_push(p, input, -p->pad_top, window);
        for (int32_t y = 0; y < p->output_height; y += 2) {
            depthwise_3x3_mve_push(p, input, y - p->pad_top + 2, window);
            const int32_t second = y + 1 < p->output_height ? row_bytes : 0;
            for (int32_t channel = 0; channel < p->input_channels; channel += 4) {
                depthwise_3x3_mve_${finish}_four(p, channel, window + 4 * channel * p->columns,
                                                 output + channel, second);
            }
            output += row_bytes + second;
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
