#include <arm_mve.h>
#include "mve_store.h"

typedef struct {
    const int8_t *weights; /* [4 outputs][16 inputs][output][input] */
    const int32_t *scales; /* [4 outputs][9], see mve_scales */
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} fully_connected_mve_params;

/* The sums of one row for four outputs: 64 products in 10 instructions; the loop itself masks what
   lies beyond the last input. */
static inline const int8_t *fully_connected_mve_dot(const int8_t *weights, const int8_t *values,
                                                    int32_t count, int32x4_t *sums)
{
    int32x4_t found;
    __asm__ volatile("movs r0, #0\n\t"
                     "movs r2, #0\n\t"
                     "movs r4, #0\n\t"
                     "movs r6, #0\n\t"
                     "dlstp.8 lr, %[count]\n\t"
                     "1:\n\t"
                     "vldrb.8 q0, [%[values]], #16\n\t"
                     "vldrb.8 q1, [%[weights]], #16\n\t"
                     "vmladava.s8 r0, q0, q1\n\t"
                     "vldrb.8 q2, [%[weights]], #16\n\t"
                     "vmladava.s8 r2, q0, q2\n\t"
                     "vldrb.8 q1, [%[weights]], #16\n\t"
                     "vmladava.s8 r4, q0, q1\n\t"
                     "vldrb.8 q2, [%[weights]], #16\n\t"
                     "vmladava.s8 r6, q0, q2\n\t"
                     "letp lr, 1b\n\t"
                     "vmov %q[found][2], %q[found][0], r0, r4\n\t"
                     "vmov %q[found][3], %q[found][1], r2, r6"
                     : [weights] "+r"(weights), [values] "+r"(values), [found] "=&w"(found)
                     : [count] "r"(count)
                     : "r0", "r2", "r4", "r6", "lr", "q0", "q1", "q2", "cc", "memory");
    *sums = found;
    return weights;
}
