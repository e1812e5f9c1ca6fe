/* list_metrics.h - one customer's list against what the customer bought, by every metric of pv_metric that belongs to
 * one list.
 *
 * Source:   equations at pv_metric (purvey/evaluate.h); NDCG with binary gains, MAP over min(n, |R|) places as usual in
 *           information retrieval; category divergence: Steck, Calibrated recommendations, RecSys 2018.
 * Threads:  pure functions but for the arena.
 */
#ifndef PV_LIST_METRICS_H
#define PV_LIST_METRICS_H

#include "base/memory.h"
#include "shop/history.h"
#include "shop/shop.h"
#include <purvey/evaluate.h>

/* The places of a list, best first. */
typedef struct pv_ranked_list {
    int32_t n; /* fewer than PV_LENGTH_LONGEST when there are no more candidates */
    int32_t products[PV_LENGTH_LONGEST];
    bool is_tied[PV_LENGTH_LONGEST]; /* the next candidate has the same score: ids decided */
} pv_ranked_list;

/* What a customer bought of one task's kind. Views. */
typedef struct pv_truth_set {
    int64_t n;
    const int32_t *products; /* [n], rising */
    const double *spend;     /* [n], 0 or more */
} pv_truth_set;

/* What a customer's history is made of: distinct products by category. */
typedef struct pv_category_mix {
    int64_t n;
    const int32_t *categories; /* [n], rising */
    const double *shares;      /* [n], sum 1 */
} pv_category_mix;
/* Products without a category do not count; n is 0 when none has one. Memory from the arena. */
pv_status pv_category_mix_make(pv_category_mix *mix, const pv_shop *shop, const pv_history *history, pv_arena *arena,
                               pv_error *error) PV_CHECKED;

/* Surprise of each product to those who know the shop, -log2((buyers + 1) / (companies + 1)). novelty [n products]. */
void pv_novelty_fill(double *novelty, const pv_shop *shop);

/* What a list is judged with. Borrowed. */
typedef struct pv_list_judge {
    const pv_shop *shop;
    const pv_history *history;
    const pv_category_mix *mix;
    const double *novelty; /* [n products] */
} pv_list_judge;

/* truth->n > 0. NaN where a metric is not defined for this list: no money in the truth, no categories. */
void pv_list_measure(double metrics[PV_LENGTH_COUNT][PV_USER_METRIC_COUNT], const pv_ranked_list *list,
                     const pv_truth_set *truth, const pv_list_judge *judge);
/* Recall and NDCG at PV_LENGTH_LONGEST alone, the same numbers. */
void pv_list_headlines(double headlines[PV_HEADLINE_COUNT], const pv_ranked_list *list, const pv_truth_set *truth);

#endif
