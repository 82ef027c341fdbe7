#include <arm_mve.h>

/* Values saturated to int8, in the lowest byte of each lane. */
static inline int32x4_t mve_saturate(int32x4_t values)
{
    __asm__("vqmovnb.s32 %q0, %q0\n\t"
            "vqmovnb.s16 %q0, %q0"
            : "+w"(values));
    return values;
}
