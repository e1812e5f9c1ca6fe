/* ranker.h - the additive score: contributions of all signals, summed once in float64, the same number on every path.
 *
 * Holds:    pv_ranker (what a model knows, bound), pv_ranking (one question's scores).
 * Threads:  a ranker is read-only and shared; a ranking belongs to one question and its arena.
 * Math:     score(u, i) = base + sum over signals of weight x z, both by kind (weights.h; docs/math.md, "The score").
 */
#ifndef PV_RANKER_H
#define PV_RANKER_H

#include "ranker/calibration.h"
#include "ranker/weights.h"
#include "signals/signal.h"

typedef struct pv_ranker {
    pv_shop shop;
    pv_weights weights;
    pv_calibration calibration;
    int32_t min_companies;        /* the k rule */
    void *bound[PV_SIGNAL_COUNT]; /* NULL for a signal that is not in the model */
    bool is_bound[PV_SIGNAL_COUNT];
    bool is_silent[PV_SIGNAL_COUNT]; /* the shop's data cannot carry it: it does not count */
    bool has_promotions;
} pv_ranker;

/* Bind everything that serving needs, all of it checked. The tensors must outlive the ranker. */
pv_status pv_ranker_create(pv_ranker **ranker, const pv_tensors *tensors, pv_error *error) PV_CHECKED;
void pv_ranker_free(pv_ranker *ranker); /* accepts NULL */

/* The same in steps, for who binds with several threads: begin; each signal in [0, PV_SIGNAL_COUNT), in any order and
 * any of them at the same time; finish when all succeeded. */
pv_status pv_ranker_begin(pv_ranker **ranker, const pv_tensors *tensors, pv_error *error) PV_CHECKED;
pv_status pv_ranker_bind_signal(pv_ranker *ranker, int signal, const pv_tensors *tensors, pv_error *error) PV_CHECKED;
void pv_ranker_finish(pv_ranker *ranker);

typedef struct pv_ranking {
    const pv_ranker *ranker;
    const pv_question *question;
    double weight[PV_KIND_COUNT][PV_SIGNAL_COUNT]; /* 0 when the signal does not count here */
    double most[PV_KIND_COUNT][PV_SIGNAL_COUNT];   /* of z */
    double inverse_scale[PV_SIGNAL_COUNT];         /* 1 / s_u */
    double base[PV_KIND_COUNT];
    bool is_als_alone; /* z = x.y */
    bool is_popular_list;
    bool is_prepared[PV_SIGNAL_COUNT]; /* it can speak; those that do not count when they are asked for */
    void *prepared[PV_SIGNAL_COUNT];
    /* [n products] contributions that are known already, NULL: compute them when asked */
    double *contributions[PV_SIGNAL_COUNT];
    double *scores; /* [n products] after pv_ranking_score(), policy included */
    double *policy; /* [n products] what promotions added; NULL: nothing */
} pv_ranking;

/* Prepare the signals that count for a question. is_popular_list: a company without purchases; the list scores by
 * popularity, whatever signals the model uses. */
pv_status pv_ranking_make(pv_ranking *ranking, const pv_ranker *ranker, const pv_question *question,
                          bool is_popular_list, pv_error *error) PV_CHECKED;
/* The two halves of it for who prepares signals one by one: weights and scales, then a signal. */
void pv_ranking_begin(pv_ranking *ranking, const pv_ranker *ranker, const pv_question *question, bool is_popular_list);
pv_status pv_ranking_prepare(pv_ranking *ranking, int signal, pv_error *error) PV_CHECKED;

/* Prepare a signal of the model that does not count, all such signals: what they say stands beside the sum. Nothing
 * happens where that is done, or where the model does not have it. */
pv_status pv_ranking_prepare_late(const pv_ranking *ranking, int signal, pv_error *error) PV_CHECKED;
pv_status pv_ranking_prepare_rest(const pv_ranking *ranking, pv_error *error) PV_CHECKED;

/* Reorder when the question's history has the product. */
pv_kind pv_ranking_kind(const pv_ranking *ranking, int32_t product);
/* True when the signal has a weight for some kind of product. */
bool pv_ranking_counts(const pv_ranking *ranking, int signal);
/* The form of a signal here: als alone is served as it is. */
pv_signal_form pv_ranking_form(const pv_ranking *ranking, int signal);
/* phi to z: scaled for this customer, and the root where the signal has that form. */
double pv_ranking_scaled(const pv_ranking *ranking, int signal, double phi);

/* Score every product (ranking_score.c). */
pv_status pv_ranking_score(pv_ranking *ranking, pv_error *error) PV_CHECKED;
/* One product, bit for bit the number of pv_ranking_score() without policy, which depends on all of them. */
double pv_ranking_score_one(const pv_ranking *ranking, int32_t product);
/* Contribution of one signal to one product, the same bits. */
double pv_ranking_contribution(const pv_ranking *ranking, int signal, int32_t product);
/* The same from a phi that is known. */
double pv_ranking_contribution_of(const pv_ranking *ranking, int signal, pv_kind kind, double phi);
/* What one unit of evidence adds: contribution / phi, where it is the root of phi in proportion to the pieces. */
double pv_ranking_unit(const pv_ranking *ranking, int signal, pv_kind kind, double phi);
/* Contribution of one signal to one product, looked up where pv_ranking_score() kept it. */
double pv_ranking_kept_contribution(const pv_ranking *ranking, int signal, int32_t product);

#endif
