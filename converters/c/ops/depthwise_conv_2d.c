#include "clamp.h"
#include "${requantize}.h"

typedef struct {
    const int8_t *weights; /* [kernel row][kernel column][output channel] */
    const $total *bias;   /* less input_zero_point * sum of the channel's weights */
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_height;
    int32_t output_width;
    int32_t depth_multiplier;
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
} ${function}_params;

/* One channel; outside the input, every value is the input's zero point. */
static $total ${function}_sum(const ${function}_params *p, const $element *input,
                                     int32_t top, int32_t left, const int8_t *weights)
{
    const int32_t output_channels = p->input_channels * p->depth_multiplier;
    $total sum = 0;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = top + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = left + kx * p->dilation_width;
            int32_t value = p->input_zero_point;
            if (y >= 0 && y < p->input_height && x >= 0 && x < p->input_width) {
                value = input[(y * p->input_width + x) * p->input_channels];
            }
            sum += ($total)value * *weights;
            weights += output_channels;
        }
    }
    return sum;
}

static void $function(const ${function}_params *p, const $element *input,
                              $element *output)
{
    const int32_t output_channels = p->input_channels * p->depth_multiplier;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                for (int32_t channel = 0; channel < output_channels; channel++) {
                    $total sum = p->bias[channel];
                    sum += ${function}_sum(p, input + channel / p->depth_multiplier,
                                                 y * p->stride_height - p->pad_top,
                                                 x * p->stride_width - p->pad_left,
                                                 p->weights + channel);
                    const int32_t value =
                        ${requantize}(sum, p->multiplier[channel], p->shift[channel]);
                    *output++ =
                        ($element)clamp(value + p->output_zero_point, p->output_low, p->output_high);
                }
            }
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
