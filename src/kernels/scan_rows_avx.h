/* scan_rows_avx.h - canonical scores of scattered rows on vectors of four float64 numbers, for AVX2 and what includes
 * it.
 *
 * Included by a file that defines before:
 *   KERNEL                storage and target attribute of a kernel function
 */
#include <stddef.h>
#include <stdint.h>

#if defined(KERNEL) /* a template: nothing on its own */
#include <immintrin.h>

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
