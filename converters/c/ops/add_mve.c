#include <arm_mve.h>
#include "mve_addend_$first.h"
#include "mve_addend_$second.h"
#include "mve_clamp.h"
#include "mve_scale_uniform.h"

typedef struct {
    int32_t count;
    int32_t left_shift; /* 20 */
    int32_t first_zero_point;
    int32_t first_multiplier;
    int32_t first_shift;
    int32_t second_zero_point;
    int32_t second_multiplier;
    int32_t second_shift;
    int32_t output_zero_point;
    int32_t output_multiplier;
    int32_t output_shift;
    int32_t output_low;
    int32_t output_high;
} add_mve_${first}_${second}_params;

static void add_mve_${first}_$second(const add_mve_${first}_${second}_params *p,
                                     const int8_t *first, const int8_t *second, int8_t *output)
{
    const add_mve_${first}_${second}_params own = *p;
    for (int32_t left = own.count; left > 0; left -= 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)left);
        const int32x4_t a =
            mve_addend_$first(vsubq_n_s32(vldrbq_z_s32(first, lanes), own.first_zero_point),
                              own.first_multiplier, own.first_shift);
        const int32x4_t b =
            mve_addend_$second(vsubq_n_s32(vldrbq_z_s32(second, lanes), own.second_zero_point),
                               own.second_multiplier, own.second_shift);
        const int32x4_t sum =
            mve_scale_uniform(vaddq_s32(a, b), own.output_multiplier, own.output_shift);
        vstrbq_p_s32(output,
                     mve_clamp(sum, own.output_zero_point, own.output_low, own.output_high), lanes);
        first += 4;
        second += 4;
        output += 4;
    }
}
