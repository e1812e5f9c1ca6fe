/* scan_best.h - the best n products for one query, exactly: highest canonical score, ties in a given order.
 *
 * Nearly all products are dismissed by their int8 codes and the bounds of scan_query.h; the few that remain are scored
 * canonically. The answer is that of scoring everything and sorting, bit for bit, with every instruction set.
 */
#ifndef PV_SCAN_BEST_H
#define PV_SCAN_BEST_H

#include "topk/scan_candidates.h"
#include "topk/scan_index.h"

typedef struct pv_scan_order {
    int64_t n;          /* how many are wanted */
    pv_scan_gate *gate; /* NULL: all products may */
    const void *gate_context;
    pv_tie_order *before;
    const void *tie_context;
} pv_scan_order;

/* Write the best min(n, allowed products) into best and scores [min(n, n_products)], their number into *n_found. x
 * [n_factors] finite; where a canonical score is not a number (products of both signs overflow) its place is
 * unspecified. n_products n_factors int8 operations at most. Errors: PV_E_MEMORY. */
pv_status pv_scan_best(int32_t *best, double *scores, int64_t *n_found, const pv_scan_index *index, const double *x,
                       const pv_scan_order *order, pv_error *error) PV_CHECKED;

#endif
