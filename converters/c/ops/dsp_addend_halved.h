/* What a value less its zero point adds to a sum, times 2^20, of the input with the greater scale. */
static inline int32_t dsp_addend_halved(int32_t value, int32_t multiplier, int32_t shift)
{
    (void)multiplier;
    (void)shift;
    return value * (1 << 19);
}
