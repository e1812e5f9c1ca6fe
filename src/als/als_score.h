/* als_score.h - canonical scores of listed products. */
#ifndef PV_ALS_SCORE_H
#define PV_ALS_SCORE_H

#include <stdint.h>

/* scores[n] = x . y of rows[n] of Y, each bit for bit pv_als_score(); several rows are summed at the same time.
 *
 * x  [n_factors], Y  [.. x n_factors] row-major.
 */
void pv_als_score_rows(double *scores, const double *x, const float *Y, const int32_t *rows, int64_t n,
                       int32_t n_factors);

#endif
