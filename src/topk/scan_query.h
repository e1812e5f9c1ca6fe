/* scan_query.h - one query prepared for a scan, and what its approximate scores may be wrong by.
 *
 * A query x is kept as step x codes. In units of step x the unit of the index, with z = x / step and q its codes, the
 * canonical score of product y lies within
 *
 *     value +- (per_norm |y| + per_error |y - y^| + floor),   value = scale (codes . q) in float32,
 *
 * because z'y - q'y^ = (z - q)'y + q'(y - y^) (Cauchy, Schwarz). per_norm holds |z - q|, and what float64 rounding of
 * the canonical sum and float32 rounding of the value can do; per_error is |q|; floor is for what underflows.
 */
#ifndef PV_SCAN_QUERY_H
#define PV_SCAN_QUERY_H

#include "kernels/scan_kernels.h"
#include <stddef.h>
#include <stdint.h>

typedef struct pv_scan_query {
    double per_norm, per_error, floor;
    double length; /* |z| rounded up: no score is above length |y| + floor */
} pv_scan_query;

/* codes = those of finite x [n_factors] as the kernels take them, `stride` codes from one four to the next.
 * Where scores might leave the range of float64, per_norm and length are infinite: the bounds then exclude nothing. */
pv_scan_query pv_scan_query_make(void *codes, size_t stride, const double *x, size_t n_factors,
                                 const pv_scan_kernels *kernels);

/* The most by which values of a block may be wrong: its norm and error from the index. */
static inline double pv_scan_query_margin(const pv_scan_query *query, float norm, float error)
{
    return query->per_norm * (double)norm + query->per_error * (double)error + query->floor;
}

/* What no score of a product of this norm is above. */
static inline double pv_scan_query_most(const pv_scan_query *query, float norm)
{
    return query->length * (double)norm + query->floor;
}

#endif
