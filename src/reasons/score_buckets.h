/* score_buckets.h - how many candidates score better than a number, asked many times of one list of scores.
 *
 * Holds:    pv_score_buckets: the candidates of the best scores, grouped by score into ranges of equal width. A number
 *           falls into one of them: all of the ranges above are better, only its own has to be looked through.
 * Cost:     one pass over the candidates to make, two in rare cases; a question looks at one range, a handful of scores
 * where they do not crowd. Ranges below those that hold the best PV_RANK_MAX + 1 are not kept. Threads:  everything
 * belongs to one question and its arena.
 */
#ifndef PV_SCORE_BUCKETS_H
#define PV_SCORE_BUCKETS_H

#include "base/memory.h"
#include <purvey/status.h>
#include <stdint.h>

typedef struct pv_score_buckets {
    double limit;          /* more than PV_RANK_MAX candidates score this or more; -infinity: all are looked at */
    double low, per_score; /* bucket of a score: (score - low) per_score, rounded down */
    int64_t lowest;        /* the lowest bucket that is kept */
    const int32_t *ends;   /* [buckets + 1] entries in this bucket and those above; of kept buckets */
    const int32_t *products;
    const double *scores; /* [ends[lowest]] of the products, best bucket first, rising products within one */
} pv_score_buckets;

/* Of candidates [n], rising, by scores [n products]. Memory from the arena. Errors: PV_E_MEMORY. */
pv_status pv_score_buckets_make(pv_score_buckets *buckets, const double *scores, const int32_t *candidates, int64_t n,
                                pv_arena *arena, pv_error *error) PV_CHECKED;

/* A kept bucket's entries are [first, end); those before `first` all score above `score`, those from `end` on below it.
 * False when more than PV_RANK_MAX candidates score above. */
bool pv_score_buckets_range(int64_t *first, int64_t *end, const pv_score_buckets *buckets, double score);

#endif
