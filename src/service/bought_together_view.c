/* bought_together_view.c - products that companies bought together with one product: its row of the model's table. */
#include "base/failure.h"
#include "service/related_view.h"
#include "signals/bought_together.h"
#include "topk/topk.h"

static bool comes_first(const void *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}

/* Places of the row under the k rule, the largest weight first, at most `n`; their number, -1 on no memory. */
static int64_t order_places(int32_t *best, int64_t n, const pv_bought_together_pairs *row, int32_t min_companies,
                            pv_arena *arena)
{
    double *weights = pv_arena_allocate(arena, (size_t)row->n, sizeof *weights);
    int32_t *places = pv_arena_allocate(arena, (size_t)row->n, sizeof *places);
    int64_t n_places = 0;
    if (!weights || !places) return -1;
    for (int64_t k = 0; k < row->n; k++) {
        weights[k] = (double)row->weights[k];
        if (row->companies[k] >= min_companies) places[n_places++] = (int32_t)k;
    }
    return pv_topk_select(best, n, weights, places, n_places, comes_first, NULL);
}

static pv_status list_pairs(pv_related_view *view, const pv_bought_together_pairs *row, pv_error *error)
{
    const pv_question *question = &view->asked->question;
    const pv_shop *shop = question->shop;
    int64_t room = 0;
    pv_related_item *items = pv_related_reserve(view, row->n, &room);
    int32_t *best = pv_arena_allocate(question->arena, (size_t)room, sizeof *best);
    if (!items || !best) return pv_fail_memory(error, "an answer", (uint64_t)room * sizeof *items);
    const int64_t n = order_places(best, room, row, question->min_companies, question->arena);
    if (n < 0) return pv_fail_memory(error, "an answer", 0);
    for (int64_t k = 0; k < n; k++) {
        const int32_t other = row->products[best[k]];
        items[k] = pv_related_describe(view, other);
        items[k].weight = (double)row->weights[best[k]];
        items[k].buyers = shop->products.buyers[view->product];
        items[k].also = row->companies[best[k]];
        items[k].rate = (double)items[k].also / (double)items[k].buyers;
        items[k].base_rate = (double)shop->products.buyers[other] / (double)shop->users.n_buying_parents;
    }
    view->related->items = items;
    view->related->n_items = n;
    return PV_OK;
}

pv_status pv_bought_together_items(const pv_related **related, pv_session *session, const pv_request *request,
                                   pv_text product, pv_error *error)
{
    pv_status status;
    pv_related_view view;
    PV_TRY(pv_related_begin(&view, session, request, product, PV_SIGNAL_BOUGHT_TOGETHER, error));
    if (view.related->source) {
        const pv_bought_together_pairs row =
            pv_bought_together_row(session->model->ranker->bound[PV_SIGNAL_BOUGHT_TOGETHER], view.product);
        PV_TRY(list_pairs(&view, &row, error));
    }
    *related = view.related;
cleanup:
    return status;
}
