#include "depthwise_3x3_dsp.h"

typedef depthwise_3x3_dsp_params depthwise_3x3_dsp_${finish}_${stride}_params;

/* Two rows (one, of the last ones of an odd height or with a stride) of one channel. Of the four bytes of a column, the
   first row takes 0, 1, 2 and the second 1, 2, 3. */
static void depthwise_3x3_dsp_${finish}_${stride}_channel(const depthwise_3x3_dsp_params *p, int32_t channel,
                                      const uint32_t *column, int8_t *output, int32_t second)
{
    const uint32_t *weights = p->weights + 3 * channel;
    const int32_t shift = p->channels[2 * channel];
    const int32_t multiplier = p->channels[2 * channel + 1];
    const int32_t zero_point = p->output_zero_point;
    const int32_t low = p->output_low;
    const int32_t high = p->output_high;
    const int32_t bias = (shift >> 8) * 2;
    const int32_t step = p->input_channels;
    const uint32_t outer0 = dsp_doubled(dsp_even_bytes(weights[0]));
    const uint32_t outer1 = dsp_doubled(dsp_even_bytes(weights[1]));
    const uint32_t outer2 = dsp_doubled(dsp_even_bytes(weights[2]));
    const uint32_t inner0 = dsp_doubled(dsp_odd_bytes(weights[0]));
    const uint32_t inner1 = dsp_doubled(dsp_odd_bytes(weights[1]));
    const uint32_t inner2 = dsp_doubled(dsp_odd_bytes(weights[2]));
    const uint32_t *const end = column + $stride * p->output_width;
    do {
        uint32_t even = dsp_even_bytes(column[0]);
        uint32_t odd = dsp_odd_bytes(column[0]);
        int32_t sum0 = dsp_dual_mac(even, outer0, bias);
        int32_t sum1 = dsp_dual_mac(odd, outer0, bias);
        sum0 = dsp_dual_mac(odd, inner0, sum0);
        sum1 = dsp_top_mac(even, inner0, sum1);
        even = dsp_even_bytes(column[1]);
        odd = dsp_odd_bytes(column[1]);
        sum0 = dsp_dual_mac(even, outer1, sum0);
        sum1 = dsp_dual_mac(odd, outer1, sum1);
        sum0 = dsp_dual_mac(odd, inner1, sum0);
        sum1 = dsp_top_mac(even, inner1, sum1);
        even = dsp_even_bytes(column[2]);
        odd = dsp_odd_bytes(column[2]);
        sum0 = dsp_dual_mac(even, outer2, sum0);
        sum1 = dsp_dual_mac(odd, outer2, sum1);
        sum0 = dsp_dual_mac(odd, inner2, sum0);
        sum1 = dsp_top_mac(even, inner2, sum1);
        sum1 = dsp_finish_$finish(sum1, multiplier, shift, zero_point, low, high);
        output[second] = (int8_t)sum1;
        sum0 = dsp_finish_$finish(sum0, multiplier, shift, zero_point, low, high);
        output[0] = (int8_t)sum0;
        output += step;
        column += $stride;
    } while (column != end);
}

static void depthwise_3x3_dsp_${finish}_$stride(const depthwise_3x3_dsp_params *p, const int8_t *input,
                              int8_t *output, void *scratch)
{
    uint32_t *const window = (uint32_t *)scratch;
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
                depthwise_3x3_dsp_${finish}_${stride}_channel(p, channel, window + channel * p->columns,
                                          output + channel, second);
            }
            output += row_bytes + second;
            y += is_pair ? 2 : 1;
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
