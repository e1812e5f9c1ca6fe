/* ranking_score.c - the score of every product at once: each signal's contributions added to all of them in turn. */
#include "base/failure.h"
#include "kernels/scan_kernels.h"
#include "ranker/policy.h"
#include "ranker/ranker.h"
#include "signals/als_signal.h"
#include <assert.h>
#include <string.h>

/* What is being added up. Products of the history are reorders: their sums are kept apart until the end. */
typedef struct score_sums {
    const pv_ranking *ranking;
    double *scores;    /* [n products] as if all were new */
    double *own;       /* [n products of the history] */
    double *phi;       /* [n products] of one signal after the other, so that it stays in the cache */
    int32_t *products; /* [n products] likewise, of which products a signal told its phi */
    int64_t n;
} score_sums;

/* Add what products get as new ones from phi [n], those from `first` on. */
static void add_new(score_sums *sums, const double *phi, int signal, int64_t first, int64_t n)
{
    const pv_ranking *ranking = sums->ranking;
    const pv_scan_kernels *kernels = pv_scan_kernels_get();
    const pv_scan_term term = {ranking->inverse_scale[signal], ranking->most[PV_KIND_NEW][signal],
                               ranking->weight[PV_KIND_NEW][signal]};
    if (pv_ranking_form(ranking, signal) == PV_FORM_ROOT)
        kernels->add_root(sums->scores + first, phi, (size_t)n, &term);
    else
        kernels->add_linear(sums->scores + first, phi, (size_t)n, &term);
}

/* What one phi adds to the score of a product that is new. */
static double new_term(const score_sums *sums, int signal, double phi)
{
    return pv_ranking_contribution_of(sums->ranking, signal, PV_KIND_NEW, phi);
}

static void add_reorder(score_sums *sums, int signal, int64_t k, double phi)
{
    sums->own[k] += pv_ranking_contribution_of(sums->ranking, signal, PV_KIND_REORDER, phi);
}

/* Products of a group get the same: one root for all of them. phi.values [phi.n] become the terms. */
static void add_groups(score_sums *sums, const pv_phi *phi, int signal)
{
    double *terms = sums->phi + 1; /* that of no group is in front */
    terms[-1] = 0;
    for (int64_t g = 0; g < phi->n; g++) terms[g] = new_term(sums, signal, phi->values[g]);
    for (int64_t i = 0; i < sums->n; i++) sums->scores[i] += terms[phi->groups[i]];
}

static void add_products(score_sums *sums, const pv_phi *phi, int signal)
{
    for (int64_t k = 0; k < phi->n; k++) sums->scores[phi->products[k]] += new_term(sums, signal, phi->values[k]);
}

/* A signal that tells all of its phi, in the room for it. */
static void add_dense(score_sums *sums, int signal)
{
    const pv_history *history = sums->ranking->question->history;
    memset(sums->phi, 0, (size_t)sums->n * sizeof *sums->phi);
    pv_signals[signal]->score(sums->phi, sums->ranking->prepared[signal]);
    for (int64_t k = 0; k < history->n_products; k++) add_reorder(sums, signal, k, sums->phi[history->products[k]]);
    add_new(sums, sums->phi, signal, 0, sums->n);
}

/* A signal that counts for reorders alone, or has told of new products already. */
static void add_to_own(score_sums *sums, int signal)
{
    const pv_history *history = sums->ranking->question->history;
    for (int64_t k = 0; k < history->n_products; k++)
        add_reorder(sums, signal, k,
                    pv_signals[signal]->score_one(sums->ranking->prepared[signal], history->products[k]));
}

/* A signal that has a short form of its phi. */
static void add_brief(score_sums *sums, int signal)
{
    pv_phi phi;
    pv_signals[signal]->brief(&phi, sums->phi, sums->products, sums->ranking->prepared[signal]);
    if (phi.groups && phi.n > sums->n) { /* no room for a term a group, and nothing to gain */
        add_dense(sums, signal);
        return;
    }
    if (phi.groups)
        add_groups(sums, &phi, signal);
    else if (phi.products)
        add_products(sums, &phi, signal);
    else
        add_new(sums, phi.values, signal, 0, phi.n);
    if (sums->ranking->weight[PV_KIND_REORDER][signal] > 0) add_to_own(sums, signal);
}

/* Products between two looks at the factors: both signals' phi of them stay in the fastest cache. */
enum { FACTOR_CHUNK = 64 * PV_DENSE_WIDTH };

/* The two signals of the factor model, first in the order of the sum, in one pass over the factors: reading them is
 * what takes the time. */
static void add_factors(score_sums *sums)
{
    const pv_ranking *ranking = sums->ranking;
    const pv_history *history = ranking->question->history;
    const pv_als_bound *als = ranking->ranker->bound[PV_SIGNAL_ALS];
    double phi[FACTOR_CHUNK], phi_recent[FACTOR_CHUNK];
    int64_t k = 0;
    for (int64_t first = 0; first < als->n_scored; first += FACTOR_CHUNK) {
        const int64_t left = als->n_scored - first, n = left < FACTOR_CHUNK ? left : FACTOR_CHUNK;
        pv_als_signal_score_both(phi, phi_recent, ranking->prepared[PV_SIGNAL_ALS],
                                 ranking->prepared[PV_SIGNAL_ALS_RECENT], first, n);
        for (; k < history->n_products && history->products[k] < first + n; k++) {
            add_reorder(sums, PV_SIGNAL_ALS, k, phi[history->products[k] - first]);
            add_reorder(sums, PV_SIGNAL_ALS_RECENT, k, phi_recent[history->products[k] - first]);
        }
        add_new(sums, phi, PV_SIGNAL_ALS, first, n);
        add_new(sums, phi_recent, PV_SIGNAL_ALS_RECENT, first, n);
    }
}
static_assert(PV_SIGNAL_ALS == 0 && PV_SIGNAL_ALS_RECENT == 1, "the factor model comes first in the sum");

static void add_signals(score_sums *sums)
{
    const pv_ranking *ranking = sums->ranking;
    const double *weight = ranking->weight[PV_KIND_NEW];
    const bool has_both = weight[PV_SIGNAL_ALS] > 0 && weight[PV_SIGNAL_ALS_RECENT] > 0;
    if (has_both) add_factors(sums);
    for (int s = has_both ? PV_SIGNAL_ALS_RECENT + 1 : 0; s < PV_SIGNAL_COUNT; s++) {
        if (weight[s] > 0 && pv_signals[s]->brief)
            add_brief(sums, s);
        else if (weight[s] > 0)
            add_dense(sums, s);
        else if (ranking->weight[PV_KIND_REORDER][s] > 0)
            add_to_own(sums, s);
    }
}

pv_status pv_ranking_score(pv_ranking *ranking, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_history *history = ranking->question->history;
    pv_arena *arena = ranking->question->arena;
    const size_t n = (size_t)ranking->ranker->shop.products.ids.n, n_own = (size_t)history->n_products;
    double *scores = pv_arena_allocate(arena, n, sizeof *scores);
    double *own = pv_arena_allocate(arena, n_own, sizeof *own);
    double *phi = pv_arena_allocate(arena, n + 1, sizeof *phi);
    int32_t *products = pv_arena_allocate(arena, n + 1, sizeof *products);
    if (!scores || !own || !phi || !products) return pv_fail_memory(error, "scores", n * sizeof *scores);
    for (size_t i = 0; i < n; i++) scores[i] = ranking->base[PV_KIND_NEW];
    for (size_t k = 0; k < n_own; k++) own[k] = ranking->base[PV_KIND_REORDER];
    score_sums sums = {ranking, scores, own, phi, products, (int64_t)n};
    add_signals(&sums);
    for (size_t k = 0; k < n_own; k++) scores[history->products[k]] = own[k];
    if (ranking->ranker->has_promotions)
        PV_TRY(pv_policy_add(&ranking->policy, scores, &ranking->ranker->shop, arena, error));
    ranking->scores = scores;
cleanup:
    return status;
}
