#include "clamp.h"
#include "requantize.h"

#include <string.h>

typedef struct {
    const int8_t *feature_weights;  /* [filter][input] */
    const int32_t *feature_bias;    /* -(input zero point) * sum of the filter's weights */
    const $state *time_weights;     /* [filter][memory] */
    const int32_t *bias;            /* [unit] */
    int32_t batches;
    int32_t inputs;
    int32_t units;
    int32_t rank;
    int32_t memory;
    int32_t feature_multiplier;
    int32_t feature_shift;
    int32_t state_zero_point;
    int32_t state_low;
    int32_t state_high;
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
} ${function}_params;

/* One filter: forgets its oldest value, remembers a new one, and weighs them over time. */
static int32_t ${function}_filter(const ${function}_params *p, int32_t filter, const int8_t *input,
                                  $state *state)
{
    const int8_t *features = p->feature_weights + filter * p->inputs;
    const $state *times = p->time_weights + filter * p->memory;
    int32_t sum = p->feature_bias[filter];
    for (int32_t i = 0; i < p->inputs; i++) {
        sum += (int32_t)features[i] * input[i];
    }
    sum = requantize(sum, p->feature_multiplier, p->feature_shift) + p->state_zero_point;
    memmove(state, state + 1, (size_t)(p->memory - 1) * sizeof(*state));
    state[p->memory - 1] = ($state)clamp(sum, p->state_low, p->state_high);
    sum = 0;
    for (int32_t i = 0; i < p->memory; i++) {
        sum += (int32_t)times[i] * (state[i] - p->state_zero_point);
    }
    return sum;
}

static void $function(const ${function}_params *p, const int8_t *input, $state *state,
                      int8_t *output)
{
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t unit = 0; unit < p->units; unit++) {
            int32_t sum = p->bias[unit];
            for (int32_t i = 0; i < p->rank; i++) {
                sum += ${function}_filter(p, unit * p->rank + i, input, state);
                state += p->memory;
            }
            sum = requantize(sum, p->multiplier, p->shift) + p->output_zero_point;
            *output++ = (int8_t)clamp(sum, INT8_MIN, INT8_MAX);
        }
        input += p->inputs;
    }
}
