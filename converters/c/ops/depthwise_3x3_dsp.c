#include "depthwise_3x3_dsp.h"
#include "dsp_finish_$finish.h"

typedef depthwise_3x3_dsp_params depthwise_3x3_dsp_${finish}_${stride}_params;

/* Two rows (one, of the last ones of an odd height or with a stride) of one channel. */
static void depthwise_3x3_dsp_${finish}_${stride}_channel(const depthwise_3x3_dsp_params *p,
                                                          int32_t channel, const uint32_t *column,
                                                          int32_t *sums, int8_t *output,
                                                          int32_t second)
{
    const int32_t shift = p->channels[2 * channel];
    const int32_t multiplier = p->channels[2 * channel + 1];
    const int32_t zero = p->output_zero_point;
    const int32_t low = p->output_low;
    const int32_t high = p->output_high;
    const int32_t step = p->input_channels;
    const int32_t width = p->output_width;
    const int32_t bias = (shift >> 8) * 2;
    depthwise_3x3_dsp_taps taps = depthwise_3x3_dsp_unpack(p->weights + 3 * channel);
    /* All registers are named, since hardly any is left to choose. */
    register const uint32_t *r0 __asm__("r0") = column;
    register int32_t *r1 __asm__("r1") = sums;
    register int32_t r2 __asm__("r2") = width;
    register uint32_t r8 __asm__("r8") = taps.outer0;
    register uint32_t r9 __asm__("r9") = taps.outer1;
    register uint32_t r10 __asm__("r10") = taps.outer2;
    register uint32_t r11 __asm__("r11") = taps.inner01;
    register uint32_t r12 __asm__("r12") = taps.inner2;
    register int32_t lr __asm__("lr") = bias;
    __asm__ volatile(DEPTHWISE_3X3_DSP_SUMS("4 * $stride")
                     : "+r"(r0), "+r"(r1), "+r"(r2)
                     : "r"(r8), "r"(r9), "r"(r10), "r"(r11), "r"(r12), "r"(lr)
                     : "r3", "r4", "r5", "r6", "cc", "memory");
    const int32_t *const end = sums + 2 * width;
    do {
        const int32_t sum0 = sums[0];
        const int32_t sum1 = sums[1];
        output[second] = (int8_t)dsp_finish_$finish(sum1, multiplier, shift, zero, low, high);
        output[0] = (int8_t)dsp_finish_$finish(sum0, multiplier, shift, zero, low, high);
        output += step;
        sums += 2;
    } while (sums != end);
}

static void depthwise_3x3_dsp_${finish}_$stride(const depthwise_3x3_dsp_params *p, const int8_t *input,
                              int8_t *output, void *scratch)
{
    uint32_t *const window = (uint32_t *)scratch;
    int32_t *const sums = (int32_t *)(window + p->columns * p->input_channels);
    const uint32_t padding = (uint32_t)(p->input_zero_point & 0xff) * 0x01010101u;
    const int32_t row_bytes = p->output_width * p->input_channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t i = 0; i < p->columns * p->input_channels; i++) {
            window[i] = padding;
        }
        int32_t top = -p->pad_top;
        depthwise_3x3_dsp_rows(p, input, top, window);
        for (int32_t y = 0; y < p->output_height;) {
            top += 2;
            depthwise_3x3_dsp_rows(p, input, top, window);
            const int is_pair = p->stride_height == 1 && y + 1 < p->output_height;
            const int32_t second = is_pair ? row_bytes : 0;
            for (int32_t channel = 0; channel < p->input_channels; channel++) {
                depthwise_3x3_dsp_${finish}_${stride}_channel(p, channel, window + channel * p->columns, sums,
                                          output + channel, second);
            }
            output += row_bytes + second;
            y += is_pair ? 2 : 1;
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
