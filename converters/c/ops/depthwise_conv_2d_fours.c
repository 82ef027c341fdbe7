#include <string.h>
#include "clamp.h"
#include "requantize.h"

typedef struct {
    const int8_t *weights; /* [kernel row][kernel column][channel] */
    const int32_t *bias;   /* less input_zero_point * sum of the channel's weights */
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels; /* a multiple of 4 */
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} depthwise_conv_2d_fours_${taps}_params;

/* Which pixels lie under a kernel; for those outside the input there is one of its zero point. */
static void depthwise_conv_2d_fours_${taps}_find(const depthwise_conv_2d_fours_${taps}_params *p,
                                                 const int8_t *input, int32_t top, int32_t left,
                                                 const int8_t *outside, const int8_t **pixels)
{
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = top + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = left + kx * p->dilation_width;
            const int is_inside = y >= 0 && y < p->input_height && x >= 0 && x < p->input_width;
            *pixels++ =
                is_inside ? input + (y * p->input_width + x) * p->input_channels : outside;
        }
    }
}

/* One pixel by all channels, four at a time. */
static void depthwise_conv_2d_fours_${taps}_pixel(const depthwise_conv_2d_fours_${taps}_params *p,
                                                  const int8_t **pixels, int8_t *output)
{
    for (int32_t channel = 0; channel < p->input_channels; channel += 4) {
        const int8_t *weights = p->weights + channel;
        const int32_t *bias = p->bias + channel;
        int32_t sums[4] = {bias[0], bias[1], bias[2], bias[3]};
        for (int32_t tap = 0; tap < $taps; tap++) {
            const int8_t *values = pixels[tap] + channel;
            sums[0] += values[0] * weights[0];
            sums[1] += values[1] * weights[1];
            sums[2] += values[2] * weights[2];
            sums[3] += values[3] * weights[3];
            weights += p->input_channels;
        }
        for (int32_t i = channel; i < channel + 4; i++) {
            const int32_t value =
                requantize(sums[i - channel], p->multiplier[i], p->shift[i]);
            output[i] = (int8_t)clamp(value + p->output_zero_point, p->output_low, p->output_high);
        }
    }
}

static void depthwise_conv_2d_fours_$taps(const depthwise_conv_2d_fours_${taps}_params *p,
                                          const int8_t *input, int8_t *output, void *scratch)
{
    const int8_t *pixels[$taps];
    memset(scratch, p->input_zero_point, (size_t)p->input_channels);
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                depthwise_conv_2d_fours_${taps}_find(
                    p, input, y * p->stride_height - p->pad_top,
                    x * p->stride_width - p->pad_left, (const int8_t *)scratch, pixels);
                depthwise_conv_2d_fours_${taps}_pixel(p, pixels, output);
                output += p->input_channels;
            }
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
