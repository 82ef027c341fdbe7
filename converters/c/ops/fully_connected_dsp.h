#include <string.h>

typedef struct {
    const uint32_t *weights;   /* [4 outputs][4 inputs: 4 words, see FULLY_CONNECTED_DSP_QUAD] */
    const int32_t *bias;
    const int32_t *multiplier; /* of each output, or one for all, like shift */
    const int8_t *shift;       /* to the right */
    int32_t scale_step;        /* 1 or 0 */
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} fully_connected_dsp_params;

/* Four inputs by the weights of four outputs: 16 products in 16 instructions. A word of weights
   has in each half 256 * (second output) + first output, so that the product with the word itself
   counts for both and the one with its even bytes for the first: of even inputs for outputs 0 and
   1, then 2 and 3, then the same of odd inputs. r0 and r1 are the sums of the first outputs, r2
   and r3 those of both; r9 has the inputs. */
#define FULLY_CONNECTED_DSP_QUAD          \
    "ldmia r11!, {r4, r5, r6, r8}\n\t"    \
    "sxtb16 r10, r9, ror #8\n\t"          \
    "sxtb16 r9, r9\n\t"                   \
    "smlad r2, r9, r4, r2\n\t"            \
    "sxtb16 r4, r4\n\t"                   \
    "smlad r3, r9, r5, r3\n\t"            \
    "sxtb16 r5, r5\n\t"                   \
    "smlad r0, r9, r4, r0\n\t"            \
    "smlad r1, r9, r5, r1\n\t"            \
    "smlad r2, r10, r6, r2\n\t"           \
    "sxtb16 r6, r6\n\t"                   \
    "smlad r3, r10, r8, r3\n\t"           \
    "sxtb16 r8, r8\n\t"                   \
    "smlad r0, r10, r6, r0\n\t"           \
    "smlad r1, r10, r8, r1\n\t"

/* The same of the next inputs. */
#define FULLY_CONNECTED_DSP_NEXT "ldr r9, [r12], #4\n\t" FULLY_CONNECTED_DSP_QUAD

/* Fours of as many inputs as lr says. */
#define FULLY_CONNECTED_DSP_INPUTS                                            \
    "subs lr, lr, #16\n\t"                                                    \
    "blt 2f\n\t"                                                              \
    "1:\n\t" FULLY_CONNECTED_DSP_NEXT FULLY_CONNECTED_DSP_NEXT                \
    FULLY_CONNECTED_DSP_NEXT FULLY_CONNECTED_DSP_NEXT                         \
    "subs lr, lr, #16\n\t"                                                    \
    "bge 1b\n\t"                                                              \
    "2:\n\t"                                                                  \
    "adds lr, lr, #12\n\t"                                                    \
    "blt 4f\n\t"                                                              \
    "3:\n\t" FULLY_CONNECTED_DSP_NEXT                                         \
    "subs lr, lr, #4\n\t"                                                     \
    "bge 3b\n\t"                                                              \
    "4:\n\t"                                                                  \
    "adds lr, lr, #4\n\t"                                                     \
    "beq 5f\n\t"                                                              \
    "ldr r9, %[last]\n\t" FULLY_CONNECTED_DSP_QUAD "5:"
