/* scan_avx2.c - the scan kernels on AVX2. */
#include "kernels/scan_kernels.h"
#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#ifndef KERNEL
#define KERNEL __attribute__((target("avx2"))) static
#endif
#include "kernels/scan_rows_avx.h"

KERNEL void dense_scores(double *scores, const float *blocks, size_t n_blocks, const double *x, size_t n)
{
    for (size_t b = 0; b < n_blocks; ++b, scores += PV_SCAN_DENSE_WIDTH) {
        __m256d s0 = _mm256_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
        for (size_t f = 0; f < n; ++f, blocks += PV_SCAN_DENSE_WIDTH) {
            const __m256d factor = _mm256_broadcast_sd(x + f);
            s0 = _mm256_add_pd(s0, _mm256_mul_pd(factor, _mm256_cvtps_pd(_mm_loadu_ps(blocks))));
            s1 = _mm256_add_pd(s1, _mm256_mul_pd(factor, _mm256_cvtps_pd(_mm_loadu_ps(blocks + 4))));
            s2 = _mm256_add_pd(s2, _mm256_mul_pd(factor, _mm256_cvtps_pd(_mm_loadu_ps(blocks + 8))));
            s3 = _mm256_add_pd(s3, _mm256_mul_pd(factor, _mm256_cvtps_pd(_mm_loadu_ps(blocks + 12))));
        }
        _mm256_storeu_pd(scores, s0);
        _mm256_storeu_pd(scores + 4, s1);
        _mm256_storeu_pd(scores + 8, s2);
        _mm256_storeu_pd(scores + 12, s3);
    }
}

KERNEL inline __m256d add_scaled(__m256d sum, __m256d factor, __m256d lanes)
{
    return _mm256_add_pd(sum, _mm256_mul_pd(factor, lanes));
}

KERNEL void dense_scores_two(double *first, double *second, const float *blocks, size_t n_blocks, const double *x_first,
                             const double *x_second, size_t n)
{
    enum { VECTORS_OF_BLOCK = PV_SCAN_DENSE_WIDTH / 4, FETCH_AHEAD = 32 * PV_SCAN_DENSE_WIDTH };
    for (size_t b = 0; b < n_blocks; ++b, first += PV_SCAN_DENSE_WIDTH, second += PV_SCAN_DENSE_WIDTH) {
        __m256d one[VECTORS_OF_BLOCK], two[VECTORS_OF_BLOCK];
#pragma GCC unroll 4
        for (size_t v = 0; v < VECTORS_OF_BLOCK; ++v) one[v] = two[v] = _mm256_setzero_pd();
        for (size_t f = 0; f < n; ++f, blocks += PV_SCAN_DENSE_WIDTH) {
            __builtin_prefetch(blocks + FETCH_AHEAD); /* processors of themselves stop at the end of a page */
            const __m256d factor_one = _mm256_broadcast_sd(x_first + f), factor_two = _mm256_broadcast_sd(x_second + f);
#pragma GCC unroll 4
            for (size_t v = 0; v < VECTORS_OF_BLOCK; ++v) {
                const __m256d lanes = _mm256_cvtps_pd(_mm_loadu_ps(blocks + 4 * v));
                one[v] = add_scaled(one[v], factor_one, lanes);
                two[v] = add_scaled(two[v], factor_two, lanes);
            }
        }
#pragma GCC unroll 4
        for (size_t v = 0; v < VECTORS_OF_BLOCK; ++v) {
            _mm256_storeu_pd(first + 4 * v, one[v]);
            _mm256_storeu_pd(second + 4 * v, two[v]);
        }
    }
}

typedef __m256d doubles;
enum { DOUBLES = 4 };

KERNEL inline doubles load_doubles(const double *from)
{
    return _mm256_loadu_pd(from);
}

KERNEL inline void store_doubles(double *to, doubles values)
{
    _mm256_storeu_pd(to, values);
}

KERNEL inline doubles every_double(double value)
{
    return _mm256_set1_pd(value);
}

KERNEL inline doubles times(doubles a, doubles b)
{
    return _mm256_mul_pd(a, b);
}

KERNEL inline doubles plus(doubles a, doubles b)
{
    return _mm256_add_pd(a, b);
}

KERNEL inline doubles least(doubles a, doubles b)
{
    return _mm256_min_pd(a, b);
}

KERNEL inline __m256d is_positive(doubles phi)
{
    return _mm256_cmp_pd(phi, _mm256_setzero_pd(), _CMP_GT_OQ);
}

KERNEL inline doubles root(doubles phi, doubles inverse)
{
    return _mm256_and_pd(is_positive(phi), _mm256_sqrt_pd(_mm256_mul_pd(phi, inverse)));
}

KERNEL inline bool any_positive(doubles phi)
{
    return _mm256_movemask_pd(is_positive(phi)) != 0;
}
#include "kernels/scan_sums.h"

/* Sums of four products, two 32-bit halves each. */
typedef int32_t ints __attribute__((vector_size(32)));
typedef __m256i codes;

/* vpmaddwd takes 16-bit codes: a query then is as good as exact, and the bounds are a third of those of the 7 bits that
 * vpmaddubsw would leave it, at nearly the same speed. 1,024 products of 127 x 8,191 fit 32 bits. */
enum { LANES = 4, TILE_QUERIES = 6, LEVELS = 8191, QUERY_BYTES = sizeof(int16_t), OFFSET = 0 };

KERNEL inline codes load_codes(const int8_t *from)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)from));
}

KERNEL inline codes every_query(const unsigned char *four)
{
    int64_t word;
    memcpy(&word, four, sizeof word);
    return _mm256_set1_epi64x(word);
}

KERNEL inline ints start(const int32_t *sums)
{
    (void)sums; /* query codes are signed */
    return (ints){0};
}

KERNEL inline ints add_dots(ints sum, codes query, codes products)
{
    return sum + (ints)_mm256_madd_epi16(query, products);
}

KERNEL inline uint32_t finish(float *values, ints low, ints high, const float *scales, float limit)
{
    const __m256i halves = _mm256_hadd_epi32((__m256i)low, (__m256i)high);
    const __m256i dots = _mm256_permute4x64_epi64(halves, _MM_SHUFFLE(3, 1, 2, 0));
    const __m256 value = _mm256_mul_ps(_mm256_cvtepi32_ps(dots), _mm256_loadu_ps(scales));
    _mm256_storeu_ps(values, value);
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(value, _mm256_set1_ps(limit), _CMP_NLT_UQ));
}

#define TABLE pv_scan_avx2
#define ISA "avx2"
#include "kernels/scan_int8.h"
#endif
