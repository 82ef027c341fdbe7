#include <arm_mve.h>

/* What values less their zero point add to a sum, times 2^20, of the input with the greater
   scale. */
static inline int32x4_t mve_addend_halved(int32x4_t values, int32_t multiplier, int32_t shift)
{
    (void)multiplier;
    (void)shift;
    return vshlq_n_s32(values, 19);
}
