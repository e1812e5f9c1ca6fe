/* pair_avx2.c - pair terms on AVX2, four at a time and without a branch: nothing tells which pairs count. */
#include "kernels/pair_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#ifndef KERNEL
#define KERNEL __attribute__((target("avx2"))) static
#define EXPORTED __attribute__((target("avx2")))
#else
#define EXPORTED
#endif

/* pv_pair_term() of the four pairs from t on. */
KERNEL inline __m256d four_terms(const pv_pair_row *row, size_t t, __m128i bought)
{
    const __m128i companies = _mm_loadu_si128((const __m128i *)(const void *)(row->companies + t));
    const __m128i others = _mm_sub_epi32(companies, _mm_and_si128(bought, _mm_set1_epi32(row->own)));
    const __m128i is_short = _mm_cmpgt_epi32(_mm_set1_epi32(row->fewest), others);
    return _mm256_cvtps_pd(_mm_andnot_ps(_mm_castsi128_ps(is_short), _mm_loadu_ps(row->weights + t)));
}

EXPORTED void pv_add_pairs_avx2(double *sums, const pv_pair_row *row, const uint8_t *bought)
{
    const pv_pair_row common = *row; /* sums may point anywhere, for all that the compiler knows */
    size_t t = 0;
    for (; t + 4 <= common.n; t += 4) {
        const size_t i0 = (size_t)common.products[t], i1 = (size_t)common.products[t + 1];
        const size_t i2 = (size_t)common.products[t + 2], i3 = (size_t)common.products[t + 3];
        const __m256d terms = four_terms(&common, t, _mm_setr_epi32(bought[i0], bought[i1], bought[i2], bought[i3]));
        const __m128d low = _mm256_castpd256_pd128(terms), high = _mm256_extractf128_pd(terms, 1);
        sums[i0] += _mm_cvtsd_f64(low);
        sums[i1] += _mm_cvtsd_f64(_mm_unpackhi_pd(low, low));
        sums[i2] += _mm_cvtsd_f64(high);
        sums[i3] += _mm_cvtsd_f64(_mm_unpackhi_pd(high, high));
    }
    for (; t < common.n; ++t) {
        const size_t i = (size_t)common.products[t];
        sums[i] += pv_pair_term(&common, t, bought[i]);
    }
}
#endif
