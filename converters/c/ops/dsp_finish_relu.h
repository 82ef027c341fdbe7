/* A doubled sum requantized by a channel's multiplier and by its shift to the right, 1 to 31, in
   the low byte of a word, and saturated to int8. The carry of the shift rounds halves up; where a
   ReLU makes all below the zero point equal, it does not matter that those should go down. */
static inline int32_t dsp_finish_relu(int32_t doubled, int32_t multiplier, int32_t shift,
                                      int32_t zero_point, int32_t low, int32_t high)
{
    int32_t value;
    (void)low;
    (void)high;
    __asm__("smmulr %0, %1, %2\n\t"
            "asrs %0, %0, %3\n\t"
            "adc %0, %0, %4\n\t"
            "ssat %0, #8, %0"
            : "=&r"(value)
            : "r"(doubled), "r"(multiplier), "r"(shift), "r"(zero_point)
            : "cc");
    return value;
}
