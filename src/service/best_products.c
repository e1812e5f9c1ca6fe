/* best_products.c - see best_products.h. */
#include "service/best_products.h"

#include "base/failure.h"
#include "reasons/reasons.h"
#include "signals/als_signal.h"
#include "topk/scan_best.h"
#include "topk/topk.h"

/* True when the score is that of the factor model and the stored factors of the user are its query. */
static bool is_factor_score(const pv_asked *asked)
{
    const pv_weights *weights = &asked->ranking.ranker->weights;
    return pv_weights_is_als_alone(weights) && !asked->ranking.ranker->has_promotions && !asked->is_popular_list &&
           asked->question.is_stored_history;
}

static bool is_open(const void *context, int32_t product)
{
    return pv_gates_ask(context, product) == PV_GATE_OPEN;
}

/* The best `n` products by x . y into found, their number into *n_found. */
static pv_status scan_factors(int32_t *found, int64_t *n_found, int64_t n, const pv_scan_index *index,
                              const pv_session *session, const pv_asked *asked, const pv_gates *gates, pv_error *error)
{
    const pv_als_bound *als = session->model->ranker->bound[PV_SIGNAL_ALS];
    const int64_t d = als->model.settings.n_factors;
    double *x = pv_arena_allocate(session->arena, (size_t)d, sizeof *x);
    double *scores = pv_arena_allocate(session->arena, (size_t)n, sizeof *scores);
    if (!x || !scores) return pv_fail_memory(error, "scores", (uint64_t)(d + n) * sizeof *x);
    const float *row = als->model.user_factors + asked->question.user * d;
    for (int64_t f = 0; f < d; f++) x[f] = (double)row[f];
    const pv_scan_order order = {.n = n,
                                 .gate = is_open,
                                 .gate_context = gates,
                                 .before = pv_product_order,
                                 .tie_context = asked->question.shop};
    return pv_scan_best(found, scores, n_found, index, x, &order, error);
}

/* Score these products alone; the others stand at 0. */
static pv_status score_some(pv_ranking *ranking, const int32_t *products, int64_t n, pv_error *error)
{
    const size_t n_products = (size_t)ranking->ranker->shop.products.ids.n;
    pv_arena *arena = ranking->question->arena;
    double *scores = pv_arena_allocate(arena, n_products, sizeof *scores);
    double *contributions = pv_arena_allocate(arena, n_products, sizeof *contributions);
    if (!scores || !contributions) return pv_fail_memory(error, "scores", 2 * n_products * sizeof *scores);
    for (int64_t k = 0; k < n; k++) {
        scores[products[k]] = pv_ranking_score_one(ranking, products[k]);
        contributions[products[k]] = pv_ranking_contribution(ranking, PV_SIGNAL_ALS, products[k]);
    }
    ranking->scores = scores;
    ranking->contributions[PV_SIGNAL_ALS] = contributions;
    return PV_OK;
}

/* The best by scan. *is_found is false where that does not settle it: with one product more than is wanted, the last
 * score must stand above the next one, since scores are products with a weight and round to equal ones, and above 0,
 * the score of products without factors. */
static pv_status choose_by_scan(bool *is_found, int32_t *best, const pv_scan_index *index, pv_session *session,
                                pv_asked *asked, const pv_choice *choice, pv_error *error)
{
    pv_status status;
    pv_ranking *ranking = &asked->ranking;
    const int64_t n = choice->n;
    int64_t n_found = 0;
    *is_found = false;
    int32_t *found = pv_arena_allocate(session->arena, (size_t)n + 1, sizeof *found);
    if (!found) return pv_fail_memory(error, "an answer", (uint64_t)n * sizeof *found);
    PV_TRY(scan_factors(found, &n_found, n + 1, index, session, asked, choice->gates, error));
    if (n_found <= n) return PV_OK;
    PV_TRY(score_some(ranking, found, n_found, error));
    (void)pv_topk_select(best, n, ranking->scores, found, n_found, pv_product_order, asked->question.shop);
    const double last = ranking->scores[best[n - 1]], next = ranking->scores[found[n]];
    *is_found = last > next && last > 0;
cleanup:
    return status;
}

pv_status pv_best_products(int32_t *best, pv_session *session, pv_asked *asked, const pv_choice *choice,
                           pv_error *error)
{
    pv_status status = PV_OK;
    bool is_found = false;
    if (!choice->wants_all_scores && choice->n > 0 && is_factor_score(asked)) {
        const pv_scan_index *index = NULL;
        PV_TRY(pv_shared_index_get(&index, session->model->scan_index, error));
        if (index) PV_TRY(choose_by_scan(&is_found, best, index, session, asked, choice, error));
        if (is_found) return PV_OK;
    }
    PV_TRY(pv_ranking_score(&asked->ranking, error));
    (void)pv_topk_select(best, choice->n, asked->ranking.scores, choice->candidates, choice->n_candidates,
                         pv_product_order, asked->question.shop);
cleanup:
    return status;
}
