#include <arm_mve.h>

/* What four channels need beside their sums, in nine words: biases, multipliers, and the shifts in
   the bytes of the last. */
typedef struct {
    int32x4_t bias;
    int32x4_t multiplier;
    int32x4_t shift;
} mve_scales;

static inline mve_scales mve_load_scales(const int32_t *words)
{
    mve_scales scales;
    scales.bias = vld1q_s32(words);
    scales.multiplier = vld1q_s32(words + 4);
    scales.shift = vldrbq_s32((const int8_t *)(words + 8));
    return scales;
}
