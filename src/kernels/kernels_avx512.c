/* kernels_avx512.c - vectors of AVX-512, and the table built on them. */
#include "kernels/kernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>

#ifndef KERNEL
#define KERNEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))) static
#define TILE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"), always_inline)) static inline
#endif
#define TABLE pv_kernels_avx512
#define ISA "avx512"

typedef __m512 floats;
typedef __m512d doubles;
enum { FLOATS = 16, DOUBLES = 8 };

KERNEL inline floats load(const float *from)
{
    return _mm512_loadu_ps(from);
}

KERNEL inline void store(float *to, floats v)
{
    _mm512_storeu_ps(to, v);
}

KERNEL inline floats every(float value)
{
    return _mm512_set1_ps(value);
}

KERNEL inline floats fused(floats a, floats b, floats c)
{
    return _mm512_fmadd_ps(a, b, c);
}

/* The sums of the lanes i and i + 8. */
KERNEL inline __m256 fold(floats v)
{
    __m512d bits = _mm512_castps_pd(v);
    return _mm256_add_ps(_mm256_castpd_ps(_mm512_castpd512_pd256(bits)),
                         _mm256_castpd_ps(_mm512_extractf64x4_pd(bits, 1)));
}

KERNEL inline float sum_lanes(floats v)
{
    __m256 eight = fold(v);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

KERNEL inline void sum_lanes_of_eight(float *out, const floats v[8])
{
    __m256 a = _mm256_hadd_ps(_mm256_hadd_ps(fold(v[0]), fold(v[1])), _mm256_hadd_ps(fold(v[2]), fold(v[3])));
    __m256 b = _mm256_hadd_ps(_mm256_hadd_ps(fold(v[4]), fold(v[5])), _mm256_hadd_ps(fold(v[6]), fold(v[7])));
    __m256 low = _mm256_permute2f128_ps(a, b, 0x20), high = _mm256_permute2f128_ps(a, b, 0x31);
    _mm256_storeu_ps(out, _mm256_add_ps(low, high));
}

KERNEL inline doubles load_wide(const double *from)
{
    return _mm512_loadu_pd(from);
}

KERNEL inline void store_wide(double *to, doubles v)
{
    _mm512_storeu_pd(to, v);
}

KERNEL inline doubles every_wide(double value)
{
    return _mm512_set1_pd(value);
}

KERNEL inline doubles fused_wide(doubles a, doubles b, doubles c)
{
    return _mm512_fmadd_pd(a, b, c);
}

KERNEL inline double sum_lanes_wide(doubles v)
{
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd(v, 1));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

KERNEL inline doubles widen(const float *from)
{
    return _mm512_cvtps_pd(_mm256_loadu_ps(from));
}

KERNEL inline void transpose_wide(doubles v[8])
{
    doubles pairs[8], fours[8];
    /* Blocks of 2 x 2, then blocks of 4 x 4 of 128-bit lanes, then their places. */
#pragma GCC unroll 4
    for (size_t r = 0; r < 8; r += 2) {
        pairs[r] = _mm512_unpacklo_pd(v[r], v[r + 1]);
        pairs[r + 1] = _mm512_unpackhi_pd(v[r], v[r + 1]);
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < 4; ++r) {
        size_t from = r / 2 * 4 + r % 2;
        fours[r] = _mm512_shuffle_f64x2(pairs[from], pairs[from + 2], 0x88);
        fours[r + 4] = _mm512_shuffle_f64x2(pairs[from], pairs[from + 2], 0xdd);
    }
#pragma GCC unroll 2
    for (size_t r = 0; r < 2; ++r) {
        v[r] = _mm512_shuffle_f64x2(fours[r], fours[r + 2], 0x88);
        v[r + 2] = _mm512_shuffle_f64x2(fours[r + 4], fours[r + 6], 0x88);
        v[r + 4] = _mm512_shuffle_f64x2(fours[r], fours[r + 2], 0xdd);
        v[r + 6] = _mm512_shuffle_f64x2(fours[r + 4], fours[r + 6], 0xdd);
    }
}

#include "kernels/kernel_table.h"
#endif
