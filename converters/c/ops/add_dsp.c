#include "dsp_addend_$first.h"
#include "dsp_addend_$second.h"
#include "dsp_finish_linear.h"

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
} add_dsp_${first}_${second}_params;

static void add_dsp_${first}_$second(const add_dsp_${first}_${second}_params *p,
                                     const int8_t *first, const int8_t *second, int8_t *output)
{
    const add_dsp_${first}_${second}_params own = *p;
    const int8_t *const end = first + own.count;
    while (first != end) {
        const int32_t a = dsp_addend_$first(*first++ - own.first_zero_point, own.first_multiplier,
                                            -own.first_shift);
        const int32_t b = dsp_addend_$second(*second++ - own.second_zero_point,
                                             own.second_multiplier, -own.second_shift);
        *output++ = (int8_t)dsp_finish_linear(2 * (a + b), own.output_multiplier,
                                              -own.output_shift, own.output_zero_point, 0, 0);
    }
}
