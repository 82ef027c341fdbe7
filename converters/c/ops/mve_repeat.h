/* Repeats a byte; returns the end. */
static inline int8_t *mve_repeat(int8_t *target, int32_t value, int32_t count)
{
    int8_t *const end = target + count;
    __asm__ volatile("vdup.8 q0, %[value]\n\t"
                     "wlstp.8 lr, %[count], 2f\n\t"
                     "1:\n\t"
                     "vstrb.8 q0, [%[target]], #16\n\t"
                     "letp lr, 1b\n\t"
                     "2:"
                     : [target] "+r"(target)
                     : [count] "r"(count), [value] "r"(value)
                     : "lr", "q0", "memory");
    return end;
}
