#include "clamp.h"
#include "inverse_square_root.h"
#include "requantize.h"

typedef struct {
    int32_t rows;
    int32_t columns;
    int32_t input_zero_point;
} l2_normalization_params;

static void l2_normalization(const l2_normalization_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t sum = 0;
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t value = input[i] - p->input_zero_point;
            sum += value * value;
        }
        const inverse_square_root_result scale = inverse_square_root(sum);
        for (int32_t i = 0; i < p->columns; i++) {
            const int32_t value = input[i] - p->input_zero_point;
            output[i] = (int8_t)clamp(requantize(value, scale.multiplier, scale.shift + 7),
                                      INT8_MIN, INT8_MAX);
        }
        input += p->columns;
        output += p->columns;
    }
}
