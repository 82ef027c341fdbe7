#include <arm_mve.h>
#include "clamp.h"

/* What four channels need beside their sums, in nine words: biases, multipliers, and the shifts in
   the bytes of the last. */
typedef struct {
    int32x4_t bias;
    int32x4_t multiplier;
    int32x4_t shift;
} mve_scales;

static inline mve_scales mve_load_scales(const int32_t *words)
{
    mve_scales scales;
    scales.bias = vld1q_s32(words);
    scales.multiplier = vld1q_s32(words + 4);
    scales.shift = vldrbq_s32((const int8_t *)(words + 8));
    return scales;
}

/* Values saturated to int8, in the lowest byte of each lane. */
static inline int32x4_t mve_saturate(int32x4_t values)
{
    __asm__("vqmovnb.s32 %q0, %q0\n\t"
            "vqmovnb.s16 %q0, %q0"
            : "+w"(values));
    return values;
}

/* Sums requantized and saturated to int8. Every shift is to the right, by 1 or more. Halves go up;
   where a ReLU makes all below the zero point equal, those need not go down. */
static inline int32x4_t mve_finish_relu(int32x4_t sums, mve_scales scales, int32_t zero_point,
                                        int32_t low, int32_t high)
{
    (void)low;
    (void)high;
    const int32x4_t product = vqrdmulhq_s32(vaddq_s32(sums, scales.bias), scales.multiplier);
    return mve_saturate(vaddq_n_s32(vrshlq_s32(product, scales.shift), zero_point));
}

/* The same with halves away from zero. */
static inline int32x4_t mve_finish_linear(int32x4_t sums, mve_scales scales, int32_t zero_point,
                                          int32_t low, int32_t high)
{
    (void)low;
    (void)high;
    int32x4_t product = vqrdmulhq_s32(vaddq_s32(sums, scales.bias), scales.multiplier);
    product = vaddq_s32(product, vshrq_n_s32(product, 31));
    return mve_saturate(vaddq_n_s32(vrshlq_s32(product, scales.shift), zero_point));
}

static inline int32x4_t mve_clamp(int32x4_t values, int32_t zero_point, int32_t low, int32_t high)
{
    values = vaddq_n_s32(values, zero_point);
    return vminq_s32(vmaxq_s32(values, vdupq_n_s32(low)), vdupq_n_s32(high));
}

/* The same with shifts to either side and any range of the output. */
static inline int32x4_t mve_finish_any(int32x4_t sums, mve_scales scales, int32_t zero_point,
                                       int32_t low, int32_t high)
{
    const int32x4_t zero = vdupq_n_s32(0);
    const int32x4_t left = vmaxq_s32(scales.shift, zero);
    const int32x4_t right = vminq_s32(scales.shift, zero);
    const int32x4_t shifted = vshlq_s32(vaddq_s32(sums, scales.bias), left);
    const int32x4_t product = vqrdmulhq_s32(shifted, scales.multiplier);
    const int32x4_t below = vshrq_n_s32(vandq_s32(product, right), 31);
    return mve_clamp(vrshlq_s32(vaddq_s32(product, below), right), zero_point, low, high);
}

/* Stores up to four values as bytes. */
static inline void mve_store(int8_t *output, int32x4_t values, int32_t count)
{
    if (count >= 4) {
        vstrbq_s32(output, values);
    } else {
        vstrbq_p_s32(output, values, vctp32q((uint32_t)count));
    }
}

/* Copies bytes that do not overlap; returns the end of the copy. */
static inline int8_t *mve_copy(int8_t *target, const int8_t *source, int32_t count)
{
    int8_t *const end = target + count;
    __asm__ volatile("wlstp.8 lr, %[count], 2f\n\t"
                     "1:\n\t"
                     "vldrb.8 q0, [%[source]], #16\n\t"
                     "vstrb.8 q0, [%[target]], #16\n\t"
                     "letp lr, 1b\n\t"
                     "2:"
                     : [target] "+r"(target), [source] "+r"(source)
                     : [count] "r"(count)
                     : "lr", "q0", "memory");
    return end;
}

/* Repeats a byte; returns the end. */
static inline int8_t *mve_repeat(int8_t *target, int32_t value, int32_t count)
{
    int8_t *const end = target + count;
    __asm__ volatile("vdup.8 q0, %[value]\n\t"
                     "wlstp.8 lr, %[count], 2f\n\t"
                     "1:\n\t"
                     "vstrb.8 q0, [%[target]], #16\n\t"
                     "letp lr, 1b\n\t"
                     "2:"
                     : [target] "+r"(target)
                     : [count] "r"(count), [value] "r"(value)
                     : "lr", "q0", "memory");
    return end;
}

/* Values by one multiplier, then shifted to the right, 1 to 31, with halves away from 0. */
static inline int32x4_t mve_scale_uniform(int32x4_t values, int32_t multiplier, int32_t shift)
{
    const int32x4_t high = vqrdmulhq_n_s32(values, multiplier);
    return vrshlq_n_s32(vaddq_s32(high, vshrq_n_s32(high, 31)), shift);
}

/* What values less their zero point add to a sum, times 2^20: of the input with the greater scale,
   which is halved, and of any other one. */
static inline int32x4_t mve_addend_halved(int32x4_t values, int32_t multiplier, int32_t shift)
{
    (void)multiplier;
    (void)shift;
    return vshlq_n_s32(values, 19);
}

static inline int32x4_t mve_addend_scaled(int32x4_t values, int32_t multiplier, int32_t shift)
{
    return mve_scale_uniform(vshlq_n_s32(values, 20), multiplier, shift);
}
