#include "comparison_scales.h"

static inline int32_t equal_value(const comparison_scales *s, int32_t first, int32_t second)
{
    return comparison_first(s, first) == comparison_second(s, second) ? 1 : 0;
}
