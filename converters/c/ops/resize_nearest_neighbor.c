#include <string.h>

typedef struct {
    const int16_t *rows; /* of the input, for each row of the output */
    const int16_t *columns;
    int32_t batches;
    int32_t input_height;
    int32_t input_row_bytes;
    int32_t output_height;
    int32_t output_width;
    int32_t pixel_bytes;
} resize_nearest_neighbor_params;

static void resize_nearest_neighbor(const resize_nearest_neighbor_params *p, const void *input,
                                    void *output)
{
    const uint8_t *image = input;
    uint8_t *to = output;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            const uint8_t *row = image + p->rows[y] * p->input_row_bytes;
            for (int32_t x = 0; x < p->output_width; x++) {
                memcpy(to, row + p->columns[x] * p->pixel_bytes, (size_t)p->pixel_bytes);
                to += p->pixel_bytes;
            }
        }
        image += p->input_height * p->input_row_bytes;
    }
}
