/* removal.c - the effect of each past purchase on one score. */
#include "reasons/removal.h"

#include "base/failure.h"
#include "signals/als_signal.h"
#include <math.h>
#include <stdlib.h>

/* phi of the factor model's two signals without a purchase. */
typedef struct factor_phi {
    double plain, recent;
} factor_phi;

/* Score of the target with a reduced history. The factor model's part is given, as one factorization serves all
 * removals; every other signal is prepared anew. */
static pv_status score_without(double *score, const pv_ranking *ranking, int32_t past, int32_t target,
                               const factor_phi *phi_without, const pv_asker *apart, pv_error *error)
{
    pv_status status;
    pv_history reduced;
    pv_ranking without;
    pv_question question = *ranking->question;
    pv_arena_reset(apart->arena);
    PV_TRY(pv_history_without(&reduced, ranking->question->history, past, apart->arena, error));
    question.history = &reduced;
    question.arena = apart->arena;
    question.als_rows = apart->rows;
    question.is_stored_history = false;
    pv_ranking_begin(&without, ranking->ranker, &question, false);
    if (ranking->ranker->has_promotions) { /* what the shop adds depends on all scores */
        PV_TRY(pv_ranking_make(&without, ranking->ranker, &question, false, error));
        PV_TRY(pv_ranking_score(&without, error));
        *score = without.scores[target];
        return PV_OK;
    }
    const pv_kind kind = pv_ranking_kind(&without, target);
    double sum = without.base[kind];
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!(without.weight[kind][s] > 0)) continue;
        double phi = 0;
        if (s == PV_SIGNAL_ALS) {
            phi = phi_without->plain;
        } else if (s == PV_SIGNAL_ALS_RECENT) {
            phi = phi_without->recent;
        } else {
            PV_TRY(pv_ranking_prepare(&without, s, error));
            phi = pv_signals[s]->score_one(without.prepared[s], target);
        }
        sum += pv_ranking_contribution_of(&without, s, kind, phi);
    }
    *score = sum;
cleanup:
    return status;
}

/* Add each signal's pieces to the product that they belong to. */
static pv_status add_contributions(double *contributions, const pv_ranking *ranking, int32_t target, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_kind kind = pv_ranking_kind(ranking, target);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        pv_pieces pieces;
        if (!(ranking->weight[kind][s] > 0)) continue;
        PV_TRY(pv_signals[s]->evidence(&pieces, ranking->prepared[s], target, error));
        const double phi = pv_signals[s]->score_one(ranking->prepared[s], target);
        const double unit = pv_ranking_unit(ranking, s, kind, phi);
        for (int64_t p = 0; p < pieces.n; p++) {
            const int64_t k = pv_history_find(ranking->question->history, pieces.items[p].product);
            if (k >= 0) contributions[k] += unit * pieces.items[p].phi;
        }
    }
cleanup:
    return status;
}

/* Largest effect first; the ids point into one sorted list each, so that ties compare bytewise. */
static int compare_removals(const void *left, const void *right)
{
    const pv_removal *a = left, *b = right;
    if (a->score != b->score) return a->score < b->score ? -1 : 1;
    return pv_text_compare(a->product, b->product);
}

/* phi of a signal of the factor model without each product of the history, one factorization for all. */
static pv_status factor_without(double *without, const pv_ranking *ranking, int signal, int32_t product,
                                pv_error *error)
{
    double score = 0;
    if (!pv_ranking_counts(ranking, signal)) return PV_OK;
    return pv_als_signal_without(&score, without, ranking->prepared[signal], product, error);
}

pv_status pv_removals_make(pv_removal **out, int64_t *n, const pv_ranking *ranking, int32_t product,
                           const pv_asker *apart, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_question *question = ranking->question;
    const pv_history *history = question->history;
    const size_t count = (size_t)history->n_products;
    pv_removal *removals = pv_arena_allocate(question->arena, count, sizeof *removals);
    double *contributions = pv_arena_allocate(question->arena, count, sizeof *contributions);
    double *als = pv_arena_allocate(question->arena, count, sizeof *als);
    double *recent = pv_arena_allocate(question->arena, count, sizeof *recent);
    if (!removals || !contributions || !als || !recent)
        return pv_fail_memory(error, "removals", count * sizeof *removals);
    PV_TRY(add_contributions(contributions, ranking, product, error));
    PV_TRY(factor_without(als, ranking, PV_SIGNAL_ALS, product, error));
    PV_TRY(factor_without(recent, ranking, PV_SIGNAL_ALS_RECENT, product, error));
    for (size_t k = 0; k < count; k++) {
        removals[k].product = pv_ids_at(&question->shop->products.ids, history->products[k]);
        removals[k].contribution = contributions[k];
        const factor_phi phi = {als[k], recent[k]};
        PV_TRY(score_without(&removals[k].score, ranking, history->products[k], product, &phi, apart, error));
    }
    qsort(removals, count, sizeof *removals, compare_removals);
    *out = removals;
    *n = history->n_products;
cleanup:
    return status;
}
