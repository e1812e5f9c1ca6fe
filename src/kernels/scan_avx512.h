/* scan_avx512.h - what the two tables of AVX-512 share: vectors, and the canonical scores in blocks and rows.
 *
 * Included by scan_avx512.c and scan_avx512_vnni.c, which define before: KERNEL, storage and target attribute, and
 * OFFSET_BITS, the offset of a query's codes as a power of two.
 */
#include "kernels/scan_kernels.h"

#if defined(KERNEL) && !defined(PV_SCAN_AVX512_H) /* a template: nothing on its own */
#define PV_SCAN_AVX512_H

#include "kernels/scan_rows_avx.h"
#include <immintrin.h>
#include <stdbool.h>
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

KERNEL inline ints start(const int32_t *sums)
{
    return -(ints)_mm512_slli_epi32(_mm512_loadu_si512(sums), OFFSET_BITS);
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

KERNEL void dense_scores_two(double *first, double *second, const float *blocks, size_t n_blocks, const double *x_first,
                             const double *x_second, size_t n)
{
    for (size_t b = 0; b < n_blocks; ++b, first += PV_SCAN_DENSE_WIDTH, second += PV_SCAN_DENSE_WIDTH) {
        __m512d low_one = _mm512_setzero_pd(), high_one = low_one, low_two = low_one, high_two = low_one;
        for (size_t f = 0; f < n; ++f, blocks += PV_SCAN_DENSE_WIDTH) {
            const __m512d factor_one = _mm512_set1_pd(x_first[f]), factor_two = _mm512_set1_pd(x_second[f]);
            low_one = add_scaled(low_one, factor_one, blocks);
            high_one = add_scaled(high_one, factor_one, blocks + 8);
            low_two = add_scaled(low_two, factor_two, blocks);
            high_two = add_scaled(high_two, factor_two, blocks + 8);
        }
        _mm512_storeu_pd(first, low_one);
        _mm512_storeu_pd(first + 8, high_one);
        _mm512_storeu_pd(second, low_two);
        _mm512_storeu_pd(second + 8, high_two);
    }
}

typedef __m512d doubles;
enum { DOUBLES = 8 };

KERNEL inline doubles load_doubles(const double *from)
{
    return _mm512_loadu_pd(from);
}

KERNEL inline void store_doubles(double *to, doubles values)
{
    _mm512_storeu_pd(to, values);
}

KERNEL inline doubles every_double(double value)
{
    return _mm512_set1_pd(value);
}

KERNEL inline doubles times(doubles a, doubles b)
{
    return _mm512_mul_pd(a, b);
}

KERNEL inline doubles plus(doubles a, doubles b)
{
    return _mm512_add_pd(a, b);
}

KERNEL inline doubles least(doubles a, doubles b)
{
    return _mm512_min_pd(a, b);
}

KERNEL inline uint8_t is_positive(doubles phi)
{
    return _mm512_cmp_pd_mask(phi, _mm512_setzero_pd(), _CMP_GT_OQ);
}

KERNEL inline doubles root(doubles phi, doubles inverse)
{
    return _mm512_mask_sqrt_pd(_mm512_setzero_pd(), is_positive(phi), _mm512_mul_pd(phi, inverse));
}

KERNEL inline bool any_positive(doubles phi)
{
    return is_positive(phi) != 0;
}
#include "kernels/scan_sums.h"

#endif
