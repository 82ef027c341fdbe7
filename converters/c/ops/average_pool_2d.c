#include "clamp.h"

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels;
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t output_low;
    int32_t output_high;
} ${function}_params;

/* The mean, halves away from zero, of what of the window lies within the input. */
static void ${function}_pixel(const ${function}_params *p, const $element *input, int32_t top,
                                  int32_t left, $element *output)
{
    const int32_t first_y = top > 0 ? top : 0;
    const int32_t first_x = left > 0 ? left : 0;
    const int32_t end_y = clamp(top + p->kernel_height, 0, p->input_height);
    const int32_t end_x = clamp(left + p->kernel_width, 0, p->input_width);
    const int32_t count = (end_y - first_y) * (end_x - first_x);
    for (int32_t channel = 0; channel < p->channels; channel++) {
        int32_t sum = 0;
        for (int32_t y = first_y; y < end_y; y++) {
            const $element *value = input + (y * p->input_width + first_x) * p->channels + channel;
            for (int32_t x = first_x; x < end_x; x++) {
                sum += *value;
                value += p->channels;
            }
        }
        sum = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
        output[channel] = ($element)clamp(sum, p->output_low, p->output_high);
    }
}

static void $function(const ${function}_params *p, const $element *input, $element *output)
{
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                ${function}_pixel(p, input, y * p->stride_height - p->pad_top,
                                      x * p->stride_width - p->pad_left, output);
                output += p->channels;
            }
        }
        input += p->input_height * p->input_width * p->channels;
    }
}
