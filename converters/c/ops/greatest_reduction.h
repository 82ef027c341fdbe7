typedef int32_t greatest_state;

typedef struct {
    int32_t start;
} greatest_scales;

static inline greatest_state greatest_start(const greatest_scales *s)
{
    return s->start;
}

static inline greatest_state greatest_next(greatest_state state, int32_t value)
{
    return value > state ? value : state;
}

static inline int32_t greatest_end(const greatest_scales *s, greatest_state state)
{
    (void)s;
    return state;
}
