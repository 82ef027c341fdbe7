#include "${value}.h"

typedef struct {
    const uint16_t *sigmoid;
    int32_t count;
    int32_t multiplier;
    int32_t shift;
} ${function}_params;

static void $function(const ${function}_params *p, const int16_t *input, int16_t *output)
{
    const int32_t round = p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0;
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t value = (input[i] * p->multiplier + round) >> p->shift;
        output[i] = (int16_t)${value}(p->sigmoid, value);
    }
}
