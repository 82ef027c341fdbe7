#include "mve_clamp.h"
#include "mve_scales.h"

/* Sums requantized by shifts to either side, and clamped to any range. */
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
