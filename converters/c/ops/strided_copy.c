#include <string.h>

typedef struct {
    int32_t run_bytes;
    int32_t input_start;
    int32_t output_start;
    int32_t size[5];
    int32_t input_step[5];
    int32_t output_step[5];
} ${function}_params;

static void ${function}_planes(const ${function}_params *p, const uint8_t *input, uint8_t *output)
{
    for (int32_t i = 0; i < p->size[2]; i++) {
        const uint8_t *row = input + i * p->input_step[2];
        uint8_t *to_row = output + i * p->output_step[2];
        for (int32_t j = 0; j < p->size[3]; j++) {
            const uint8_t *from = row + j * p->input_step[3];
            uint8_t *to = to_row + j * p->output_step[3];
            for (int32_t k = 0; k < p->size[4]; k++) {
                memcpy(to, from, $bytes);
                from += p->input_step[4];
                to += p->output_step[4];
            }
        }
    }
}

static void $function(const ${function}_params *p, const void *input, void *output)
{
    const uint8_t *from = (const uint8_t *)input + p->input_start;
    uint8_t *to = (uint8_t *)output + p->output_start;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            ${function}_planes(p, from + i * p->input_step[0] + j * p->input_step[1],
                               to + i * p->output_step[0] + j * p->output_step[1]);
        }
    }
}
