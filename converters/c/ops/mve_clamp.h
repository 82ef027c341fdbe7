#include <arm_mve.h>

static inline int32x4_t mve_clamp(int32x4_t values, int32_t zero_point, int32_t low, int32_t high)
{
    values = vaddq_n_s32(values, zero_point);
    return vminq_s32(vmaxq_s32(values, vdupq_n_s32(low)), vdupq_n_s32(high));
}
