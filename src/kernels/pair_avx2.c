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

/* pv_pair_term() of four pairs. */
KERNEL inline __m256d four_terms(const pv_pair_row *row, __m128i companies, __m256d seen)
{
    const __m256d zero = _mm256_setzero_pd(), sign = _mm256_set1_pd(-0.0);
    const __m256d is_own = _mm256_cmp_pd(seen, zero, _CMP_LT_OQ), share = _mm256_andnot_pd(sign, seen);
    const __m256d both = _mm256_sub_pd(_mm256_cvtepi32_pd(companies), _mm256_and_pd(is_own, _mm256_set1_pd(row->own)));
    const __m256d expected = _mm256_mul_pd(_mm256_set1_pd(row->buyers), share);
    const __m256d term = _mm256_mul_pd(_mm256_set1_pd(row->factor), _mm256_sub_pd(both, expected));
    const __m256d is_enough = _mm256_cmp_pd(both, _mm256_set1_pd(row->fewest), _CMP_GE_OQ);
    return _mm256_and_pd(_mm256_max_pd(term, zero), is_enough);
}

EXPORTED void pv_add_pairs_avx2(double *sums, const pv_pair_row *row, const double *seen, const uint8_t *bought)
{
    const pv_pair_row common = *row; /* sums may point anywhere, for all that the compiler knows */
    size_t t = 0;
    for (; t + 4 <= common.n; t += 4) {
        const size_t i0 = (size_t)common.products[t], i1 = (size_t)common.products[t + 1];
        const size_t i2 = (size_t)common.products[t + 2], i3 = (size_t)common.products[t + 3];
        const __m256d of_products = _mm256_setr_pd(seen[2 * i0 + bought[i0]], seen[2 * i1 + bought[i1]],
                                                   seen[2 * i2 + bought[i2]], seen[2 * i3 + bought[i3]]);
        const __m128i companies = _mm_loadu_si128((const __m128i *)(const void *)(common.companies + t));
        const __m256d terms = four_terms(&common, companies, of_products);
        const __m128d low = _mm256_castpd256_pd128(terms), high = _mm256_extractf128_pd(terms, 1);
        sums[i0] += _mm_cvtsd_f64(low);
        sums[i1] += _mm_cvtsd_f64(_mm_unpackhi_pd(low, low));
        sums[i2] += _mm_cvtsd_f64(high);
        sums[i3] += _mm_cvtsd_f64(_mm_unpackhi_pd(high, high));
    }
    for (; t < common.n; ++t) {
        const size_t i = (size_t)common.products[t];
        sums[i] += pv_pair_term(&common, common.companies[t], seen[2 * i + bought[i]]);
    }
}
#endif
