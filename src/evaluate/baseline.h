/* baseline.h - what every recommender is compared with: simple methods behind one interface.
 *
 * Holds:    pv_baseline (the interface), pv_baselines (all of them).
 * Threads:  a state is read-only after create(); score() may be called by many threads, each with its own arena.
 * Each header of baselines/ gives the method's equation and source. A baseline that has nothing to say about a product
 * places it behind all it speaks for (baselines/recent_buyers.h), so that its lists are always full.
 */
#ifndef PV_BASELINE_H
#define PV_BASELINE_H

#include "base/memory.h"
#include "base/threads.h"
#include "ranker/ranker.h"
#include "shop/history.h"
#include "shop/shop.h"

/* What a baseline may look at: the shop as of the cut-off and the model trained on it. Borrowed. */
typedef struct pv_baseline_input {
    const pv_shop *shop;
    const pv_ranker *ranker; /* of the same date; its factor model is the baseline "als" */
    pv_threads *threads;     /* used by create() alone */
    uint64_t seed;
} pv_baseline_input;

typedef struct pv_baseline {
    const char *code;  /* "popular", "item_knn", ... */
    const char *title; /* for tables */
    /* Why it cannot be computed for this shop (too many products, no segment, ...), or NULL. NULL: it always can. */
    const char *(*absent)(const pv_baseline_input *input);
    /* The shop, and for "als" the ranker, are borrowed until free(). *state is NULL after a failure. */
    pv_status (*create)(void **state, const pv_baseline_input *input, pv_error *error);
    void (*free)(void *state); /* accepts NULL */
    /* scores [n products], finite and written for every product; `history` is that of the warm user `user` as of the
     * cut-off. */
    pv_status (*score)(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error);
} pv_baseline;

/* In the order of the report; NULL ends the list. */
extern const pv_baseline *const pv_baselines[];

#endif
