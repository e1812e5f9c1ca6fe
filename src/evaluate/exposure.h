/* exposure.h - how often each product stands in the lists of a cut-off: coverage and Gini coefficient.
 *
 *   Gini of the counts x_1 <= ... <= x_N of the N known products:  sum over i of (2 i - N - 1) x_i / (N sum of x)
 *
 * Memory:   36 bytes a product and contender.
 */
#ifndef PV_EXPOSURE_H
#define PV_EXPOSURE_H

#include "evaluate/contest.h"

typedef struct pv_exposure {
    int64_t n_contenders, n_products;
    int32_t *counts; /* [PV_TASK_COUNT x n_contenders x PV_LENGTH_COUNT x n_products]: in the first places of a list but
                        not in the shorter ones */
    int64_t *scratch; /* [n_products] */
} pv_exposure;

pv_status pv_exposure_init(pv_exposure *exposure, int64_t n_contenders, int64_t n_products, pv_error *error) PV_CHECKED;
void pv_exposure_deinit(pv_exposure *exposure);
void pv_exposure_add(pv_exposure *exposure, const pv_user_outcome *outcome);
/* Write both metrics into results[PV_TASK_COUNT]; NaN where no list was made. n_known: products known at the cut-off.
 */
void pv_exposure_finish(pv_task_result *results, pv_exposure *exposure, int64_t n_known);

/* Gini coefficient of counts[n] (which are put in order) and n_total - n zeros beside them; NaN when all are 0. */
double pv_gini(int64_t *counts, int64_t n, int64_t n_total);

#endif
