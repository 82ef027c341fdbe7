#include "clamp.h"
#include "requantize.h"
#include "shift_right.h"

typedef struct {
    const int32_t *exponentials; /* e^0, e^-scale, e^(-2 scale), ... in Q0.31 */
    int32_t exponentials_count;  /* further below the greatest input, the output is 0 */
    int32_t rows;
    int32_t columns;
} softmax_params;

/* 1 / (1 + x) of x in [0, 1), both in Q0.31: three steps of Newton's method for 1 / d from
   48/17 - 32/17 d, where d = (1 + x) / 2; the estimate is in Q2.29. */
static int32_t softmax_reciprocal(int32_t x)
{
    const int32_t half = (int32_t)(((int64_t)x + ((int64_t)1 << 31)) / 2);
    int32_t estimate = 1515870810 + requantize(half, -1010580540, 0);
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = ((int32_t)1 << 29) - requantize(half, estimate, 0);
        estimate += 4 * requantize(estimate, error, 0);
    }
    return estimate >= ((int32_t)1 << 30) ? INT32_MAX : 2 * estimate;
}

static void softmax_row(const softmax_params *p, const int8_t *input, int8_t *output)
{
    int32_t greatest = INT8_MIN;
    int32_t sum = 0; /* Q12.19 */
    int32_t headroom = 0;
    for (int32_t i = 0; i < p->columns; i++) {
        greatest = input[i] > greatest ? input[i] : greatest;
    }
    for (int32_t i = 0; i < p->columns; i++) {
        const int32_t below = greatest - input[i];
        if (below < p->exponentials_count) {
            sum += shift_right(p->exponentials[below], 12);
        }
    }
    while (((uint32_t)sum << headroom) < ((uint32_t)1 << 31)) {
        headroom++;
    }
    const int32_t scale = softmax_reciprocal((int32_t)(((uint32_t)sum << headroom) & 0x7FFFFFFFu));
    for (int32_t i = 0; i < p->columns; i++) {
        const int32_t below = greatest - input[i];
        int32_t value = 0;
        /* A sum of 512 and more leaves less than half of a 256th to each. */
        if (below < p->exponentials_count && headroom >= 4) {
            value = requantize(p->exponentials[below], scale, headroom - 35);
        }
        output[i] = (int8_t)clamp(value + INT8_MIN, INT8_MIN, INT8_MAX);
    }
}

static void softmax(const softmax_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        softmax_row(p, input + row * p->columns, output + row * p->columns);
    }
}
