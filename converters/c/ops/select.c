typedef struct {
    int32_t size[4];
    int32_t condition_step[4];
    int32_t first_step[4];
    int32_t second_step[4];
} ${function}_params;

static void $function(const ${function}_params *p, const uint8_t *condition, const $element *first,
                      const $element *second, $element *output)
{
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                for (int32_t l = 0; l < p->size[3]; l++) {
                    const uint8_t *c = condition + i * p->condition_step[0] +
                                       j * p->condition_step[1] + k * p->condition_step[2] +
                                       l * p->condition_step[3];
                    const $element *a = first + i * p->first_step[0] + j * p->first_step[1] +
                                        k * p->first_step[2] + l * p->first_step[3];
                    const $element *b = second + i * p->second_step[0] + j * p->second_step[1] +
                                        k * p->second_step[2] + l * p->second_step[3];
                    *output++ = *c != 0 ? *a : *b;
                }
            }
        }
    }
}
