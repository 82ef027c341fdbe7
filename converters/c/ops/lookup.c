typedef struct {
    const int8_t *table; /* by the value of the input, as an unsigned byte */
    int32_t count;
} lookup_params;

static void lookup(const lookup_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        output[i] = p->table[(uint8_t)input[i]];
    }
}
