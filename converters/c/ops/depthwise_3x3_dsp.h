#include "dsp.h"

typedef struct {
    const uint32_t *weights; /* [channel][kernel column] bytes: rows 0, 1, 2, and 0 */
    const int32_t *channels; /* [channel][256 * bias + shift to the right, multiplier] */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels; /* a multiple of 4 */
    int32_t output_height;
    int32_t output_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t columns; /* of the input that the kernel reaches, with its border */
    int32_t stride_height; /* 1 or 2 */
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} depthwise_3x3_dsp_params;

/* Two rows of four channels join the window: of each word, the upper two bytes go down, and the
   new rows come above them. */
static inline uint32_t *depthwise_3x3_dsp_push(uint32_t upper, uint32_t lower, uint32_t *word,
                                               int32_t columns)
{
    uint32_t even, odd, t;
    __asm__("uxtb16 %[even], %[upper]\n\t"
            "uxtb16 %[t], %[lower]\n\t"
            "orr %[even], %[even], %[t], lsl #8\n\t"
            "uxtb16 %[odd], %[upper], ror #8\n\t"
            "uxtb16 %[t], %[lower], ror #8\n\t"
            "orr %[odd], %[odd], %[t], lsl #8"
            : [even] "=&r"(even), [odd] "=&r"(odd), [t] "=&r"(t)
            : [upper] "r"(upper), [lower] "r"(lower));
    word[0] = word[0] >> 16 | even << 16;
    word += columns;
    word[0] = word[0] >> 16 | odd << 16;
    word += columns;
    word[0] = dsp_join(even, word[0]);
    word += columns;
    word[0] = dsp_join(odd, word[0]);
    return word + columns;
}

static void depthwise_3x3_dsp_rows(const depthwise_3x3_dsp_params *p, const int8_t *input,
                                   int32_t y, uint32_t *window)
{
    const uint32_t padding = (uint32_t)(p->input_zero_point & 0xff) * 0x01010101u;
    const int is_inside0 = y >= 0 && y < p->input_height;
    const int is_inside1 = y + 1 >= 0 && y + 1 < p->input_height;
    const int32_t row_bytes = p->input_width * p->input_channels;
    const int32_t reached = p->columns - p->pad_left;
    const int32_t width = p->input_width < reached ? p->input_width : reached;
    const int8_t *row0 = input + (is_inside0 ? y * row_bytes : 0);
    const int8_t *row1 = input + (is_inside1 ? (y + 1) * row_bytes : 0);
    for (int32_t x = 0; x < width; x++) {
        uint32_t *word = window + x + p->pad_left;
        for (int32_t channel = 0; channel < p->input_channels; channel += 4) {
            const uint32_t upper = is_inside0 ? dsp_load(row0) : padding;
            const uint32_t lower = is_inside1 ? dsp_load(row1) : padding;
            word = depthwise_3x3_dsp_push(upper, lower, word, p->columns);
            row0 += 4;
            row1 += 4;
        }
    }
}
