/* removal.c - the effect of each past purchase on one score. */
#include "reasons/removal.h"

#include "base/failure.h"
#include "signals/als_signal.h"
#include <math.h>
#include <stdlib.h>

/* Score of the target with a reduced history: the factor model's part is given (one factorization serves all removals),
 * the popularity of others does not depend on the history, every other signal is prepared anew. */
static pv_status score_without(double *score, const pv_ranking *ranking, int32_t past, int32_t target, double als_phi,
                               pv_arena *scratch, pv_error *error)
{
    pv_status status;
    pv_history reduced;
    pv_question question = *ranking->question;
    pv_arena_reset(scratch);
    PV_TRY(pv_history_without(&reduced, ranking->question->history, past, scratch, error));
    question.history = &reduced;
    question.arena = scratch;
    question.is_stored_history = false;
    double sum = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!(ranking->factor[s] > 0)) continue;
        double phi = als_phi;
        if (s == PV_SIGNAL_POPULARITY) {
            phi = pv_signals[s]->score_one(ranking->prepared[s], target);
        } else if (s != PV_SIGNAL_ALS) {
            void *prepared = NULL;
            PV_TRY(pv_signals[s]->prepare(&prepared, ranking->ranker->bound[s], &question, error));
            phi = pv_signals[s]->score_one(prepared, target);
        }
        sum += ranking->factor[s] * phi;
    }
    *score = sum;
cleanup:
    return status;
}

/* Add each signal's pieces to the product that they belong to. */
static pv_status add_contributions(double *contributions, const pv_ranking *ranking, int32_t target, pv_error *error)
{
    pv_status status = PV_OK;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        pv_pieces pieces;
        if (!(ranking->factor[s] > 0)) continue;
        PV_TRY(pv_signals[s]->evidence(&pieces, ranking->prepared[s], target, error));
        for (int64_t p = 0; p < pieces.n; p++) {
            const int64_t k = pv_history_find(ranking->question->history, pieces.items[p].product);
            if (k >= 0) contributions[k] += ranking->factor[s] * pieces.items[p].phi;
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

pv_status pv_removals_make(pv_removal **out, int64_t *n, const pv_ranking *ranking, int32_t product, pv_arena *scratch,
                           pv_error *error)
{
    pv_status status = PV_OK;
    const pv_question *question = ranking->question;
    const pv_history *history = question->history;
    const size_t count = (size_t)history->n_products;
    pv_removal *removals = pv_arena_allocate(question->arena, count, sizeof *removals);
    double *contributions = pv_arena_allocate(question->arena, count, sizeof *contributions);
    double *als_without = pv_arena_allocate(question->arena, count, sizeof *als_without);
    double als_score = 0;
    if (!removals || !contributions || !als_without) return pv_fail_memory(error, "removals", count * sizeof *removals);
    PV_TRY(add_contributions(contributions, ranking, product, error));
    if (ranking->factor[PV_SIGNAL_ALS] > 0)
        PV_TRY(pv_als_signal_without(&als_score, als_without, ranking->prepared[PV_SIGNAL_ALS], product, error));
    for (size_t k = 0; k < count; k++) {
        removals[k].product = pv_ids_at(&question->shop->products.ids, history->products[k]);
        removals[k].contribution = contributions[k];
        PV_TRY(
            score_without(&removals[k].score, ranking, history->products[k], product, als_without[k], scratch, error));
    }
    qsort(removals, count, sizeof *removals, compare_removals);
    *out = removals;
    *n = history->n_products;
cleanup:
    return status;
}
