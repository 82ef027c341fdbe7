#include "clamp.h"
#include "${requantize}.h"

typedef struct {
    const int8_t *weights; /* [output channel][kernel row][kernel column][input channel] */
    const $total *bias;
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_height;
    int32_t output_width;
    int32_t output_channels;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} ${function}_params;

/* What the inputs that reach an output's place add up to for one channel. */
static $total ${function}_sum(const ${function}_params *p, const $element *input, int32_t top,
                              int32_t left, const int8_t *weights)
{
    $total sum = 0;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = (top - ky) / p->stride_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = (left - kx) / p->stride_width;
            if (top >= ky && left >= kx && y * p->stride_height == top - ky &&
                x * p->stride_width == left - kx && y < p->input_height && x < p->input_width) {
                const $element *pixel = input + (y * p->input_width + x) * p->input_channels;
                for (int32_t i = 0; i < p->input_channels; i++) {
                    sum += ($total)(pixel[i] - p->input_zero_point) * weights[i];
                }
            }
            weights += p->input_channels;
        }
    }
    return sum;
}

static void $function(const ${function}_params *p, const $element *input, $element *output)
{
    const int32_t kernel_size = p->kernel_height * p->kernel_width * p->input_channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                for (int32_t channel = 0; channel < p->output_channels; channel++) {
                    const $total sum =
                        p->bias[channel] + ${function}_sum(p, input, y + p->pad_top,
                                                           x + p->pad_left,
                                                           p->weights + channel * kernel_size);
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
