/* reorder_gaps.h - the days between a customer's orders of one product, of everybody: by product, category and shop.
 *
 * A gap is the number of days from one date on which a user ordered the product to the next such date. Kept are sums of
 * log gaps, as gaps are taken to be log-normal: exp(mean) is their median.
 */
#ifndef PV_REORDER_GAPS_H
#define PV_REORDER_GAPS_H

#include "signals/signal.h"

/* Days since 1900-01-01 of a time that is one. */
static inline int64_t pv_gap_day(int64_t time)
{
    return (time - PV_TIME_FIRST) / PV_SECONDS_PER_DAY;
}

/* Sums over gaps g. */
typedef struct pv_gap_sum {
    int64_t n;
    double logs, squares; /* sum log g, sum (log g)^2 */
} pv_gap_sum;
/* Add the gaps of lines [first, end), one product of one user in order of time; returns the number of dates. */
int64_t pv_gap_sum_add(pv_gap_sum *sum, const pv_lines *lines, int64_t first, int64_t end);

/* Where the gaps of others were found. */
typedef enum pv_gap_level { PV_GAPS_OF_NOBODY, PV_GAPS_OF_PRODUCT, PV_GAPS_OF_CATEGORY, PV_GAPS_OF_SHOP } pv_gap_level;
typedef struct pv_usual_gap {
    pv_gap_level level;
    int32_t category;      /* of PV_GAPS_OF_CATEGORY, else -1 */
    int64_t companies;     /* other companies with such a gap, at least k */
    double mean, variance; /* of log days */
} pv_usual_gap;

/* Views of the tensors `reorder_due.*`: one row a warm product, then one a category (with what lies below it), then one
 * for the whole shop. */
typedef struct pv_reorder_gaps {
    int64_t n_products, n_categories;
    const int64_t *counts; /* [rows x 2] gaps, companies */
    const double *logs;    /* [rows x 2] sum log g, sum (log g)^2 */
} pv_reorder_gaps;

/* Add the tensors; the shop has time. O(lines). Errors: PV_E_MEMORY. */
pv_status pv_reorder_gaps_fit(pv_tensors *tensors, const pv_shop *shop, pv_error *error) PV_CHECKED;
/* Errors: PV_E_INPUT. */
pv_status pv_reorder_gaps_get(pv_reorder_gaps *gaps, const pv_tensors *tensors, const pv_shop *shop,
                              pv_error *error) PV_CHECKED;
/* For each product of the history what is usual among other companies: at the product, else at its category or the
 * first one above it, else in the shop, wherever first k companies have a gap. usual [n_products of the history] lies
 * in the question's arena. Errors: PV_E_MEMORY. */
pv_status pv_reorder_gaps_usual(const pv_usual_gap **usual, const pv_reorder_gaps *gaps, const pv_question *question,
                                pv_error *error) PV_CHECKED;

#endif
