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
} max_pool_2d_params;

/* The greatest of what of the window lies within the input. */
static void max_pool_2d_pixel(const max_pool_2d_params *p, const int8_t *input, int32_t top,
                              int32_t left, int8_t *output)
{
    const int32_t first_y = top > 0 ? top : 0;
    const int32_t first_x = left > 0 ? left : 0;
    const int32_t end_y = clamp(top + p->kernel_height, 0, p->input_height);
    const int32_t end_x = clamp(left + p->kernel_width, 0, p->input_width);
    for (int32_t channel = 0; channel < p->channels; channel++) {
        int32_t greatest = INT8_MIN;
        for (int32_t y = first_y; y < end_y; y++) {
            const int8_t *value = input + (y * p->input_width + first_x) * p->channels + channel;
            for (int32_t x = first_x; x < end_x; x++) {
                greatest = *value > greatest ? *value : greatest;
                value += p->channels;
            }
        }
        output[channel] = (int8_t)clamp(greatest, p->output_low, p->output_high);
    }
}

static void max_pool_2d(const max_pool_2d_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                max_pool_2d_pixel(p, input, y * p->stride_height - p->pad_top,
                                      x * p->stride_width - p->pad_left, output);
                output += p->channels;
            }
        }
        input += p->input_height * p->input_width * p->channels;
    }
}
