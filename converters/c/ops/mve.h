#include <arm_mve.h>
#include "clamp.h"

/* Four values as a vector. */
static inline int32x4_t mve_join(int32_t a, int32_t b, int32_t c, int32_t d)
{
    int32x4_t joined;
    __asm__("vmov %q0[2], %q0[0], %1, %3\n\t"
            "vmov %q0[3], %q0[1], %2, %4"
            : "=&w"(joined)
            : "r"(a), "r"(b), "r"(c), "r"(d));
    return joined;
}

/* Requantization of the sums of four channels. Halves go up, and those below zero do not matter,
   where a ReLU makes them 0; every shift is to the right, by 1 or more. */
static inline int32x4_t mve_scale_relu(int32x4_t sums, int32x4_t multiplier, int32x4_t shift)
{
    return vrshlq_s32(vqrdmulhq_s32(sums, multiplier), shift);
}

/* The same with halves away from zero. */
static inline int32x4_t mve_scale_linear(int32x4_t sums, int32x4_t multiplier, int32x4_t shift)
{
    const int32x4_t high = vqrdmulhq_s32(sums, multiplier);
    return vrshlq_s32(vaddq_s32(high, vshrq_n_s32(high, 31)), shift);
}

/* The same with shifts to either side. */
static inline int32x4_t mve_scale_any(int32x4_t sums, int32x4_t multiplier, int32x4_t shift)
{
    const int32x4_t zero = vdupq_n_s32(0);
    const int32x4_t right = vminq_s32(shift, zero);
    const int32x4_t high =
        vqrdmulhq_s32(vshlq_s32(sums, vmaxq_s32(shift, zero)), multiplier);
    const int32x4_t below = vshrq_n_s32(vandq_s32(high, right), 31);
    return vrshlq_s32(vaddq_s32(high, below), right);
}

static inline int32x4_t mve_clamp(int32x4_t values, int32_t zero_point, int32_t low, int32_t high)
{
    values = vaddq_n_s32(values, zero_point);
    return vminq_s32(vmaxq_s32(values, vdupq_n_s32(low)), vdupq_n_s32(high));
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
