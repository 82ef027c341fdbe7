#include <string.h>
#include "clamp.h"
#include "requantize.h"

/* Four bytes from any address. */
static inline uint32_t dsp_load(const int8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Bytes 0 and 2 of a word as two halves, with their signs. */
static inline uint32_t dsp_even_bytes(uint32_t word)
{
    uint32_t halves;
    __asm__("sxtb16 %0, %1" : "=r"(halves) : "r"(word));
    return halves;
}

/* Bytes 1 and 3 of a word as two halves, with their signs. */
static inline uint32_t dsp_odd_bytes(uint32_t word)
{
    uint32_t halves;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(word));
    return halves;
}

/* sum + the products of lower and of upper halves. */
static inline int32_t dsp_dual_mac(uint32_t a, uint32_t b, int32_t sum)
{
    __asm__("smlad %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(sum));
    return sum;
}

/* sum + the product of an upper half by a lower half. */
static inline int32_t dsp_top_mac(uint32_t a, uint32_t b, int32_t sum)
{
    __asm__("smlatb %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(sum));
    return sum;
}

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

/* A doubled value by a multiplier, then shifted to the right, 1 to 31, with halves away from 0. */
static inline int32_t dsp_scale(int32_t doubled, int32_t multiplier, int32_t shift)
{
    int32_t value;
    __asm__("smmulr %0, %1, %2\n\t"
            "add %0, %0, %0, asr #31\n\t"
            "asrs %0, %0, %3\n\t"
            "adc %0, %0, #0"
            : "=&r"(value)
            : "r"(doubled), "r"(multiplier), "r"(shift)
            : "cc");
    return value;
}

/* What a value less its zero point adds to a sum, times 2^20: of the input with the greater scale,
   which is halved, and of any other one. */
static inline int32_t dsp_addend_halved(int32_t value, int32_t multiplier, int32_t shift)
{
    (void)multiplier;
    (void)shift;
    return value * (1 << 19);
}

static inline int32_t dsp_addend_scaled(int32_t value, int32_t multiplier, int32_t shift)
{
    return dsp_scale(value * (1 << 21), multiplier, shift);
}

/* A doubled sum requantized by a channel's multiplier and by its shift to the right, 1 to 31, in
   the low byte of a word, and saturated to int8. The carry of the shift rounds halves up; where a
   ReLU makes all below the zero point equal, it does not matter that those should go down. */
static inline int32_t dsp_finish_relu(int32_t doubled, int32_t multiplier, int32_t shift,
                                      int32_t zero_point, int32_t low, int32_t high)
{
    int32_t value;
    (void)low;
    (void)high;
    __asm__("smmulr %0, %1, %2\n\t"
            "asrs %0, %0, %3\n\t"
            "adc %0, %0, %4\n\t"
            "ssat %0, #8, %0"
            : "=&r"(value)
            : "r"(doubled), "r"(multiplier), "r"(shift), "r"(zero_point)
            : "cc");
    return value;
}

/* The same with halves away from zero. */
static inline int32_t dsp_finish_linear(int32_t doubled, int32_t multiplier, int32_t shift,
                                        int32_t zero_point, int32_t low, int32_t high)
{
    int32_t value;
    (void)low;
    (void)high;
    __asm__("smmulr %0, %1, %2\n\t"
            "add %0, %0, %0, asr #31\n\t"
            "asrs %0, %0, %3\n\t"
            "adc %0, %0, %4\n\t"
            "ssat %0, #8, %0"
            : "=&r"(value)
            : "r"(doubled), "r"(multiplier), "r"(shift), "r"(zero_point)
            : "cc");
    return value;
}

/* The same with shifts to either side and any range of the output. */
static inline int32_t dsp_finish_any(int32_t doubled, int32_t multiplier, int32_t shift,
                                     int32_t zero_point, int32_t low, int32_t high)
{
    const int32_t value = requantize(doubled >> 1, multiplier, -(int8_t)shift);
    return clamp(value + zero_point, low, high);
}
