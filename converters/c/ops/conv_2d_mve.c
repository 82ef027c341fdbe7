#include "conv_2d_mve.h"
#include "mve_finish_$finish.h"

typedef conv_2d_mve_params conv_2d_mve_${finish}_params;

/* Two pixels, whose columns lie behind each other, by all channels. */
static void conv_2d_mve_${finish}_pixels(const conv_2d_mve_params *p, const int8_t *columns,
                                         int8_t *output0, int8_t *output1)
{
    const int8_t *weights = p->weights;
    const int32_t *words = p->scales;
    const int32_t zero = p->output_zero_point;
    const int32_t low = p->output_low;
    const int32_t high = p->output_high;
    for (int32_t left = p->output_channels; left > 0; left -= 4) {
        int32x4_t sums0, sums1;
        weights = conv_2d_mve_dot(weights, columns, p->blocks, &sums0, &sums1);
        const mve_scales scales = mve_load_scales(words);
        mve_store(output0, mve_finish_$finish(sums0, scales, zero, low, high), left);
        mve_store(output1, mve_finish_$finish(sums1, scales, zero, low, high), left);
        words += 9;
        output0 += 4;
        output1 += 4;
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
