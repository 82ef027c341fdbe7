typedef struct {
    int32_t outer;
    int32_t count;
    int32_t inner;
} ${function}_params;

/* The first of equals. */
static void $function(const ${function}_params *p, const $element *input, int32_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t j = 0; j < p->inner; j++) {
            const $element *value = input + i * p->count * p->inner + j;
            $element best = *value;
            int32_t index = 0;
            for (int32_t k = 1; k < p->count; k++) {
                value += p->inner;
                if (*value $order best) {
                    best = *value;
                    index = k;
                }
            }
            *output++ = index;
        }
    }
}
