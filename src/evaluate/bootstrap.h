/* bootstrap.h - how far means would move with other customers: the paired bootstrap over companies.
 *
 *   A draw takes as many companies as there are, with replacement; a company brings all its rows. The mean of a column
 *   over the rows drawn is one value of that draw; all columns share the draws, so that differences are paired.
 *   Interval: the 2.5 % and 97.5 % quantiles of the draws, interpolated between neighbours.
 *
 * Source:   Efron, Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 (units drawn as a whole) and 13
 *           (percentile interval); Davison, Hinkley, Bootstrap Methods and Their Application, 1997, 4.2.1 (p values).
 * Repeat:   draws are addressed by seed, draw and position: the same for any number of threads.
 */
#ifndef PV_BOOTSTRAP_H
#define PV_BOOTSTRAP_H

#include "base/threads.h"
#include <purvey/evaluate.h>

/* Rows grouped by company. */
typedef struct pv_bootstrap_rows {
    int64_t n_rows, n_columns;
    const int32_t *company; /* [n_rows], any numbers from 0 on */
    const double *values;   /* [n_rows x n_columns]; NaN: the row has no say in this column */
} pv_bootstrap_rows;

typedef struct pv_bootstrap pv_bootstrap;

/* Draw. The rows are not needed afterwards. O(draws x companies x columns) time, 8 (draws + 2 companies) columns
 * bytes. threads nullable. Errors: PV_E_MEMORY. */
pv_status pv_bootstrap_create(pv_bootstrap **bootstrap, const pv_bootstrap_rows *rows, int32_t draws, uint64_t seed,
                              pv_threads *threads, pv_error *error) PV_CHECKED;
void pv_bootstrap_free(pv_bootstrap *bootstrap); /* accepts NULL */

int64_t pv_bootstrap_companies(const pv_bootstrap *bootstrap); /* distinct ones among the rows */
/* Of the mean of a column. */
pv_interval pv_bootstrap_interval(const pv_bootstrap *bootstrap, int64_t column);
/* Column `ours` against column `other`; p_adjusted is not set. */
pv_comparison pv_bootstrap_compare(const pv_bootstrap *bootstrap, int64_t ours, int64_t other);

/* Holm 1979: p_adjusted of n comparisons from their p_value; those with NaN do not count and stay NaN. */
void pv_holm_adjust(pv_comparison *const *comparisons, int64_t n);

#endif
