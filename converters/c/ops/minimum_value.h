typedef struct {
    uint8_t unused;
} minimum_scales;

static inline int32_t minimum_value(const minimum_scales *s, int32_t first, int32_t second)
{
    (void)s;
    return first < second ? first : second;
}
