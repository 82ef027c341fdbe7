#include "clamp.h"
#include "requantize.h"
#include "table_lookup.h"

typedef struct {
    const int16_t *exponential; /* of -10 ... 0 */
    const int16_t *reciprocal;  /* 1 / (1 + x) of 0 ... 1 */
    int32_t multiplier;
    int32_t shift;
    int32_t rows;
    int32_t columns;
} softmax_int16_params;

static void softmax_int16_row(const softmax_int16_params *p, const int16_t *input, int16_t *output)
{
    int32_t greatest = INT16_MIN;
    int32_t sum = 0; /* Q16.15 */
    int32_t headroom = 0;
    for (int32_t i = 0; i < p->columns; i++) {
        greatest = input[i] > greatest ? input[i] : greatest;
    }
    for (int32_t i = 0; i < p->columns; i++) {
        const int32_t below = requantize(input[i] - greatest, p->multiplier, p->shift);
        const int32_t power = table_lookup(p->exponential,
                                           clamp(below + INT16_MAX, INT16_MIN, INT16_MAX));
        output[i] = (int16_t)power;
        sum += power;
    }
    while (((uint32_t)sum << headroom) < ((uint32_t)1 << 31)) {
        headroom++;
    }
    const int32_t shifted = (int32_t)((((int64_t)sum << (headroom - 1)) + (1 << 13)) >> 14);
    const int32_t scale =
        table_lookup(p->reciprocal, clamp(shifted - 98304, INT16_MIN, INT16_MAX));
    const int32_t right = 31 - headroom;
    for (int32_t i = 0; i < p->columns; i++) {
        const int32_t value =
            (int32_t)(((int64_t)output[i] * scale + ((int64_t)1 << (right - 1))) >> right);
        output[i] = (int16_t)clamp(value, 0, INT16_MAX);
    }
}

static void softmax_int16(const softmax_int16_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        softmax_int16_row(p, input + row * p->columns, output + row * p->columns);
    }
}
