#include "${value}_value.h"

typedef struct {
    int32_t size[4];
    int32_t first_step[4];
    int32_t second_step[4];
    $scales scales;
} ${function}_params;

static void $function(const ${function}_params *p, const $first *first, const $second *second,
                      $output *output)
{
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const $first *a = first + i * p->first_step[0] + j * p->first_step[1] +
                                  k * p->first_step[2];
                const $second *b = second + i * p->second_step[0] + j * p->second_step[1] +
                                   k * p->second_step[2];
                for (int32_t l = 0; l < p->size[3]; l++) {
                    *output++ = ($output)${value}_value(&p->scales, *a, *b);
                    a += p->first_step[3];
                    b += p->second_step[3];
                }
            }
        }
    }
}
