typedef int32_t least_state;

typedef struct {
    int32_t start;
} least_scales;

static inline least_state least_start(const least_scales *s)
{
    return s->start;
}

static inline least_state least_next(least_state state, int32_t value)
{
    return value < state ? value : state;
}

static inline int32_t least_end(const least_scales *s, least_state state)
{
    (void)s;
    return state;
}
