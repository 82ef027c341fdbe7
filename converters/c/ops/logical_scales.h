typedef struct {
    uint8_t unused;
} logical_scales;
