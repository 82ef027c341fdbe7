#include "fully_connected_dsp.h"
#include "dsp_finish_$finish.h"

typedef fully_connected_dsp_params fully_connected_dsp_${finish}_params;

/* One row by four outputs; returns the weights of the next four. Sums of 496 products at a time stay
   below 2^23, as those of two outputs in one have to. */
static const uint32_t *fully_connected_dsp_${finish}_four(
    const fully_connected_dsp_params *p, const int8_t *values, const uint32_t *weights,
    int32_t output, int32_t sums[4])
{
    const int32_t *const bias = p->bias + output;
    uint32_t last = 0;
    memcpy(&last, values + (p->inputs & ~3), (size_t)(p->inputs & 3));
    int32_t first0 = bias[0];
    int32_t second0 = bias[1];
    int32_t first1 = bias[2];
    int32_t second1 = bias[3];
    for (int32_t left = p->inputs; left > 0; left -= 496) {
        const int32_t inputs = left < 496 ? left : 496;
        /* All registers are named, since hardly any is left to choose. */
        register int32_t r0 __asm__("r0") = 0;
        register int32_t r1 __asm__("r1") = 0;
        register int32_t r2 __asm__("r2") = 0;
        register int32_t r3 __asm__("r3") = 0;
        register const uint32_t *r11 __asm__("r11") = weights;
        register const int8_t *r12 __asm__("r12") = values;
        register int32_t lr __asm__("lr") = inputs;
        __asm__ volatile(FULLY_CONNECTED_DSP_INPUTS
                         : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r11), "+r"(r12), "+r"(lr)
                         : [last] "m"(last)
                         : "r4", "r5", "r6", "r8", "r9", "r10", "cc", "memory");
        const int32_t sum0 = r0;
        const int32_t sum1 = r1;
        const int32_t both0 = r2;
        const int32_t both1 = r3;
        weights = r11;
        values = r12;
        first0 += sum0;
        first1 += sum1;
        second0 += (both0 - sum0) >> 8;
        second1 += (both1 - sum1) >> 8;
    }
    const int32_t step = p->scale_step;
    const int32_t *multiplier = p->multiplier + step * output;
    const int8_t *shift = p->shift + step * output;
    const int32_t zero = p->output_zero_point;
    const int32_t low = p->output_low;
    const int32_t high = p->output_high;
    sums[0] = dsp_finish_$finish(2 * first0, multiplier[0], shift[0], zero, low, high);
    multiplier += step;
    shift += step;
    sums[1] = dsp_finish_$finish(2 * second0, multiplier[0], shift[0], zero, low, high);
    multiplier += step;
    shift += step;
    sums[2] = dsp_finish_$finish(2 * first1, multiplier[0], shift[0], zero, low, high);
    multiplier += step;
    shift += step;
    sums[3] = dsp_finish_$finish(2 * second1, multiplier[0], shift[0], zero, low, high);
    return weights;
}

static void fully_connected_dsp_$finish(const fully_connected_dsp_params *p, const int8_t *input,
                                        int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        const uint32_t *weights = p->weights;
        for (int32_t first = 0; first < p->outputs; first += 4) {
            int32_t sums[4];
            weights = fully_connected_dsp_${finish}_four(p, input, weights, first, sums);
            for (int32_t i = 0; i < 4 && first + i < p->outputs; i++) {
                *output++ = (int8_t)sums[i];
            }
        }
        input += p->inputs;
    }
}
