/* Copies bytes that do not overlap; returns the end of the copy. */
static inline int8_t *mve_copy(int8_t *target, const int8_t *source, int32_t count)
{
    int8_t *const end = target + count;
    __asm__ volatile("wlstp.8 lr, %[count], 2f\n\t"
                     "1:\n\t"
                     "vldrb.8 q0, [%[source]], #16\n\t"
                     "vstrb.8 q0, [%[target]], #16\n\t"
                     "letp lr, 1b\n\t"
                     "2:"
                     : [target] "+r"(target), [source] "+r"(source)
                     : [count] "r"(count)
                     : "lr", "q0", "memory");
    return end;
}
