/* rebuy_counts.h - how often products are bought again: by whom, and in how many of the orders that could have had
 * them.
 *
 * Of a product, over companies with a purchase:   buyers, and `again` that have it in two or more orders;
 * over users (each with its own orders):          repeats = sum (n_ui - 1), chances = sum (o_ui - 1),
 *
 * n_ui orders of u with i, o_ui orders of u since its first one with i, that one counted. All without the asking
 * company. A simple shop (neither time nor order) has no orders: everything is 0 there.
 *
 * Holds:  the tensors `rebuy_rate.*` that habit, rebuy_rate and reorder_due share, and what follows from them.
 */
#ifndef PV_REBUY_COUNTS_H
#define PV_REBUY_COUNTS_H

#include "signals/signal.h"

typedef struct pv_rebuy_count {
    int64_t buyers, again;
    int64_t repeats, chances;
} pv_rebuy_count;

/* Views of the tensors, and the sums over all products. */
typedef struct pv_rebuy_counts {
    const int32_t *buyers, *again;    /* [n_warm products] */
    const int64_t *repeats, *chances; /* [n_warm products] */
    pv_rebuy_count all;
} pv_rebuy_counts;

/* `fit` of a signal: add the tensors, unless they are there. O(lines). Errors: PV_E_MEMORY. */
pv_status pv_rebuy_counts_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                              pv_error *error) PV_CHECKED;
/* Errors: PV_E_INPUT. */
pv_status pv_rebuy_counts_get(pv_rebuy_counts *counts, const pv_tensors *tensors, const pv_shop *shop,
                              pv_error *error) PV_CHECKED;
/* `bind` of a signal that has nothing else: *bound is a pv_rebuy_counts. Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_rebuy_counts_bind(void **bound, const pv_tensors *tensors, const pv_shop *shop,
                               pv_error *error) PV_CHECKED;

/* The counts of everybody but the asking company. */
typedef struct pv_rebuy_others {
    const pv_rebuy_count *of_product; /* [n_products of the history] */
    pv_rebuy_count all;
    int32_t min_companies;
} pv_rebuy_others;
/* Memory from the question's arena. O(lines of the company). Errors: PV_E_MEMORY. */
pv_status pv_rebuy_counts_of_others(pv_rebuy_others *others, const pv_rebuy_counts *counts, const pv_question *question,
                                    pv_error *error) PV_CHECKED;

/* (again + m p) / (buyers + m), p = again / buyers over all products, m = 20; p below k buyers. k: the history's
 * product in question. */
double pv_rebuy_share(const pv_rebuy_others *others, int64_t k);
/* (repeats + m g) / (chances + m), g = repeats / chances over all products; g below k buyers. */
double pv_rebuy_frequency(const pv_rebuy_others *others, int64_t k);

#endif
