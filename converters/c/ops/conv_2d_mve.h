#include <arm_mve.h>
#include "clamp.h"
#include "mve_copy.h"
#include "mve_repeat.h"
#include "mve_store.h"

typedef struct {
    const int8_t *weights; /* [4 channels][16 inputs][channel][input] */
    const int32_t *scales; /* [4 channels][9], see mve_scales */
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
    int32_t blocks;     /* a kernel's values, in sixteens */
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
} conv_2d_mve_params;

/* Sixteen values of two pixels, from r1 and r3, by those of four channels, from r11: 128 products
   in 14 instructions. */
#define CONV_2D_MVE_BLOCK(mac)     \
    "vldrb.8 q0, [r1], #16\n\t"    \
    "vldrb.8 q2, [r11], #16\n\t"   \
    "vldrb.8 q1, [r3], #16\n\t"    \
    mac ".s8 r0, q0, q2\n\t"       \
    "vldrb.8 q3, [r11], #16\n\t"   \
    mac ".s8 r8, q1, q2\n\t"       \
    mac ".s8 r2, q0, q3\n\t"       \
    "vldrb.8 q2, [r11], #16\n\t"   \
    mac ".s8 r10, q1, q3\n\t"      \
    mac ".s8 r4, q0, q2\n\t"       \
    "vldrb.8 q3, [r11], #16\n\t"   \
    mac ".s8 r12, q1, q2\n\t"      \
    mac ".s8 r6, q0, q3\n\t"       \
    mac ".s8 lr, q1, q3\n\t"

static inline const int8_t *conv_2d_mve_dot(const int8_t *weights, const int8_t *column,
                                            int32_t blocks, int32x4_t *sums0, int32x4_t *sums1)
{
    const int8_t *const next = column + 16 * blocks;
    int32x4_t first, second;
    /* All registers are named, since hardly any is left to choose. */
    register const int8_t *r1 __asm__("r1") = column;
    register const int8_t *r3 __asm__("r3") = next;
    register const int8_t *r11 __asm__("r11") = weights;
    register int32_t r5 __asm__("r5") = blocks;
    __asm__ volatile(CONV_2D_MVE_BLOCK("vmladav")
                     "subs r5, r5, #1\n\t"
                     "beq 2f\n\t"
                     "1:\n\t" CONV_2D_MVE_BLOCK("vmladava")
                     "subs r5, r5, #1\n\t"
                     "bne 1b\n\t"
                     "2:\n\t"
                     "vmov %q[first][2], %q[first][0], r0, r4\n\t"
                     "vmov %q[first][3], %q[first][1], r2, r6\n\t"
                     "vmov %q[second][2], %q[second][0], r8, r12\n\t"
                     "vmov %q[second][3], %q[second][1], r10, lr"
                     : "+r"(r1), "+r"(r3), "+r"(r5), "+r"(r11), [first] "=&w"(first),
                       [second] "=&w"(second)
                     :
                     : "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "q0", "q1", "q2", "q3",
                       "cc", "memory");
    weights = r11;
    *sums0 = first;
    *sums1 = second;
    return weights;
}

/* The values under a kernel; what lies outside the input is its zero point. */
static void conv_2d_mve_column(const conv_2d_mve_params *p, const int8_t *input, int32_t top,
                               int32_t left, int8_t *column)
{
    const int32_t channels = p->input_channels;
    const int32_t run_bytes = p->run_pixels * channels;
    const int32_t row_bytes = p->input_width * channels;
    for (int32_t run = 0; run < p->runs; run++) {
        const int32_t x = left + run * p->dilation_width;
        const int32_t before = clamp(-x, 0, p->run_pixels);
        const int32_t after =
            clamp(x + p->run_pixels - p->input_width, 0, p->run_pixels - before);
        const int32_t inside_bytes = run_bytes - (before + after) * channels;
        const int8_t *const row = input + (inside_bytes > 0 && x > 0 ? x : 0) * channels;
        int8_t *target = column + run * run_bytes;
        int32_t y = top;
        for (int32_t ky = 0; ky < p->kernel_height; ky++) {
            if (y < 0 || y >= p->input_height) {
                mve_repeat(target, p->input_zero_point, run_bytes);
            } else if (inside_bytes == run_bytes) {
                mve_copy(target, row + y * row_bytes, run_bytes);
            } else {
                int8_t *end = mve_repeat(target, p->input_zero_point, before * channels);
                end = mve_copy(end, row + y * row_bytes, inside_bytes);
                mve_repeat(end, p->input_zero_point, after * channels);
            }
            target += p->runs * run_bytes;
            y += p->dilation_height;
        }
    }
}
