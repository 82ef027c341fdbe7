#include "clamp.h"
#include "requantize.h"

typedef struct {
    int32_t size[3];       /* of the batches */
    int32_t first_step[3]; /* from batch to batch, 0 where one serves several */
    int32_t second_step[3];
    int32_t rows;
    int32_t columns;
    int32_t depth;
    int32_t first_row_step;
    int32_t first_depth_step;
    int32_t second_depth_step;
    int32_t second_column_step;
    int32_t first_zero_point;
    int32_t second_zero_point;
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
} batch_matmul_params;

static void batch_matmul_one(const batch_matmul_params *p, const int8_t *first,
                             const int8_t *second, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t column = 0; column < p->columns; column++) {
            const int8_t *a = first + row * p->first_row_step;
            const int8_t *b = second + column * p->second_column_step;
            int32_t sum = 0;
            for (int32_t i = 0; i < p->depth; i++) {
                sum += (*a - p->first_zero_point) * (*b - p->second_zero_point);
                a += p->first_depth_step;
                b += p->second_depth_step;
            }
            sum = requantize(sum, p->multiplier, p->shift) + p->output_zero_point;
            *output++ = (int8_t)clamp(sum, INT8_MIN, INT8_MAX);
        }
    }
}

static void batch_matmul(const batch_matmul_params *p, const int8_t *first, const int8_t *second,
                         int8_t *output)
{
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                batch_matmul_one(
                    p,
                    first + i * p->first_step[0] + j * p->first_step[1] + k * p->first_step[2],
                    second + i * p->second_step[0] + j * p->second_step[1] + k * p->second_step[2],
                    output);
                output += p->rows * p->columns;
            }
        }
    }
}
