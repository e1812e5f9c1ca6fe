/* scan_neon.c - the scan kernels on NEON, part of every arm64 processor. */
#include "kernels/scan_kernels.h"
#include "kernels/scan_rows.h"
#include <stdbool.h>
#include <string.h>

#if defined(__aarch64__)
#include <arm_neon.h>

#define KERNEL static

enum { PAIRS = PV_SCAN_DENSE_WIDTH / 2 };

KERNEL void dense_scores(double *scores, const float *blocks, size_t n_blocks, const double *x, size_t n)
{
    for (size_t b = 0; b < n_blocks; ++b, scores += PV_SCAN_DENSE_WIDTH) {
        float64x2_t sums[PAIRS];
#pragma GCC unroll 8
        for (size_t p = 0; p < PAIRS; ++p) sums[p] = vdupq_n_f64(0.0);
        for (size_t f = 0; f < n; ++f, blocks += PV_SCAN_DENSE_WIDTH) {
            const float64x2_t factor = vdupq_n_f64(x[f]);
#pragma GCC unroll 8
            for (size_t p = 0; p < PAIRS; ++p)
                sums[p] = vaddq_f64(sums[p], vmulq_f64(factor, vcvt_f64_f32(vld1_f32(blocks + 2 * p))));
        }
#pragma GCC unroll 8
        for (size_t p = 0; p < PAIRS; ++p) vst1q_f64(scores + 2 * p, sums[p]);
    }
}

KERNEL void dense_scores_two(double *first, double *second, const float *blocks, size_t n_blocks, const double *x_first,
                             const double *x_second, size_t n)
{
    for (size_t b = 0; b < n_blocks; ++b, first += PV_SCAN_DENSE_WIDTH, second += PV_SCAN_DENSE_WIDTH) {
        float64x2_t one[PAIRS], two[PAIRS];
#pragma GCC unroll 8
        for (size_t p = 0; p < PAIRS; ++p) one[p] = two[p] = vdupq_n_f64(0.0);
        for (size_t f = 0; f < n; ++f, blocks += PV_SCAN_DENSE_WIDTH) {
            const float64x2_t factor_one = vdupq_n_f64(x_first[f]), factor_two = vdupq_n_f64(x_second[f]);
#pragma GCC unroll 8
            for (size_t p = 0; p < PAIRS; ++p) {
                const float64x2_t lanes = vcvt_f64_f32(vld1_f32(blocks + 2 * p));
                one[p] = vaddq_f64(one[p], vmulq_f64(factor_one, lanes));
                two[p] = vaddq_f64(two[p], vmulq_f64(factor_two, lanes));
            }
        }
#pragma GCC unroll 8
        for (size_t p = 0; p < PAIRS; ++p) {
            vst1q_f64(first + 2 * p, one[p]);
            vst1q_f64(second + 2 * p, two[p]);
        }
    }
}

typedef float64x2_t doubles;
enum { DOUBLES = 2 };

KERNEL inline doubles load_doubles(const double *from)
{
    return vld1q_f64(from);
}

KERNEL inline void store_doubles(double *to, doubles values)
{
    vst1q_f64(to, values);
}

KERNEL inline doubles every_double(double value)
{
    return vdupq_n_f64(value);
}

KERNEL inline doubles times(doubles a, doubles b)
{
    return vmulq_f64(a, b);
}

KERNEL inline doubles plus(doubles a, doubles b)
{
    return vaddq_f64(a, b);
}

/* Not vminq_f64(), which gives NaN for NaN. */
KERNEL inline doubles least(doubles a, doubles b)
{
    return vbslq_f64(vcltq_f64(a, b), a, b);
}

KERNEL inline doubles root(doubles phi, doubles inverse)
{
    const uint64x2_t roots = vreinterpretq_u64_f64(vsqrtq_f64(vmulq_f64(phi, inverse)));
    return vreinterpretq_f64_u64(vandq_u64(vcgtzq_f64(phi), roots));
}

KERNEL inline bool any_positive(doubles phi)
{
    return vmaxvq_u32(vreinterpretq_u32_u64(vcgtzq_f64(phi))) != 0;
}
#include "kernels/scan_sums.h"

typedef int32x4_t ints;
typedef int8x16_t codes;
enum { LANES = 4, TILE_QUERIES = 8, LEVELS = 127, QUERY_BYTES = 1, OFFSET = 0 };

KERNEL inline codes load_codes(const int8_t *from)
{
    return vld1q_s8(from);
}

KERNEL inline codes every_query(const unsigned char *four)
{
    int32_t word;
    memcpy(&word, four, sizeof word);
    return vreinterpretq_s8_s32(vdupq_n_s32(word));
}

KERNEL inline ints start(const int32_t *sums)
{
    (void)sums; /* query codes are signed */
    return vdupq_n_s32(0);
}

/* Sums of two products fit 16 bits: 2 x 127 x 127. */
KERNEL inline ints add_dots(ints sum, codes query, codes products)
{
    const int16x8_t low = vmull_s8(vget_low_s8(query), vget_low_s8(products)), high = vmull_high_s8(query, products);
    return vpadalq_s16(sum, vpaddq_s16(low, high));
}

KERNEL inline uint32_t finish_four(float *values, ints sum, const float *scales, float limit)
{
    static const uint32_t bits[] = {1, 2, 4, 8};
    const float32x4_t value = vmulq_f32(vcvtq_f32_s32(sum), vld1q_f32(scales));
    vst1q_f32(values, value);
    return vaddvq_u32(vbicq_u32(vld1q_u32(bits), vcltq_f32(value, vdupq_n_f32(limit))));
}

KERNEL inline uint32_t finish(float *values, ints low, ints high, const float *scales, float limit)
{
    return finish_four(values, low, scales, limit) | finish_four(values + LANES, high, scales + LANES, limit) << LANES;
}

#define TABLE pv_scan_neon
#define ISA "neon"
#include "kernels/scan_int8.h"
#endif
