/* als_score.c - the canonical score: one order of summation for every path that serves it. */
#include "als/als.h"
#include "kernels/canonical_dot.h"

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
