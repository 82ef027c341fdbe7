/* What a value less its zero point adds to a sum, times 2^20, of an input with a smaller scale: the
   shift is to the right, 1 to 31, with halves away from 0. */
static inline int32_t dsp_addend_scaled(int32_t value, int32_t multiplier, int32_t shift)
{
    int32_t scaled;
    __asm__("smmulr %0, %1, %2\n\t"
            "add %0, %0, %0, asr #31\n\t"
            "asrs %0, %0, %3\n\t"
            "adc %0, %0, #0"
            : "=&r"(scaled)
            : "r"(value * (1 << 21)), "r"(multiplier), "r"(shift)
            : "cc");
    return scaled;
}
