/* history_pairs.h - purchases and dislikes as the weighted pairs of the factor model.
 *
 * A product with s orders weighs alpha log2(1 + s) or alpha s, an order counting half after each half-life; a dislike
 * the same, negative (contract section 2).
 */
#ifndef PV_HISTORY_PAIRS_H
#define PV_HISTORY_PAIRS_H

#include "als/als.h"
#include "shop/history.h"
#include "shop/shop.h"

typedef struct pv_pair_rules {
    double alpha, half_life_days, purchase_weight; /* half-life NaN: none */
    pv_weighting weighting;
    int64_t n_products; /* products from this number on were not trained and are left out */
} pv_pair_rules;

/* The row of one history, in arrays of the arena, items rising. Errors: PV_E_MEMORY. */
pv_status pv_history_pairs_row(int32_t **items, double **weights, int64_t *n, const pv_history *history,
                               const pv_pair_rules *rules, pv_arena *arena, pv_error *error) PV_CHECKED;

/* The rows of all users with purchases, as of the shop's date. `pairs` views the arrays, which the struct owns. */
typedef struct pv_history_pairs {
    int64_t *offsets;
    int32_t *columns;
    float *weights;
    pv_pairs pairs;
} pv_history_pairs;
/* deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY. */
pv_status pv_history_pairs_init(pv_history_pairs *pairs, const pv_shop *shop, const pv_pair_rules *rules,
                                pv_error *error) PV_CHECKED;
void pv_history_pairs_deinit(pv_history_pairs *pairs);

#endif
