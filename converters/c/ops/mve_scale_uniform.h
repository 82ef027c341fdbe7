#include <arm_mve.h>

/* Values by one multiplier, then shifted to the right, 1 to 31, with halves away from 0. */
static inline int32x4_t mve_scale_uniform(int32x4_t values, int32_t multiplier, int32_t shift)
{
    const int32x4_t high = vqrdmulhq_n_s32(values, multiplier);
    return vrshlq_n_s32(vaddq_s32(high, vshrq_n_s32(high, 31)), shift);
}
