/* A table of 513 values over all int16, with lines between them. */
static inline int32_t table_lookup(const int16_t *table, int32_t value)
{
    const int32_t index = 256 + (value >> 7);
    const int32_t slope = table[index + 1] - table[index];
    return table[index] + ((slope * (value & 127) + 64) >> 7);
}
