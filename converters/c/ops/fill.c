typedef struct {
    int32_t count;
    $element value;
} ${function}_params;

static void $function(const ${function}_params *p, $element *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        output[i] = p->value;
    }
}
