typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} ${function}_params;

static void $function(const ${function}_params *p, const $input *input, float *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        output[i] = p->scale * (float)(input[i] - p->zero_point);
    }
}
