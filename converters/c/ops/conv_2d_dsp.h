#include "clamp.h"
#include "dsp_load.h"

typedef struct {
    const uint32_t *weights; /* [2 channels][4 inputs: 2 words, see CONV_2D_DSP_QUAD] */
    const int32_t *channels; /* [channel][256 * bias + shift to the right, multiplier] */
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
    int32_t quads;      /* a kernel's values, in fours */
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
} conv_2d_dsp_params;

/* Four values of two pixels by those of two channels: 16 products in 12 instructions. A word of
   weights has in each half 256 * (second channel) + first channel, so that the product with the
   word itself counts for both and the one with its even bytes for the first: of inputs 0 and 2,
   then 1 and 3. r0 and r1 are the sums of the first channel, r2 and r3 those of both. */
#define CONV_2D_DSP_QUAD                   \
    "ldrd r9, r10, [r11], #8\n\t"          \
    "ldmia r12!, {r4, r5, r6, r8}\n\t"     \
    "smlad r2, r4, r9, r2\n\t"             \
    "smlad r3, r5, r9, r3\n\t"             \
    "sxtb16 r9, r9\n\t"                    \
    "smlad r0, r4, r9, r0\n\t"             \
    "smlad r1, r5, r9, r1\n\t"             \
    "smlad r2, r6, r10, r2\n\t"            \
    "smlad r3, r8, r10, r3\n\t"            \
    "sxtb16 r10, r10\n\t"                  \
    "smlad r0, r6, r10, r0\n\t"            \
    "smlad r1, r8, r10, r1\n\t"

/* As many of them as lr says, which may be none. */
#define CONV_2D_DSP_QUADS                                                     \
    "subs lr, lr, #4\n\t"                                                     \
    "blt 2f\n\t"                                                              \
    "1:\n\t" CONV_2D_DSP_QUAD CONV_2D_DSP_QUAD CONV_2D_DSP_QUAD CONV_2D_DSP_QUAD \
    "subs lr, lr, #4\n\t"                                                     \
    "bge 1b\n\t"                                                              \
    "2:\n\t"                                                                  \
    "adds lr, lr, #4\n\t"                                                     \
    "beq 4f\n\t"                                                              \
    "3:\n\t" CONV_2D_DSP_QUAD                                                 \
    "subs lr, lr, #1\n\t"                                                     \
    "bne 3b\n\t"                                                              \
    "4:"

/* What of a run of pixels lies left of the input, within it, and right of it, in bytes. */
typedef struct {
    int32_t before;
    int32_t inside;
    int32_t after;
} conv_2d_dsp_span;

static inline conv_2d_dsp_span conv_2d_dsp_cut(const conv_2d_dsp_params *p, int32_t x)
{
    const int32_t before = clamp(-x, 0, p->run_pixels);
    const int32_t after = clamp(x + p->run_pixels - p->input_width, 0, p->run_pixels - before);
    conv_2d_dsp_span span;
    span.before = before * p->input_channels;
    span.inside = (p->run_pixels - before - after) * p->input_channels;
    span.after = after * p->input_channels;
    return span;
}

/* Four bytes as halves: first the even ones, then the odd ones, each as every second word. */
#define CONV_2D_DSP_WIDEN                      \
    "ldr %[word], [%[values]], #4\n\t"         \
    "sxtb16 %[odd], %[word], ror #8\n\t"       \
    "sxtb16 %[word], %[word]\n\t"              \
    "str %[odd], [%[column], #8]\n\t"          \
    "str %[word], [%[column]], #16\n\t"

/* All whole fours of some bytes. */
static inline uint32_t *conv_2d_dsp_widen(const int8_t *values, int32_t count, uint32_t *column)
{
    uint32_t word, odd;
    __asm__ volatile("subs %[count], %[count], #16\n\t"
                     "blt 2f\n\t"
                     "1:\n\t" CONV_2D_DSP_WIDEN CONV_2D_DSP_WIDEN CONV_2D_DSP_WIDEN
                         CONV_2D_DSP_WIDEN
                     "subs %[count], %[count], #16\n\t"
                     "bge 1b\n\t"
                     "2:\n\t"
                     "adds %[count], %[count], #12\n\t"
                     "blt 4f\n\t"
                     "3:\n\t" CONV_2D_DSP_WIDEN
                     "subs %[count], %[count], #4\n\t"
                     "bge 3b\n\t"
                     "4:"
                     : [values] "+r"(values), [column] "+r"(column), [count] "+r"(count),
                       [word] "=&r"(word), [odd] "=&r"(odd)
                     :
                     : "cc", "memory");
    return column;
}

static inline uint32_t *conv_2d_dsp_repeat(int32_t value, int32_t count, uint32_t *column)
{
    const uint32_t halves = (uint32_t)value << 16 | ((uint32_t)value & 0xffffu);
    for (; count > 0; count -= 4) {
        column[0] = halves;
        column[2] = halves;
        column += 4;
    }
    return column;
}

/* Bytes of short runs: the barriers keep compilers from calling memset and memcpy. */
static inline int8_t *conv_2d_dsp_repeat_bytes(int32_t value, int32_t count, int8_t *byte)
{
    for (; count > 0; count--) {
        *byte++ = (int8_t)value;
        __asm__ volatile("" ::: "memory");
    }
    return byte;
}

static inline int8_t *conv_2d_dsp_copy_bytes(const int8_t *values, int32_t count, int8_t *byte)
{
    for (; count >= 4; count -= 4) {
        const uint32_t word = dsp_load(values);
        memcpy(byte, &word, sizeof word);
        __asm__ volatile("" ::: "memory");
        values += 4;
        byte += 4;
    }
    for (; count > 0; count--) {
        *byte++ = *values++;
        __asm__ volatile("" ::: "memory");
    }
    return byte;
}

/* The values under a kernel, as every second word from `column`; `values` is its corner's row in
   the input. Where channels do not come in fours, they are gathered in `bytes` first. */
static void conv_2d_dsp_column(const conv_2d_dsp_params *p, const int8_t *input, int32_t top,
                               int32_t left, uint32_t *column, int8_t *bytes)
{
    const int32_t run_bytes = p->run_pixels * p->input_channels;
    const int32_t row_bytes = p->input_width * p->input_channels;
    const int is_gathered = p->input_channels % 4 != 0;
    for (int32_t run = 0; run < p->runs; run++) {
        const int32_t x = left + run * p->dilation_width;
        const conv_2d_dsp_span span = conv_2d_dsp_cut(p, x);
        const int8_t *row = input + (span.inside > 0 && x > 0 ? x : 0) * p->input_channels;
        int32_t target = run * run_bytes;
        int32_t y = top;
        for (int32_t ky = 0; ky < p->kernel_height; ky++) {
            const int is_outside = y < 0 || y >= p->input_height;
            const int8_t *values = row + (is_outside ? 0 : y * row_bytes);
            const int32_t before = is_outside ? run_bytes : span.before;
            const int32_t inside = is_outside ? 0 : span.inside;
            const int32_t after = is_outside ? 0 : span.after;
            if (is_gathered) {
                int8_t *byte = bytes + target;
                byte = conv_2d_dsp_repeat_bytes(p->input_zero_point, before, byte);
                byte = conv_2d_dsp_copy_bytes(values, inside, byte);
                conv_2d_dsp_repeat_bytes(p->input_zero_point, after, byte);
            } else {
                uint32_t *word = column + target;
                word = conv_2d_dsp_repeat(p->input_zero_point, before, word);
                word = conv_2d_dsp_widen(values, inside, word);
                conv_2d_dsp_repeat(p->input_zero_point, after, word);
            }
            target += p->runs * run_bytes;
            y += p->dilation_height;
        }
    }
    if (is_gathered) {
        conv_2d_dsp_widen(bytes, 4 * p->quads, column);
    }
}
