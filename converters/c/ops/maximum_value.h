typedef struct {
    uint8_t unused;
} maximum_scales;

static inline int32_t maximum_value(const maximum_scales *s, int32_t first, int32_t second)
{
    (void)s;
    return first > second ? first : second;
}
