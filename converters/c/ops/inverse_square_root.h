#include "requantize.h"

typedef struct {
    int32_t multiplier;
    int32_t shift;
} inverse_square_root_result;

static inline int32_t inverse_square_root_left(int32_t value, int32_t count)
{
    const int64_t wide = (int64_t)value * ((int64_t)1 << count);
    return wide > INT32_MAX ? INT32_MAX : (wide < INT32_MIN ? INT32_MIN : (int32_t)wide);
}

/* 1 / sqrt(value): five steps of Newton's method from 1, with 3 integer bits. */
static inline inverse_square_root_result inverse_square_root(int32_t value)
{
    inverse_square_root_result result = { INT32_MAX, 0 };
    int32_t shift = 11;
    int32_t pairs = -1;
    if (value <= 1) {
        return result;
    }
    while (value >= ((int32_t)1 << 29)) {
        value /= 4;
        shift++;
    }
    for (int32_t limit = value; limit < ((int32_t)1 << 29); limit *= 4) {
        pairs++;
    }
    shift -= pairs;
    const int32_t half = shift_right((value << (2 * pairs)) >> 1, 1);
    int32_t x = (int32_t)1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        int32_t cube = requantize(requantize(x, x, 0), x, 0);
        cube = inverse_square_root_left(cube, 6);
        x = requantize(402653184, x, 0) - requantize(half, cube, 0); /* 3/2 x - value/2 x^3 */
        x = inverse_square_root_left(x, 3);
    }
    result.multiplier = requantize(x, 1518500250, 0); /* sqrt(1/2) */
    if (shift < 0) {
        result.multiplier *= (int32_t)1 << -shift;
        shift = 0;
    }
    result.shift = -shift;
    return result;
}
