typedef struct {
    const uint16_t *sigmoid; /* 65536 times the logistic function of 0, 1/24, 2/24, ... */
    int32_t count;
    int32_t multiplier;
    int32_t shift;
} ${function}_params;

/* Lines between the values of a table, of a magnitude in steps of 1/24 * 2^-bits. */
static inline uint32_t ${function}_between(const uint16_t *table, uint32_t magnitude, uint32_t bits)
{
    const uint32_t index = magnitude >> bits;
    if (index >= 255u) {
        return $limit;
    }
    const uint32_t first = table[index];
    return (first << bits) + (magnitude & ((1u << bits) - 1u)) * (table[index + 1u] - first);
}

static void $function(const ${function}_params *p, const int16_t *input, int16_t *output)
{
    const int32_t round = p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0;
    for (int32_t i = 0; i < p->count; i++) {
        const int32_t value = (input[i] * p->multiplier + round) >> p->shift;
        const uint32_t magnitude = (uint32_t)(value < 0 ? -value : value);
        const int32_t found = (int32_t)${function}_between(p->sigmoid, magnitude, $bits);
        output[i] = (int16_t)((value >= 0 ? $positive : $negative) >> $down);
    }
}
