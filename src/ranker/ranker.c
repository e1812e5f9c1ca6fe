/* ranker.c - binding the signals and summing their contributions. */
#include "ranker/ranker.h"

#include "base/failure.h"

pv_status pv_ranker_create(pv_ranker **out, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    const int64_t *min_companies = NULL;
    pv_ranker *ranker = pv_allocate(1, sizeof *ranker);
    if (!ranker) return pv_fail_memory(error, "the model", sizeof *ranker);
    PV_TRY(pv_shop_bind(&ranker->shop, tensors, error));
    PV_TRY(pv_weights_bind(&ranker->weights, tensors, error));
    PV_TRY(pv_tensors_get(&min_companies, tensors, "weights.min_companies", PV_I64, 1, 0, error));
    if (min_companies[0] < 1 || min_companies[0] > INT32_MAX)
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor weights.min_companies is out of range"));
    ranker->min_companies = (int32_t)min_companies[0];
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        /* the factors serve `similar`, the popular list serves companies without purchases: both are always there */
        if (!ranker->weights.is_used[s] && s != PV_SIGNAL_ALS && s != PV_SIGNAL_POPULARITY) continue;
        PV_TRY(pv_signals[s]->bind(&ranker->bound[s], tensors, &ranker->shop, error));
        ranker->is_bound[s] = true;
    }
    *out = ranker;
    ranker = NULL;
cleanup:
    pv_ranker_free(ranker);
    return status;
}

void pv_ranker_free(pv_ranker *ranker)
{
    if (!ranker) return;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) pv_release(ranker->bound[s]);
    pv_release(ranker);
}

pv_status pv_ranking_make(pv_ranking *ranking, const pv_ranker *ranker, const pv_question *question,
                          bool is_popular_list, pv_error *error)
{
    pv_status status = PV_OK;
    *ranking = (pv_ranking){.ranker = ranker, .question = question};
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (is_popular_list)
            ranking->factor[s] = s == PV_SIGNAL_POPULARITY ? pv_weights_default_factor(s) : 0;
        else if (ranker->weights.is_used[s])
            ranking->factor[s] = ranker->weights.weight[s] / ranker->weights.scale[s];
        if (!ranker->weights.is_used[s] && !(ranking->factor[s] > 0)) continue;
        PV_TRY(pv_signals[s]->prepare(&ranking->prepared[s], ranker->bound[s], question, error));
        ranking->is_prepared[s] = true;
    }
cleanup:
    return status;
}

double pv_ranking_contribution(const pv_ranking *ranking, int signal, int32_t product)
{
    if (!(ranking->factor[signal] > 0)) return 0;
    return ranking->factor[signal] * pv_signals[signal]->score_one(ranking->prepared[signal], product);
}

double pv_ranking_score_one(const pv_ranking *ranking, int32_t product)
{
    double score = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (ranking->factor[s] > 0) score += pv_ranking_contribution(ranking, s, product);
    return score;
}

double pv_ranking_kept_contribution(const pv_ranking *ranking, int signal, int32_t product)
{
    const double *kept = ranking->contributions[signal];
    return kept ? kept[product] : pv_ranking_contribution(ranking, signal, product);
}

/* Add a signal that computes phi of all products at once, and keep its contributions. */
static pv_status add_dense(double *scores, pv_ranking *ranking, int signal, pv_error *error)
{
    const size_t n = (size_t)ranking->ranker->shop.products.ids.n;
    const double factor = ranking->factor[signal];
    double *contributions = pv_arena_allocate(ranking->question->arena, n, sizeof *contributions);
    if (!contributions) return pv_fail_memory(error, "scores", n * sizeof *contributions);
    pv_signals[signal]->score(contributions, ranking->prepared[signal]);
    for (size_t i = 0; i < n; i++) {
        contributions[i] *= factor;
        scores[i] += contributions[i];
    }
    ranking->contributions[signal] = contributions;
    return PV_OK;
}

pv_status pv_ranking_score(pv_ranking *ranking, pv_error *error)
{
    pv_status status = PV_OK;
    const size_t n = (size_t)ranking->ranker->shop.products.ids.n;
    double *scores = pv_arena_allocate(ranking->question->arena, n, sizeof *scores);
    if (!scores) return pv_fail_memory(error, "scores", n * sizeof *scores);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!(ranking->factor[s] > 0)) continue;
        if (pv_signals[s]->add)
            pv_signals[s]->add(scores, ranking->factor[s], ranking->prepared[s]);
        else
            PV_TRY(add_dense(scores, ranking, s, error));
    }
    ranking->scores = scores;
cleanup:
    return status;
}
