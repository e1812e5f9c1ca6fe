/* als_score.c - the canonical score: one order of summation for every path that serves it.
 *
 * One sum is a chain of dependent additions; pv_als_score_rows() keeps eight chains going, two to a vector.
 */
#include "als/als_score.h"
#include "als/als.h"
#include "kernels/canonical_dot.h"
#include <string.h>

double pv_als_score(const double *x, const float *y, int32_t n_factors)
{
    return pv_canonical_dot(x, y, (size_t)n_factors);
}

double pv_als_score_stored(const float *x, const float *y, int32_t n_factors)
{
    double sum = 0.0;
    for (int32_t i = 0; i < n_factors; ++i) sum += (double)x[i] * (double)y[i];
    return sum;
}

enum { PAIRS = 4, ROWS = 2 * PAIRS, FACTORS = 4 };

typedef float floats __attribute__((vector_size(FACTORS * sizeof(float))));
typedef float float_pair __attribute__((vector_size(2 * sizeof(float))));
typedef double double_pair __attribute__((vector_size(2 * sizeof(double))));

static inline floats load(const float *from)
{
    floats value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* sums += x . y over four factors for the two products of a pair, factor after factor. */
static inline double_pair add_factors(double_pair sums, const double *x, const float *first, const float *second)
{
    const floats a = load(first), b = load(second);
    const float_pair columns[FACTORS] = {{a[0], b[0]}, {a[1], b[1]}, {a[2], b[2]}, {a[3], b[3]}};
    for (size_t f = 0; f < FACTORS; ++f) sums += x[f] * __builtin_convertvector(columns[f], double_pair);
    return sums;
}

static void score_eight(double scores[ROWS], const double *x, const float *const rows[ROWS], size_t n)
{
    double_pair sums[PAIRS] = {0};
    size_t i = 0;
    for (; i + FACTORS <= n; i += FACTORS)
        for (size_t p = 0; p < PAIRS; ++p) sums[p] = add_factors(sums[p], x + i, rows[2 * p] + i, rows[2 * p + 1] + i);
    memcpy(scores, sums, sizeof sums);
    for (; i < n; ++i)
        for (size_t r = 0; r < ROWS; ++r) scores[r] += x[i] * (double)rows[r][i];
}

void pv_als_score_rows(double *scores, const double *x, const float *Y, const int32_t *rows, int64_t n,
                       int32_t n_factors)
{
    const size_t d = (size_t)n_factors;
    for (int64_t first = 0; first < n; first += ROWS) {
        const float *of[ROWS];
        double eight[ROWS];
        const int64_t count = n - first < ROWS ? n - first : ROWS;
        for (int64_t r = 0; r < ROWS; ++r) of[r] = Y + (size_t)rows[first + (r < count ? r : 0)] * d;
        score_eight(eight, x, of, d);
        memcpy(scores + first, eight, (size_t)count * sizeof *scores);
    }
}
