/* similar.c - products like one product: cosine of the factors, beside how often companies bought both. */
#include "base/failure.h"
#include "reasons/reasons.h"
#include "service/asked_product.h"
#include "service/session.h"
#include "signals/als_signal.h"
#include "signals/bought_together.h"
#include "topk/topk.h"
#include <math.h>

/* Companies among the buyers of `product` that bought `other` too: from the table, where it stands there. */
static int64_t companies_with_both(const pv_ranker *ranker, int32_t product, int32_t other)
{
    if (!ranker->is_bound[PV_SIGNAL_BOUGHT_TOGETHER]) return -1;
    const int64_t companies = pv_bought_together_companies(ranker->bound[PV_SIGNAL_BOUGHT_TOGETHER], product, other);
    return companies >= ranker->min_companies ? companies : -1;
}

/* Alike in who buys them, of one category, and not bought together: one may stand in for the other. A wider circle than
 * the equivalents of signals/substitute.h, which it encloses. */
static bool is_substitute(const pv_ranker *ranker, int32_t product, int32_t other, double similarity)
{
    const int32_t *category = ranker->shop.products.category;
    if (!ranker->is_bound[PV_SIGNAL_BOUGHT_TOGETHER] || category[product] < 0) return false;
    return similarity > 0.5 && category[product] == category[other] && companies_with_both(ranker, product, other) < 0;
}

static void describe(pv_similar_item *item, const pv_ranker *ranker, int32_t product, int32_t other, double similarity)
{
    const pv_shop *shop = &ranker->shop;
    *item = (pv_similar_item){.product = pv_ids_at(&shop->products.ids, other),
                              .name = pv_shop_product_name(shop, other),
                              .similarity = similarity,
                              .buyers = -1,
                              .also = companies_with_both(ranker, product, other),
                              .is_substitute = is_substitute(ranker, product, other, similarity)};
    if (item->also >= 0) item->buyers = shop->products.buyers[product];
}

/* similarities[n products with factors] = pv_als_similarity() of `product` and each, bit for bit, with the sums of many
 * products in vectors. */
static pv_status make_similarities(double *similarities, const pv_als_bound *als, int64_t product, pv_arena *arena,
                                   pv_error *error)
{
    const int64_t n = als->model.n_products, d = als->model.settings.n_factors;
    const bool has_factors = product < n && als->norms[product] > 0;
    double *x = pv_arena_allocate(arena, (size_t)d, sizeof *x);
    if (!x) return pv_fail_memory(error, "an answer", (uint64_t)d * sizeof *x);
    if (has_factors) {
        for (int64_t f = 0; f < d; f++) x[f] = (double)als->model.product_factors[product * d + f];
        pv_dense_scores(similarities, &als->dense, x);
    }
    for (int64_t i = 0; i < n; i++)
        similarities[i] =
            has_factors && als->norms[i] > 0 ? similarities[i] / (als->norms[product] * als->norms[i]) : (double)NAN;
    return PV_OK;
}

pv_status pv_similar_items(const pv_similar **out, pv_session *session, pv_text product_id, int64_t n, pv_error *error)
{
    pv_status status;
    const pv_ranker *ranker = session->model->ranker;
    const pv_als_bound *als = ranker->bound[PV_SIGNAL_ALS];
    const int64_t n_warm = ranker->shop.products.ids.n_warm;
    int32_t product = -1;
    PV_TRY(pv_check_n(n, error));
    PV_TRY(pv_find_asked_product(&product, &ranker->shop, product_id, error));
    pv_arena_reset(session->arena);
    session->ranked = NULL;
    double *similarities = pv_arena_allocate(session->arena, (size_t)n_warm, sizeof *similarities);
    int32_t *candidates = pv_arena_allocate(session->arena, (size_t)n_warm, sizeof *candidates);
    const int64_t room = n < n_warm ? n : n_warm;
    int32_t *best = pv_arena_allocate(session->arena, (size_t)room, sizeof *best);
    pv_similar_item *items = pv_arena_allocate(session->arena, (size_t)room, sizeof *items);
    if (!similarities || !candidates || !best || !items)
        PV_TRY(pv_fail_memory(error, "an answer", (uint64_t)n_warm * 12));
    int64_t n_candidates = 0;
    PV_TRY(make_similarities(similarities, als, product, session->arena, error));
    for (int32_t i = 0; i < (int32_t)n_warm; i++)
        if (i != product && !isnan(similarities[i])) candidates[n_candidates++] = i;
    const int64_t n_items =
        pv_topk_select(best, room, similarities, candidates, n_candidates, pv_product_order, &ranker->shop);
    for (int64_t k = 0; k < n_items; k++) describe(&items[k], ranker, product, best[k], similarities[best[k]]);
    session->similar = (pv_similar){.product = pv_ids_at(&ranker->shop.products.ids, product),
                                    .name = pv_shop_product_name(&ranker->shop, product),
                                    .model_id = session->model->id,
                                    .items = items,
                                    .n_items = n_items};
    *out = &session->similar;
cleanup:
    return status;
}
