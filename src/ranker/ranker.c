/* ranker.c - binding the signals and summing their contributions. */
#include "ranker/ranker.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "ranker/policy.h"
#include <math.h>
#include <string.h>

pv_status pv_ranker_begin(pv_ranker **out, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    const int64_t *min_companies = NULL;
    pv_ranker *ranker = pv_allocate(1, sizeof *ranker);
    if (!ranker) return pv_fail_memory(error, "the model", sizeof *ranker);
    PV_TRY(pv_shop_bind(&ranker->shop, tensors, error));
    PV_TRY(pv_weights_bind(&ranker->weights, tensors, error));
    PV_TRY(pv_calibration_bind(&ranker->calibration, tensors, error));
    PV_TRY(pv_tensors_get(&min_companies, tensors, "weights.min_companies", PV_I64, 1, 0, error));
    if (min_companies[0] < 1 || min_companies[0] > INT32_MAX)
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor weights.min_companies is out of range"));
    ranker->min_companies = (int32_t)min_companies[0];
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) ranker->is_silent[s] = pv_signals[s]->silent(&ranker->shop) != NULL;
    ranker->has_promotions = pv_policy_applies(&ranker->shop);
    *out = ranker;
    ranker = NULL;
cleanup:
    pv_ranker_free(ranker);
    return status;
}

pv_status pv_ranker_bind_signal(pv_ranker *ranker, int signal, const pv_tensors *tensors, pv_error *error)
{
    /* the factors serve `similar`, the popular list serves companies without purchases: both are always there */
    ranker->is_bound[signal] =
        ranker->weights.is_used[signal] || signal == PV_SIGNAL_ALS || signal == PV_SIGNAL_POPULARITY;
    if (!ranker->is_bound[signal] || pv_signals[signal]->bound_by) return PV_OK;
    return pv_signals[signal]->bind(&ranker->bound[signal], tensors, &ranker->shop, error);
}

/* State of a signal that is always bound. */
static void *bound_by(const pv_ranker *ranker, const pv_signal *owner)
{
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (pv_signals[s] == owner) return ranker->bound[s];
    return NULL;
}

void pv_ranker_finish(pv_ranker *ranker)
{
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (ranker->is_bound[s] && pv_signals[s]->bound_by)
            ranker->bound[s] = bound_by(ranker, pv_signals[s]->bound_by);
}

pv_status pv_ranker_create(pv_ranker **out, const pv_tensors *tensors, pv_error *error)
{
    pv_ranker *ranker = NULL;
    pv_status status = pv_ranker_begin(&ranker, tensors, error);
    for (int s = 0; status == PV_OK && s < PV_SIGNAL_COUNT; s++)
        status = pv_ranker_bind_signal(ranker, s, tensors, error);
    if (status != PV_OK) {
        pv_ranker_free(ranker);
        return status;
    }
    pv_ranker_finish(ranker);
    *out = ranker;
    return PV_OK;
}

void pv_ranker_free(pv_ranker *ranker)
{
    if (!ranker) return;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (!pv_signals[s]->bound_by) pv_release(ranker->bound[s]);
    pv_release(ranker);
}

/* What the popular list scores by, whatever the model weighs: phi times this. */
#define POPULAR_LIST_WEIGHT 0.1

static double inverse_scale(const pv_weights *weights, int signal, int64_t n_products)
{
    const double c = weights->scale[signal], p = weights->power[signal];
    if (p == 0 || n_products == 0) return 1 / c;
    return 1 / (c * pv_exp2(p * pv_log2((double)n_products)));
}

void pv_ranking_begin(pv_ranking *ranking, const pv_ranker *ranker, const pv_question *question, bool is_popular_list)
{
    const pv_weights *weights = &ranker->weights;
    *ranking = (pv_ranking){.ranker = ranker,
                            .question = question,
                            .is_als_alone = pv_weights_is_als_alone(weights),
                            .is_popular_list = is_popular_list};
    if (is_popular_list) {
        for (int kind = 0; kind < PV_KIND_COUNT; kind++)
            ranking->weight[kind][PV_SIGNAL_POPULARITY] = POPULAR_LIST_WEIGHT;
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) ranking->most[kind][PV_SIGNAL_POPULARITY] = PV_NO_MOST;
        ranking->inverse_scale[PV_SIGNAL_POPULARITY] = 1;
        return;
    }
    for (int kind = 0; kind < PV_KIND_COUNT; kind++) ranking->base[kind] = weights->base[kind];
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!weights->is_used[s] || ranker->is_silent[s]) continue;
        if (pv_signals[s]->applies && !pv_signals[s]->applies(question)) continue;
        ranking->inverse_scale[s] = inverse_scale(weights, s, question->history->n_products);
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) ranking->most[kind][s] = weights->most[kind][s];
        if (pv_signals[s]->kinds & PV_SPEAKS_FOR_NEW) ranking->weight[PV_KIND_NEW][s] = weights->weight[PV_KIND_NEW][s];
        if (pv_signals[s]->kinds & PV_SPEAKS_FOR_REORDER)
            ranking->weight[PV_KIND_REORDER][s] = weights->weight[PV_KIND_REORDER][s];
    }
}

pv_status pv_ranking_prepare(pv_ranking *ranking, int signal, pv_error *error)
{
    const pv_status status = pv_signals[signal]->prepare(&ranking->prepared[signal], ranking->ranker->bound[signal],
                                                         ranking->question, error);
    ranking->is_prepared[signal] = status == PV_OK;
    return status;
}

pv_status pv_ranking_make(pv_ranking *ranking, const pv_ranker *ranker, const pv_question *question,
                          bool is_popular_list, pv_error *error)
{
    pv_status status = PV_OK;
    pv_ranking_begin(ranking, ranker, question, is_popular_list);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (pv_ranking_counts(ranking, s)) PV_TRY(pv_ranking_prepare(ranking, s, error));
cleanup:
    return status;
}

pv_status pv_ranking_prepare_late(const pv_ranking *const_ranking, int signal, pv_error *error)
{
    pv_ranking *ranking = (pv_ranking *)(uintptr_t)const_ranking; /* what does not count changes no score */
    if (ranking->is_prepared[signal] || !ranking->ranker->weights.is_used[signal]) return PV_OK;
    return pv_ranking_prepare(ranking, signal, error);
}

pv_status pv_ranking_prepare_rest(const pv_ranking *ranking, pv_error *error)
{
    pv_status status = PV_OK;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) PV_TRY(pv_ranking_prepare_late(ranking, s, error));
cleanup:
    return status;
}

pv_kind pv_ranking_kind(const pv_ranking *ranking, int32_t product)
{
    return pv_history_find(ranking->question->history, product) >= 0 ? PV_KIND_REORDER : PV_KIND_NEW;
}

bool pv_ranking_counts(const pv_ranking *ranking, int signal)
{
    return ranking->weight[PV_KIND_NEW][signal] > 0 || ranking->weight[PV_KIND_REORDER][signal] > 0;
}

static double scaled(pv_signal_form form, double inverse, double phi)
{
    if (form == PV_FORM_LINEAR) return phi * inverse;
    return phi > 0 ? sqrt(phi * inverse) : 0;
}

pv_signal_form pv_ranking_form(const pv_ranking *ranking, int signal)
{
    return ranking->is_als_alone ? PV_FORM_LINEAR : pv_signals[signal]->form;
}

double pv_ranking_scaled(const pv_ranking *ranking, int signal, double phi)
{
    return scaled(pv_ranking_form(ranking, signal), ranking->inverse_scale[signal], phi);
}

double pv_ranking_contribution_of(const pv_ranking *ranking, int signal, pv_kind kind, double phi)
{
    const double weight = ranking->weight[kind][signal];
    if (!(weight > 0)) return 0;
    const double z = pv_ranking_scaled(ranking, signal, phi), most = ranking->most[kind][signal];
    return weight * (z < most ? z : most);
}

double pv_ranking_unit(const pv_ranking *ranking, int signal, pv_kind kind, double phi)
{
    if (phi == 0) return ranking->weight[kind][signal] * ranking->inverse_scale[signal];
    return pv_ranking_contribution_of(ranking, signal, kind, phi) / phi;
}

double pv_ranking_contribution(const pv_ranking *ranking, int signal, int32_t product)
{
    const pv_kind kind = pv_ranking_kind(ranking, product);
    if (!(ranking->weight[kind][signal] > 0)) return 0;
    const double phi = pv_signals[signal]->score_one(ranking->prepared[signal], product);
    return pv_ranking_contribution_of(ranking, signal, kind, phi);
}

double pv_ranking_score_one(const pv_ranking *ranking, int32_t product)
{
    const pv_kind kind = pv_ranking_kind(ranking, product);
    double score = ranking->base[kind];
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!(ranking->weight[kind][s] > 0)) continue;
        const double phi = pv_signals[s]->score_one(ranking->prepared[s], product);
        score += pv_ranking_contribution_of(ranking, s, kind, phi);
    }
    return score;
}

double pv_ranking_kept_contribution(const pv_ranking *ranking, int signal, int32_t product)
{
    const double *kept = ranking->contributions[signal];
    return kept ? kept[product] : pv_ranking_contribution(ranking, signal, product);
}
