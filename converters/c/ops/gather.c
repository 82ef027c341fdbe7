#include "clamp.h"

#include <string.h>

typedef struct {
    int32_t outer;
    int32_t size; /* of the axis */
    int32_t count;
    int32_t run_bytes;
} gather_params;

/* An index beyond the axis, for which nothing is defined, takes what is nearest. */
static void gather(const gather_params *p, const void *input, const int32_t *indices, void *output)
{
    const uint8_t *from = input;
    uint8_t *to = output;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t k = 0; k < p->count; k++) {
            const int32_t index = clamp(indices[k], 0, p->size - 1);
            memcpy(to, from + index * p->run_bytes, (size_t)p->run_bytes);
            to += p->run_bytes;
        }
        from += p->size * p->run_bytes;
    }
}
