/* scan_avx512.h - what the two tables of AVX-512 share: vectors, and the canonical scores in blocks and rows.
 *
 * Included by scan_avx512.c and scan_avx512_vnni.c, which define KERNEL before: storage and target attribute.
 */
#include "kernels/scan_kernels.h"

#if defined(KERNEL) && !defined(PV_SCAN_AVX512_H) /* a template: nothing on its own */
#define PV_SCAN_AVX512_H

#include <immintrin.h>
#include <string.h>

/* One type for the sums from start to end: where intrinsics see them as another, gcc 12 keeps a second copy in memory.
 */
typedef int32_t ints __attribute__((vector_size(64)));
typedef __m512i codes;
typedef float floats __attribute__((vector_size(64)));
enum { LANES = 16, TILE_QUERIES = 12, QUERY_BYTES = 1 };

KERNEL inline codes load_codes(const int8_t *from)
{
    return _mm512_loadu_si512(from);
}

KERNEL inline codes every_query(const unsigned char *four)
{
    int32_t word;
    memcpy(&word, four, sizeof word);
    return _mm512_set1_epi32(word);
}

KERNEL inline ints less_offset(const int32_t *sums, unsigned offset_bits)
{
    return -(ints)_mm512_slli_epi32(_mm512_loadu_si512(sums), offset_bits);
}

KERNEL inline uint32_t finish_half(float *values, ints sum, const float *scales, float limit)
{
    const __m512 value = (__m512)(__builtin_convertvector(sum, floats) * (floats)_mm512_loadu_ps(scales));
    _mm512_storeu_ps(values, value);
    return _mm512_cmp_ps_mask(value, _mm512_set1_ps(limit), _CMP_NLT_UQ);
}

KERNEL inline uint32_t finish(float *values, ints low, ints high, const float *scales, float limit)
{
    return finish_half(values, low, scales, limit) | finish_half(values + LANES, high, scales + LANES, limit) << LANES;
}

KERNEL inline __m512d add_scaled(__m512d sum, __m512d factor, const float *lanes)
{
    return _mm512_add_pd(sum, _mm512_mul_pd(factor, _mm512_cvtps_pd(_mm256_loadu_ps(lanes))));
}

KERNEL void dense_scores(double *scores, const float *blocks, size_t n_blocks, const double *x, size_t n)
{
    const size_t stride = n * PV_SCAN_DENSE_WIDTH;
    size_t b = 0;
    /* Two blocks at a time: two sums would wait for each other. */
    for (; b + 2 <= n_blocks; b += 2, scores += 2 * PV_SCAN_DENSE_WIDTH) {
        __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
        const float *lanes = blocks + b * stride;
        for (size_t f = 0; f < n; ++f, lanes += PV_SCAN_DENSE_WIDTH) {
            const __m512d factor = _mm512_set1_pd(x[f]);
            s0 = add_scaled(s0, factor, lanes);
            s1 = add_scaled(s1, factor, lanes + 8);
            s2 = add_scaled(s2, factor, lanes + stride);
            s3 = add_scaled(s3, factor, lanes + stride + 8);
        }
        _mm512_storeu_pd(scores, s0);
        _mm512_storeu_pd(scores + 8, s1);
        _mm512_storeu_pd(scores + 16, s2);
        _mm512_storeu_pd(scores + 24, s3);
    }
    if (b == n_blocks) return;
    __m512d low = _mm512_setzero_pd(), high = low;
    const float *lanes = blocks + b * stride;
    for (size_t f = 0; f < n; ++f, lanes += PV_SCAN_DENSE_WIDTH) {
        const __m512d factor = _mm512_set1_pd(x[f]);
        low = add_scaled(low, factor, lanes);
        high = add_scaled(high, factor, lanes + 8);
    }
    _mm512_storeu_pd(scores, low);
    _mm512_storeu_pd(scores + 8, high);
}

/* Four factors of four rows into the four lanes of sums, factor after factor. */
KERNEL inline __m256d add_four_by_four(__m256d sum, const float *const row[4], size_t f, const double *x)
{
    const __m128 a = _mm_loadu_ps(row[0] + f), b = _mm_loadu_ps(row[1] + f);
    const __m128 c = _mm_loadu_ps(row[2] + f), d = _mm_loadu_ps(row[3] + f);
    const __m128 ab_low = _mm_unpacklo_ps(a, b), ab_high = _mm_unpackhi_ps(a, b);
    const __m128 cd_low = _mm_unpacklo_ps(c, d), cd_high = _mm_unpackhi_ps(c, d);
    const __m128 lanes[4] = {_mm_movelh_ps(ab_low, cd_low), _mm_movehl_ps(cd_low, ab_low),
                             _mm_movelh_ps(ab_high, cd_high), _mm_movehl_ps(cd_high, ab_high)};
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
        sum = _mm256_add_pd(sum, _mm256_mul_pd(_mm256_broadcast_sd(x + f + i), _mm256_cvtps_pd(lanes[i])));
    return sum;
}

/* Eight rows at a time, a lane each; rows behind the last are the first again. */
KERNEL void score_rows(double *scores, const float *factors, const int32_t *rows, size_t count, const double *x,
                       size_t n)
{
    enum { ROWS = 8 };
    for (size_t k = 0; k < count; k += ROWS) {
        const float *row[ROWS];
        double sums[ROWS];
        const size_t left = count - k < ROWS ? count - k : ROWS;
        for (size_t r = 0; r < ROWS; ++r) row[r] = factors + (size_t)rows[r < left ? k + r : k] * n;
        __m256d low = _mm256_setzero_pd(), high = low;
        size_t f = 0;
        for (; f + 4 <= n; f += 4) {
            low = add_four_by_four(low, row, f, x);
            high = add_four_by_four(high, row + 4, f, x);
        }
        _mm256_storeu_pd(sums, low);
        _mm256_storeu_pd(sums + 4, high);
        for (size_t r = 0; r < left; ++r) {
            for (size_t i = f; i < n; ++i) sums[r] += x[i] * (double)row[r][i];
            scores[k + r] = sums[r];
        }
    }
}

#endif
