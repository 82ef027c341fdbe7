/* Lines between the values of 65536 / (1 + e^(-i / 24)), of a magnitude with fraction bits. */
static inline int32_t sigmoid_between(const uint16_t *table, uint32_t magnitude, uint32_t bits,
                                      int32_t limit)
{
    const uint32_t index = magnitude >> bits;
    if (index >= 255u) {
        return limit;
    }
    const uint32_t first = table[index];
    const uint32_t step = table[index + 1u] - first;
    return (int32_t)((first << bits) + (magnitude & ((1u << bits) - 1u)) * step);
}
