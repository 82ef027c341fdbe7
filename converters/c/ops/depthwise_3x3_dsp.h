#include "dsp_bytes.h"
#include "dsp_load.h"

/* Twice each half. */
static inline uint32_t dsp_doubled(uint32_t halves)
{
    __asm__("sadd16 %0, %1, %1" : "=r"(halves) : "r"(halves));
    return halves;
}

/* The upper half of one word above that of another. */
static inline uint32_t dsp_join(uint32_t upper, uint32_t lower)
{
    uint32_t word;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(word) : "r"(upper), "r"(lower));
    return word;
}

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

/* Doubled weights of a channel as halves: rows 0 and 2 of each column, and row 1 of columns 0 and 1
   and of column 2. */
typedef struct {
    uint32_t outer0;
    uint32_t outer1;
    uint32_t outer2;
    uint32_t inner01;
    uint32_t inner2;
} depthwise_3x3_dsp_taps;

static inline depthwise_3x3_dsp_taps depthwise_3x3_dsp_unpack(const uint32_t *weights)
{
    const uint32_t inner0 = dsp_odd_bytes(weights[0]) & 0xffffu;
    depthwise_3x3_dsp_taps taps;
    taps.outer0 = dsp_doubled(dsp_even_bytes(weights[0]));
    taps.outer1 = dsp_doubled(dsp_even_bytes(weights[1]));
    taps.outer2 = dsp_doubled(dsp_even_bytes(weights[2]));
    taps.inner01 = dsp_doubled(inner0 | dsp_odd_bytes(weights[1]) << 16);
    taps.inner2 = dsp_doubled(dsp_odd_bytes(weights[2]));
    return taps;
}

/* A column, by its distance from r0, in the even and odd bytes of which rows alternate: the first
   row of the output, r5, takes 0, 1, 2 of them and the second, r6, takes 1, 2, 3. */
#define DEPTHWISE_3X3_DSP_COLUMN(load, outer, inner, half, from0, from1) \
    load                                                                 \
    "sxtb16 r4, r3\n\t"                                                  \
    "sxtb16 r3, r3, ror #8\n\t"                                          \
    "smlad r5, r4, " outer ", " from0 "\n\t"                             \
    "smlad r6, r3, " outer ", " from1 "\n\t"                             \
    "smlab" half " r5, r3, " inner ", r5\n\t"                            \
    "smlat" half " r6, r4, " inner ", r6\n\t"

/* Doubled sums, of as many pixels of both rows as r2 says. */
#define DEPTHWISE_3X3_DSP_SUMS(step)                                                             \
    "1:\n\t" DEPTHWISE_3X3_DSP_COLUMN("ldr r3, [r0], #" step "\n\t", "r8", "r11", "b", "lr", "lr") \
    DEPTHWISE_3X3_DSP_COLUMN("ldr r3, [r0, #4 - " step "]\n\t", "r9", "r11", "t", "r5", "r6")     \
    DEPTHWISE_3X3_DSP_COLUMN("ldr r3, [r0, #8 - " step "]\n\t", "r10", "r12", "b", "r5", "r6")    \
    "strd r5, r6, [r1], #8\n\t"                                                                  \
    "subs r2, r2, #1\n\t"                                                                        \
    "bne 1b"

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
    const int8_t *row0 = is_inside0 ? input + y * row_bytes : (const int8_t *)&padding;
    const int8_t *row1 = is_inside1 ? input + (y + 1) * row_bytes : (const int8_t *)&padding;
    const int32_t step0 = is_inside0 ? 4 : 0;
    const int32_t step1 = is_inside1 ? 4 : 0;
    const int32_t columns = p->columns;
    const int32_t fours = p->input_channels / 4;
    for (int32_t x = 0; x < width; x++) {
        uint32_t *word = window + x + p->pad_left;
        for (int32_t left = fours; left > 0; left--) {
            word = depthwise_3x3_dsp_push(dsp_load(row0), dsp_load(row1), word, columns);
            row0 += step0;
            row1 += step1;
        }
    }
}
