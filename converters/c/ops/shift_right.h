/* value / 2^count, halves away from zero. */
static inline int32_t shift_right(int32_t value, int32_t count)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << count) - 1u);
    const int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
    return (value >> count) + ((value & mask) > threshold ? 1 : 0);
}
