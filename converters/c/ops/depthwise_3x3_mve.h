#include <arm_mve.h>
#include "mve_repeat.h"

typedef struct {
    const int8_t *weights; /* [channel][4 kernel columns][4 rows]; the fourths are 0 */
    const int32_t *scales; /* [4 channels][9], see mve_scales */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels; /* a multiple of 8 */
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
} depthwise_3x3_mve_params;

/* Two rows of the input join the window, a word of which has four rows of one column of one
   channel: the upper two bytes of all words go down, and the new rows come above them. The border
   keeps its padding. */
static void depthwise_3x3_mve_push(const depthwise_3x3_mve_params *p, const int8_t *input,
                                   int32_t y, int8_t *window)
{
    const uint16x8_t padding = vdupq_n_u16((uint16_t)(p->input_zero_point & 0xff));
    const uint16x8_t steps = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)(4 * p->columns));
    const int32_t columns = p->columns;
    const int32_t channels = p->input_channels;
    const int is_inside0 = y >= 0 && y < p->input_height;
    const int is_inside1 = y + 1 >= 0 && y + 1 < p->input_height;
    const int32_t row_bytes = p->input_width * p->input_channels;
    const int32_t reached = columns - p->pad_left;
    const int32_t width = p->input_width < reached ? p->input_width : reached;
    const uint8_t *row0 = (const uint8_t *)input + (is_inside0 ? y * row_bytes : 0);
    const uint8_t *row1 = (const uint8_t *)input + (is_inside1 ? (y + 1) * row_bytes : 0);
    uint16_t *half = (uint16_t *)window;
    uint16_t *const end = half + 2 * p->columns * p->input_channels;
    while (half != end) {
        vst1q_u16(half, vrev32q_u16(vld1q_u16(half)));
        vst1q_u16(half + 8, vrev32q_u16(vld1q_u16(half + 8)));
        half += 16;
    }
    for (int32_t x = 0; x < width; x++) {
        uint16_t *upper_half = (uint16_t *)window + 2 * (p->pad_left + x) + 1;
        for (int32_t channel = 0; channel < channels; channel += 8) {
            const uint16x8_t upper = is_inside0 ? vldrbq_u16(row0) : padding;
            const uint16x8_t lower = is_inside1 ? vldrbq_u16(row1) : padding;
            vstrhq_scatter_offset_u16(upper_half, steps, vsliq_n_u16(upper, lower, 8));
            upper_half += 16 * columns;
            row0 += 8;
            row1 += 8;
        }
    }
}

/* What three columns of two channels, two lanes apart, add up to in two rows: of the four bytes of
   a column, the first row takes 0, 1, 2 and the second 1, 2, 3. */
#define DEPTHWISE_3X3_MVE_DOT(upper_lane, lower_lane, window0, window1, weights0, weights1, step) \
    __asm__ volatile("vldrw.32 q0, [%[pixel0]], #" step "\n\t"                                     \
                     "vldrw.32 q1, [%[pixel1]], #" step "\n\t"                                     \
                     "vmladav.s8 r0, q0, %q[packed0]\n\t"                                   \
                     "vshr.u32 q0, q0, #8\n\t"                                              \
                     "vmladav.s8 r2, q1, %q[packed1]\n\t"                                   \
                     "vshr.u32 q1, q1, #8\n\t"                                              \
                     "vmladav.s8 r4, q0, %q[packed0]\n\t"                                   \
                     "vmladav.s8 r6, q1, %q[packed1]\n\t"                                   \
                     "vmov %q[first]" upper_lane ", %q[first]" lower_lane ", r0, r2\n\t"    \
                     "vmov %q[second]" upper_lane ", %q[second]" lower_lane ", r4, r6"      \
                     : [pixel0] "+r"(window0), [pixel1] "+r"(window1), [first] "+w"(first), \
                       [second] "+w"(second)                                                \
                     : [packed0] "w"(weights0), [packed1] "w"(weights1)                     \
                     : "r0", "r2", "r4", "r6", "q0", "q1", "memory")
