/* value * multiplier * 2^(shift - 15), rounded once, halves up, of a multiplier of 16 bits. */
static inline int32_t requantize_wide(int64_t value, int32_t multiplier, int32_t shift)
{
    const int32_t right = 15 - shift;
    return (int32_t)((value * multiplier + ((int64_t)1 << (right - 1))) >> right);
}
