#include "logical_scales.h"

static inline int32_t logical_and_value(const logical_scales *s, int32_t first, int32_t second)
{
    (void)s;
    return first != 0 && second != 0 ? 1 : 0;
}
