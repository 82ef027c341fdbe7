typedef struct {
    int32_t count;
} logical_not_params;

static void logical_not(const logical_not_params *p, const uint8_t *input, uint8_t *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        output[i] = input[i] != 0 ? 0 : 1;
    }
}
