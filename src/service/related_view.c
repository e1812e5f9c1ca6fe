/* related_view.c - see related_view.h. */
#include "service/related_view.h"

#include "base/failure.h"
#include "service/asked_product.h"
#include <math.h>

void pv_related_refuse(pv_related_view *view, const char *cause)
{
    view->related->source = NULL;
    view->related->fallback = pv_text_of(cause);
}

static pv_status begin_answer(pv_related_view *view, const pv_session *session, const pv_request *request, int signal,
                              pv_error *error)
{
    const pv_shop *shop = view->asked->question.shop;
    const char *code = pv_signals[signal]->code;
    const int32_t category = shop->products.category[view->product];
    pv_related *related = pv_arena_allocate(session->arena, 1, sizeof *related);
    const char *untrained = pv_arena_print(session->arena, "the model was trained without the signal %s", code);
    if (!related || !untrained) return pv_fail_memory(error, "an answer", sizeof *related);
    *related = (pv_related){.product = pv_ids_at(&shop->products.ids, view->product),
                            .name = pv_shop_product_name(shop, view->product),
                            .model_id = session->model->id,
                            .source = code,
                            .requested = request->n};
    if (category >= 0) related->category = pv_texts_at(&shop->products.categories.paths, category);
    view->related = related;
    if (!session->model->ranker->is_bound[signal])
        pv_related_refuse(view, untrained);
    else if (view->product >= shop->products.ids.n_warm)
        pv_related_refuse(view, "nobody has bought the product");
    return PV_OK;
}

pv_status pv_related_begin(pv_related_view *view, pv_session *session, const pv_request *request, pv_text product,
                           int signal, pv_error *error)
{
    pv_status status;
    pv_request any_kind = *request;
    any_kind.mode = PV_MODE_MIXED;
    PV_TRY(pv_check_n(request->n, error));
    PV_TRY(pv_find_asked_product(&view->product, &session->model->ranker->shop, product, error));
    PV_TRY(pv_session_ask(&view->asked, session, &any_kind, error));
    PV_TRY(pv_session_gates(&view->gates, session, view->asked, &any_kind, error));
    PV_TRY(begin_answer(view, session, request, signal, error));
cleanup:
    return status;
}

pv_related_item *pv_related_reserve(pv_related_view *view, int64_t n, int64_t *n_items)
{
    *n_items = n < view->related->requested ? n : view->related->requested;
    return pv_arena_allocate(view->asked->question.arena, (size_t)*n_items, sizeof(pv_related_item));
}

pv_related_item pv_related_describe(const pv_related_view *view, int32_t product)
{
    const pv_shop *shop = view->asked->question.shop;
    const pv_gate gate = pv_gates_ask(&view->gates, product);
    return (pv_related_item){.product = pv_ids_at(&shop->products.ids, product),
                             .name = pv_shop_product_name(shop, product),
                             .weight = (double)NAN,
                             .similarity = (double)NAN,
                             .buyers = -1,
                             .also = -1,
                             .rate = (double)NAN,
                             .base_rate = (double)NAN,
                             .gate = gate == PV_GATE_OPEN ? NULL : pv_gate_name(gate)};
}
