#include "clamp.h"

typedef struct {
    int32_t count;
    float scale;
    int32_t output_zero_point;
    int32_t output_low;
    int32_t output_high;
} ${function}_params;

/* The nearest integer, halves away from zero; what no output type holds stays as far out. */
static inline int32_t ${function}_rounded(float value)
{
    if (value >= 65536.0f || value <= -65536.0f) {
        return value > 0.0f ? 65536 : -65536;
    }
    const int32_t whole = (int32_t)value;
    const float rest = value - (float)whole;
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

static void $function(const ${function}_params *p, const float *input, $output *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t value = ${function}_rounded(input[i] / p->scale);
        output[i] = ($output)clamp(value + p->output_zero_point, p->output_low, p->output_high);
    }
}
