#include "conv_2d_dsp.h"
#include "dsp_finish_$finish.h"

typedef conv_2d_dsp_params conv_2d_dsp_${finish}_params;

/* Two pixels, whose columns are interleaved word by word, by all channels. */
static void conv_2d_dsp_${finish}_pixels(const conv_2d_dsp_params *p, const uint32_t *columns,
                                         int8_t *output0, int8_t *output1)
{
    const uint32_t *weights = p->weights;
    const int32_t *channel = p->channels;
    for (int32_t left = p->output_channels; left > 0; left -= 2) {
        const int32_t bias = channel[0] >> 8;
        const int32_t biases = bias + (int32_t)((uint32_t)channel[2] & ~255u);
        const int32_t quads = p->quads;
        /* All registers are named, since hardly any is left to choose. */
        register int32_t r0 __asm__("r0") = bias;
        register int32_t r1 __asm__("r1") = bias;
        register int32_t r2 __asm__("r2") = biases;
        register int32_t r3 __asm__("r3") = biases;
        register const uint32_t *r11 __asm__("r11") = weights;
        register const uint32_t *r12 __asm__("r12") = columns;
        register int32_t lr __asm__("lr") = quads;
        __asm__ volatile(CONV_2D_DSP_QUADS
                         : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r11), "+r"(r12), "+r"(lr)
                         :
                         : "r4", "r5", "r6", "r8", "r9", "r10", "cc", "memory");
        int32_t first0 = r0;
        int32_t first1 = r1;
        int32_t both0 = r2;
        int32_t both1 = r3;
        weights = r11;
        const int32_t zero = p->output_zero_point;
        const int32_t low = p->output_low;
        const int32_t high = p->output_high;
        both0 = (both0 - first0) >> 7;
        both1 = (both1 - first1) >> 7;
        int32_t shift = channel[0];
        int32_t multiplier = channel[1];
        first0 = dsp_finish_$finish(2 * first0, multiplier, shift, zero, low, high);
        first1 = dsp_finish_$finish(2 * first1, multiplier, shift, zero, low, high);
        if (left > 1) {
            shift = channel[2];
            multiplier = channel[3];
            both0 = dsp_finish_$finish(both0, multiplier, shift, zero, low, high);
            both1 = dsp_finish_$finish(both1, multiplier, shift, zero, low, high);
            output0[1] = (int8_t)both0;
            output1[1] = (int8_t)both1;
        }
        output0[0] = (int8_t)first0;
        output1[0] = (int8_t)first1;
        channel += 4;
        output0 += 2;
        output1 += 2;
    }
}

static void conv_2d_dsp_$finish(const conv_2d_dsp_params *p, const int8_t *input, int8_t *output,
                                void *scratch)
{
    uint32_t *const columns = (uint32_t *)scratch;
    int8_t *const bytes = (int8_t *)(columns + 4 * p->quads);
    const int32_t pixels = p->output_height * p->output_width;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        int32_t y = 0;
        int32_t x = 0;
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            int8_t *outputs[2];
            for (int32_t i = 0; i < 2; i++) {
                conv_2d_dsp_column(p, input, y * p->stride_height - p->pad_top,
                                   x * p->stride_width - p->pad_left, columns + i, bytes);
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
            conv_2d_dsp_${finish}_pixels(p, columns, outputs[0], outputs[1]);
        }
        input += p->input_height * p->input_width * p->input_channels;
        output += p->output_channels;
    }
}
