#include "clamp.h"
#include "dot_product.h"
#include "logistic_q15.h"
#include "requantize.h"
#include "tanh_q15.h"

#include <string.h>

typedef struct {
    const int8_t *weights;          /* [unit][input] */
    const int8_t *recurrent;        /* [unit][unit] */
    const int32_t *bias;            /* less input_zero_point * sum of the unit's weights */
    const int32_t *recurrent_bias;  /* -(zero point of the state) * sum of its weights */
    int32_t multiplier;             /* to 1/4096 */
    int32_t shift;
    int32_t recurrent_multiplier;
    int32_t recurrent_shift;
} lstm_gate;

typedef struct {
    lstm_gate input_gate;
    lstm_gate forget_gate;
    lstm_gate cell_gate;
    lstm_gate output_gate;
    const uint16_t *sigmoid;
    int32_t batches;
    int32_t steps;
    int32_t inputs;
    int32_t units;
    int32_t batch_stride; /* of vectors of the input and the output */
    int32_t step_stride;
    int32_t forget_multiplier;
    int32_t forget_shift;
    int32_t input_multiplier;
    int32_t input_shift;
    int32_t output_multiplier;
    int32_t output_shift;
    int32_t output_zero_point;
    int32_t cell_clip;
    int32_t cell_factor; /* of a cell, for its hyperbolic tangent: factor / 2^down */
    int32_t cell_down;
} unidirectional_sequence_lstm_params;

/* What goes into a gate of one unit, three times in steps of 1/4096. */
static int32_t lstm_sum(const unidirectional_sequence_lstm_params *p, const lstm_gate *gate,
                        const int8_t *input, const int8_t *hidden, int32_t unit)
{
    int32_t sum =
        gate->bias[unit] + dot_product(input, gate->weights + unit * p->inputs, p->inputs);
    int32_t recurrent = gate->recurrent_bias[unit] +
                        dot_product(hidden, gate->recurrent + unit * p->units, p->units);
    sum = clamp(requantize(sum, gate->multiplier, gate->shift), INT16_MIN, INT16_MAX);
    recurrent = clamp(requantize(recurrent, gate->recurrent_multiplier, gate->recurrent_shift),
                      INT16_MIN, INT16_MAX);
    return 3 * clamp(sum + recurrent, INT16_MIN, INT16_MAX);
}

static int32_t lstm_product(int32_t first, int32_t second, int32_t multiplier, int32_t shift)
{
    return clamp(requantize(first * second, multiplier, shift), INT16_MIN, INT16_MAX);
}

/* One step of one sequence: the cells change in place, the output is the next hidden state. */
static void lstm_step(const unidirectional_sequence_lstm_params *p, const int8_t *input,
                      const int8_t *hidden, int16_t *cells, int8_t *output)
{
    const int32_t round = p->cell_down > 0 ? (int32_t)1 << (p->cell_down - 1) : 0;
    for (int32_t unit = 0; unit < p->units; unit++) {
        const int32_t forget =
            logistic_q15(p->sigmoid, lstm_sum(p, &p->forget_gate, input, hidden, unit));
        const int32_t update =
            logistic_q15(p->sigmoid, lstm_sum(p, &p->input_gate, input, hidden, unit));
        const int32_t candidate =
            tanh_q15(p->sigmoid, lstm_sum(p, &p->cell_gate, input, hidden, unit));
        const int32_t result =
            logistic_q15(p->sigmoid, lstm_sum(p, &p->output_gate, input, hidden, unit));
        int32_t cell = lstm_product(forget, cells[unit], p->forget_multiplier, p->forget_shift) +
                       lstm_product(update, candidate, p->input_multiplier, p->input_shift);
        cell = clamp(cell, INT16_MIN, INT16_MAX);
        cell = clamp(cell, -p->cell_clip, p->cell_clip);
        cells[unit] = (int16_t)cell;
        const int32_t shown =
            tanh_q15(p->sigmoid, (cell * p->cell_factor + round) >> p->cell_down);
        const int32_t value = requantize(shown * result, p->output_multiplier, p->output_shift);
        output[unit] = (int8_t)clamp(value + p->output_zero_point, INT8_MIN, INT8_MAX);
    }
}

static void unidirectional_sequence_lstm(const unidirectional_sequence_lstm_params *p,
                                         const int8_t *input, int8_t *hidden, int16_t *cells,
                                         int8_t *output)
{
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t step = 0; step < p->steps; step++) {
            const int32_t place = batch * p->batch_stride + step * p->step_stride;
            int8_t *result = output + place * p->units;
            lstm_step(p, input + place * p->inputs, hidden, cells, result);
            memcpy(hidden, result, (size_t)p->units);
        }
        hidden += p->units;
        cells += p->units;
    }
}
