#include "mve_saturate.h"
#include "mve_scales.h"

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
