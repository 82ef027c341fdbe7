#include "${value}_reduction.h"

typedef struct {
    int32_t size[3]; /* of what is kept */
    int32_t step[3];
    int32_t reduced_size[3];
    int32_t reduced_step[3];
    ${value}_scales scales;
} ${function}_params;

static ${value}_state ${function}_window(const ${function}_params *p, const $element *input)
{
    ${value}_state state = ${value}_start(&p->scales);
    for (int32_t i = 0; i < p->reduced_size[0]; i++) {
        for (int32_t j = 0; j < p->reduced_size[1]; j++) {
            const $element *from = input + i * p->reduced_step[0] + j * p->reduced_step[1];
            for (int32_t k = 0; k < p->reduced_size[2]; k++) {
                state = ${value}_next(state, *from);
                from += p->reduced_step[2];
            }
        }
    }
    return state;
}

static void $function(const ${function}_params *p, const $element *input, $element *output)
{
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            const $element *from = input + i * p->step[0] + j * p->step[1];
            for (int32_t k = 0; k < p->size[2]; k++) {
                *output++ = ($element)${value}_end(&p->scales, ${function}_window(p, from));
                from += p->step[2];
            }
        }
    }
}
