#include <arm_mve.h>

/* Stores up to four values as bytes. */
static inline void mve_store(int8_t *output, int32x4_t values, int32_t count)
{
    if (count >= 4) {
        vstrbq_s32(output, values);
    } else {
        vstrbq_p_s32(output, values, vctp32q((uint32_t)count));
    }
}
