#include "mve_saturate.h"
#include "mve_scales.h"

/* Sums requantized, with halves away from zero, and saturated to int8. Every shift is to the right,
   by 1 or more. */
static inline int32x4_t mve_finish_linear(int32x4_t sums, mve_scales scales, int32_t zero_point,
                                          int32_t low, int32_t high)
{
    (void)low;
    (void)high;
    int32x4_t product = vqrdmulhq_s32(vaddq_s32(sums, scales.bias), scales.multiplier);
    product = vaddq_s32(product, vshrq_n_s32(product, 31));
    return mve_saturate(vaddq_n_s32(vrshlq_s32(product, scales.shift), zero_point));
}
