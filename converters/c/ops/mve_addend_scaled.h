#include "mve_scale_uniform.h"

/* What values less their zero point add to a sum, times 2^20, of an input with a smaller scale. */
static inline int32x4_t mve_addend_scaled(int32x4_t values, int32_t multiplier, int32_t shift)
{
    return mve_scale_uniform(vshlq_n_s32(values, 20), multiplier, shift);
}
