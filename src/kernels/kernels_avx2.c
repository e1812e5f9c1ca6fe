/* kernels_avx2.c - vectors of AVX2 with FMA, and the table built on them. */
#include "kernels/kernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>

#ifndef KERNEL
#define KERNEL __attribute__((target("avx2,fma"))) static
#define TILE __attribute__((target("avx2,fma"), always_inline)) static inline
#endif
#define TABLE pv_kernels_avx2
#define ISA "avx2"

typedef __m256 floats;
typedef __m256d doubles;
enum { FLOATS = 8, DOUBLES = 4 };

KERNEL inline floats load(const float *from)
{
    return _mm256_loadu_ps(from);
}

KERNEL inline void store(float *to, floats v)
{
    _mm256_storeu_ps(to, v);
}

KERNEL inline floats every(float value)
{
    return _mm256_set1_ps(value);
}

KERNEL inline floats fused(floats a, floats b, floats c)
{
    return _mm256_fmadd_ps(a, b, c);
}

KERNEL inline float sum_lanes(floats v)
{
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

KERNEL inline void sum_lanes_of_eight(float *out, const floats v[8])
{
    floats a = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    floats b = _mm256_hadd_ps(_mm256_hadd_ps(v[4], v[5]), _mm256_hadd_ps(v[6], v[7]));
    floats low = _mm256_permute2f128_ps(a, b, 0x20), high = _mm256_permute2f128_ps(a, b, 0x31);
    _mm256_storeu_ps(out, _mm256_add_ps(low, high));
}

KERNEL inline doubles load_wide(const double *from)
{
    return _mm256_loadu_pd(from);
}

KERNEL inline void store_wide(double *to, doubles v)
{
    _mm256_storeu_pd(to, v);
}

KERNEL inline doubles every_wide(double value)
{
    return _mm256_set1_pd(value);
}

KERNEL inline doubles fused_wide(doubles a, doubles b, doubles c)
{
    return _mm256_fmadd_pd(a, b, c);
}

KERNEL inline double sum_lanes_wide(doubles v)
{
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

KERNEL inline doubles widen(const float *from)
{
    return _mm256_cvtps_pd(_mm_loadu_ps(from));
}

KERNEL inline void transpose_wide(doubles v[4])
{
    doubles even_low = _mm256_unpacklo_pd(v[0], v[1]), odd_low = _mm256_unpackhi_pd(v[0], v[1]);
    doubles even_high = _mm256_unpacklo_pd(v[2], v[3]), odd_high = _mm256_unpackhi_pd(v[2], v[3]);
    v[0] = _mm256_permute2f128_pd(even_low, even_high, 0x20);
    v[1] = _mm256_permute2f128_pd(odd_low, odd_high, 0x20);
    v[2] = _mm256_permute2f128_pd(even_low, even_high, 0x31);
    v[3] = _mm256_permute2f128_pd(odd_low, odd_high, 0x31);
}

#include "kernels/kernel_table.h"
#endif
