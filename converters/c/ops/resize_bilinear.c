typedef struct {
    const int16_t *rows;      /* for each row of the output: two rows of the input ... */
    const int16_t *row_share; /* ... and how much of the second, in 1/1024 */
    const int16_t *columns;
    const int16_t *column_share;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t output_height;
    int32_t output_width;
    int32_t channels;
} resize_bilinear_params;

static void resize_bilinear_pixel(const resize_bilinear_params *p, const int8_t *image, int32_t y,
                                  int32_t x, int8_t *output)
{
    const int8_t *upper = image + p->rows[2 * y] * p->input_width * p->channels;
    const int8_t *lower = image + p->rows[2 * y + 1] * p->input_width * p->channels;
    const int32_t left = p->columns[2 * x] * p->channels;
    const int32_t right = p->columns[2 * x + 1] * p->channels;
    const int32_t down = p->row_share[y];
    const int32_t along = p->column_share[x];
    for (int32_t i = 0; i < p->channels; i++) {
        const int32_t sum = upper[left + i] * (1024 - down) * (1024 - along) +
                            lower[left + i] * down * (1024 - along) +
                            upper[right + i] * (1024 - down) * along +
                            lower[right + i] * down * along;
        output[i] = (int8_t)((sum > 0 ? sum + (1 << 19) : sum - (1 << 19)) / (1 << 20));
    }
}

static void resize_bilinear(const resize_bilinear_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                resize_bilinear_pixel(p, input, y, x, output);
                output += p->channels;
            }
        }
        input += p->input_height * p->input_width * p->channels;
    }
}
