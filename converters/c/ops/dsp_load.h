#include <string.h>

/* Four bytes from any address. */
static inline uint32_t dsp_load(const int8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}
