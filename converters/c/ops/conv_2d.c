#include "clamp.h"
#include "${dot}.h"
#include "${requantize}.h"

typedef struct {
    const int8_t *weights; /* [group][channel][kernel row][kernel column][input channel] */
    const $total *bias;   /* less input_zero_point * sum of the channel's weights */
    const int32_t *multiplier;
    const int8_t *shift;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_height;
    int32_t output_width;
    int32_t groups;
    int32_t group_inputs;
    int32_t group_outputs;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t run_length; /* weights that lie beside each other in the input too */
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

/* A kernel that lies within the input: whole runs, without a look at the border. */
static $total ${function}_inside(const ${function}_params *p, const $element *corner, const int8_t *weights)
{
    const int32_t row_length = p->kernel_width * p->group_inputs;
    const int32_t row_step = p->dilation_height * p->input_width * p->input_channels;
    const int32_t run_step = p->dilation_width * p->input_channels;
    $total sum = 0;
    for (int32_t y = 0; y < p->kernel_height; y++) {
        const $element *run = corner;
        for (int32_t done = 0; done < row_length; done += p->run_length) {
            sum += ${dot}(run, weights, p->run_length);
            run += run_step;
            weights += p->run_length;
        }
        corner += row_step;
    }
    return sum;
}

/* A kernel that reaches over the border, where every value is the input's zero point. */
static $total ${function}_border(const ${function}_params *p, const $element *input, int32_t top,
                              int32_t left, const int8_t *weights)
{
    $total sum = 0;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = top + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = left + kx * p->dilation_width;
            if (y >= 0 && y < p->input_height && x >= 0 && x < p->input_width) {
                const $element *pixel = input + (y * p->input_width + x) * p->input_channels;
                sum += ${dot}(pixel, weights, p->group_inputs);
            } else {
                for (int32_t i = 0; i < p->group_inputs; i++) {
                    sum += p->input_zero_point * weights[i];
                }
            }
            weights += p->group_inputs;
        }
    }
    return sum;
}

static void ${function}_pixel(const ${function}_params *p, const $element *input, int32_t top, int32_t left,
                          $element *output)
{
    const int32_t kernel_size = p->kernel_height * p->kernel_width * p->group_inputs;
    const int32_t bottom = top + (p->kernel_height - 1) * p->dilation_height;
    const int32_t right = left + (p->kernel_width - 1) * p->dilation_width;
    const int is_inside =
        top >= 0 && left >= 0 && bottom < p->input_height && right < p->input_width;
    const int8_t *weights = p->weights;
    int32_t channel = 0;
    for (int32_t group = 0; group < p->groups; group++) {
        const $element *first = input + group * p->group_inputs;
        for (int32_t i = 0; i < p->group_outputs; i++) {
            $total sum = p->bias[channel];
            if (is_inside) {
                sum += ${function}_inside(p, first + (top * p->input_width + left) * p->input_channels,
                                      weights);
            } else {
                sum += ${function}_border(p, first, top, left, weights);
            }
            const int32_t value =
                ${requantize}(sum, p->multiplier[channel], p->shift[channel]);
            output[channel] =
                ($element)clamp(value + p->output_zero_point, p->output_low, p->output_high);
            weights += kernel_size;
            channel++;
        }
    }
}

static void $function(const ${function}_params *p, const $element *input, $element *output)
{
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                ${function}_pixel(p, input, y * p->stride_height - p->pad_top,
                              x * p->stride_width - p->pad_left, output);
                output += p->groups * p->group_outputs;
            }
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
