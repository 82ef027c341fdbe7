#include "depthwise_3x3_mve.h"
#include "mve_finish_$finish.h"

typedef depthwise_3x3_mve_params depthwise_3x3_mve_${finish}_${stride}_params;

/* Two rows (one, of the last ones of an odd height or with a stride) of four channels. */
static void depthwise_3x3_mve_${finish}_${stride}_four(const depthwise_3x3_mve_params *p, int32_t channel,
                                             const int8_t *window, int8_t *output, int32_t next)
{
    const int8_t *packed = p->weights + 16 * channel;
    const int8x16_t weights0 = vld1q_s8(packed);
    const int8x16_t weights1 = vld1q_s8(packed + 16);
    const int8x16_t weights2 = vld1q_s8(packed + 32);
    const int8x16_t weights3 = vld1q_s8(packed + 48);
    const int32_t *const words = p->scales + channel / 4 * 9;
    const int32_t distance = 4 * p->columns;
    const int32_t step = p->input_channels;
    const int32_t zero = p->output_zero_point;
    const int32_t low = p->output_low;
    const int32_t high = p->output_high;
    const int8_t *window1 = window + distance;
    const int8_t *window2 = window + 2 * distance;
    const int8_t *window3 = window + 3 * distance;
    int32x4_t first = vdupq_n_s32(0);
    int32x4_t second = first;
    for (int32_t left = p->output_width; left > 0; left--) {
        DEPTHWISE_3X3_MVE_DOT("[2]", "[0]", window, window2, weights0, weights2,
                              "4 * $stride");
        DEPTHWISE_3X3_MVE_DOT("[3]", "[1]", window1, window3, weights1, weights3,
                              "4 * $stride");
        const mve_scales scales = mve_load_scales(words);
        vstrbq_s32(output + next, mve_finish_$finish(second, scales, zero, low, high));
        vstrbq_s32(output, mve_finish_$finish(first, scales, zero, low, high));
        output += step;
    }
}

static void depthwise_3x3_mve_${finish}_$stride(const depthwise_3x3_mve_params *p, const int8_t *input,
                                      int8_t *output, void *scratch)
{
    int8_t *const window = (int8_t *)scratch;
    const int32_t row_bytes = p->output_width * p->input_channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        mve_repeat(window, p->input_zero_point, 4 * p->columns * p->input_channels);
        int32_t top = -p->pad_top;
        depthwise_3x3_mve_push(p, input, top, window);
        for (int32_t y = 0; y < p->output_height;) {
            top += 2;
            depthwise_3x3_mve_push(p, input, top, window);
            const int is_pair = p->stride_height == 1 && y + 1 < p->output_height;
            const int32_t next = is_pair ? row_bytes : 0;
            for (int32_t channel = 0; channel < p->input_channels; channel += 4) {
                depthwise_3x3_mve_${finish}_${stride}_four(p, channel, window + 4 * channel * p->columns,
                                                 output + channel, next);
            }
            output += row_bytes + next;
            y += is_pair ? 2 : 1;
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
