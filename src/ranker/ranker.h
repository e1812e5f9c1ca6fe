/* ranker.h - the additive score: contributions of all signals, summed once in float64, the same number on every path.
 *
 * Holds:    pv_ranker (what a model knows, bound), pv_ranking (one question's scores).
 * Threads:  a ranker is read-only and shared; a ranking belongs to one question and its arena.
 * Math:     score(u, i) = base + sum over signals of weight x phi / scale (docs/math.md, "The score").
 */
#ifndef PV_RANKER_H
#define PV_RANKER_H

#include "ranker/weights.h"
#include "signals/signal.h"

typedef struct pv_ranker {
    pv_shop shop;
    pv_weights weights;
    int32_t min_companies;        /* the k rule */
    void *bound[PV_SIGNAL_COUNT]; /* NULL for a signal that is not in the model */
    bool is_bound[PV_SIGNAL_COUNT];
} pv_ranker;

/* Bind everything that serving needs, all of it checked. The tensors must outlive the ranker. */
pv_status pv_ranker_create(pv_ranker **ranker, const pv_tensors *tensors, pv_error *error) PV_CHECKED;
void pv_ranker_free(pv_ranker *ranker); /* accepts NULL */

typedef struct pv_ranking {
    const pv_ranker *ranker;
    const pv_question *question;
    double factor[PV_SIGNAL_COUNT];    /* weight / scale, 0 when the signal does not count here */
    bool is_prepared[PV_SIGNAL_COUNT]; /* it can speak, whether it counts or not */
    void *prepared[PV_SIGNAL_COUNT];
    /* After pv_ranking_score(): [n products] of a signal whose contributions are kept, NULL: compute them */
    double *contributions[PV_SIGNAL_COUNT];
    double *scores; /* [n products] after pv_ranking_score() */
} pv_ranking;

/* Prepare the signals for a question. is_popular_list: a company without purchases; the list scores by popularity,
 * whatever signals the model uses. */
pv_status pv_ranking_make(pv_ranking *ranking, const pv_ranker *ranker, const pv_question *question,
                          bool is_popular_list, pv_error *error) PV_CHECKED;
/* Score every product. */
pv_status pv_ranking_score(pv_ranking *ranking, pv_error *error) PV_CHECKED;
/* One product, bit for bit the number of pv_ranking_score(). */
double pv_ranking_score_one(const pv_ranking *ranking, int32_t product);
/* Contribution of one signal to one product, the same bits. */
double pv_ranking_contribution(const pv_ranking *ranking, int signal, int32_t product);
/* The same, looked up where pv_ranking_score() kept it. */
double pv_ranking_kept_contribution(const pv_ranking *ranking, int signal, int32_t product);

#endif
