#include <string.h>
#include "clamp.h"
#include "requantize.h"

typedef struct {
    const int8_t *weights; /* [4 channels][kernel row][kernel column][input channel][channel] */
    const int32_t *bias;   /* less input_zero_point * sum of the channel's weights */
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
    int32_t runs;       /* of a kernel's row: pixels that lie beside each other */
    int32_t run_pixels;
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
} conv_2d_fours_params;

/* The values under a kernel; what lies outside the input is its zero point. */
static void conv_2d_fours_column(const conv_2d_fours_params *p, const int8_t *input, int32_t top,
                                 int32_t left, int8_t *column)
{
    const int32_t channels = p->input_channels;
    const int32_t run_bytes = p->run_pixels * channels;
    const int32_t row_bytes = p->input_width * channels;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = top + ky * p->dilation_height;
        const int is_outside = y < 0 || y >= p->input_height;
        for (int32_t run = 0; run < p->runs; run++) {
            const int32_t x = left + run * p->dilation_width;
            const int32_t before = is_outside ? p->run_pixels : clamp(-x, 0, p->run_pixels);
            const int32_t after =
                clamp(x + p->run_pixels - p->input_width, 0, p->run_pixels - before);
            const int32_t inside_bytes = run_bytes - (before + after) * channels;
            if (inside_bytes != run_bytes) {
                memset(column, p->input_zero_point, (size_t)run_bytes);
            }
            if (inside_bytes > 0) {
                memcpy(column + before * channels, input + y * row_bytes + (x + before) * channels,
                       (size_t)inside_bytes);
            }
            column += run_bytes;
        }
    }
}

/* Two pixels, whose columns lie behind each other, by all channels, four at a time. */
static void conv_2d_fours_pixels(const conv_2d_fours_params *p, const int8_t *columns,
                                 int8_t *outputs[2])
{
    const int32_t count = p->kernel_height * p->runs * p->run_pixels * p->input_channels;
    const int8_t *weights = p->weights;
    for (int32_t channel = 0; channel < p->output_channels; channel += 4) {
        const int8_t *const end = columns + count;
        int32_t a0 = 0, a1 = 0, a2 = 0, a3 = 0;
        int32_t b0 = 0, b1 = 0, b2 = 0, b3 = 0;
        for (const int8_t *value = columns; value != end; value++) {
            const int32_t a = value[0];
            const int32_t b = value[count];
            int32_t weight = weights[0];
            a0 += a * weight;
            b0 += b * weight;
            weight = weights[1];
            a1 += a * weight;
            b1 += b * weight;
            weight = weights[2];
            a2 += a * weight;
            b2 += b * weight;
            weight = weights[3];
            a3 += a * weight;
            b3 += b * weight;
            weights += 4;
        }
        const int32_t sums[2][4] = {{a0, a1, a2, a3}, {b0, b1, b2, b3}};
        for (int32_t i = channel; i < channel + 4 && i < p->output_channels; i++) {
            for (int32_t pixel = 0; pixel < 2; pixel++) {
                const int32_t value = requantize(sums[pixel][i - channel] + p->bias[i],
                                                 p->multiplier[i], p->shift[i]);
                outputs[pixel][i] =
                    (int8_t)clamp(value + p->output_zero_point, p->output_low, p->output_high);
            }
        }
    }
}

static void conv_2d_fours(const conv_2d_fours_params *p, const int8_t *input, int8_t *output,
                          void *scratch)
{
    int8_t *const columns = (int8_t *)scratch;
    const int32_t count = p->kernel_height * p->runs * p->run_pixels * p->input_channels;
    const int32_t pixels = p->output_height * p->output_width;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        int32_t y = 0;
        int32_t x = 0;
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            int8_t *outputs[2];
            for (int32_t i = 0; i < 2; i++) {
                conv_2d_fours_column(p, input, y * p->stride_height - p->pad_top,
                                     x * p->stride_width - p->pad_left, columns + i * count);
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
            conv_2d_fours_pixels(p, columns, outputs);
        }
        input += p->input_height * p->input_width * p->input_channels;
        output += p->output_channels;
    }
}
