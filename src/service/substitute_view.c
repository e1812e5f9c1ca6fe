/* substitute_view.c - products that may stand in for one product: its row of the table of the signal substitute. */
#include "base/failure.h"
#include "service/related_view.h"
#include "signals/als_signal.h"
#include "signals/substitute.h"

static pv_status list_substitutes(pv_related_view *view, const pv_ranker *ranker, pv_error *error)
{
    const int32_t *products = NULL;
    int64_t n_products = 0, n = 0;
    pv_substitute_row(&products, &n_products, ranker->bound[PV_SIGNAL_SUBSTITUTE], view->product);
    pv_related_item *items = pv_related_reserve(view, n_products, &n);
    if (!items) return pv_fail_memory(error, "an answer", 0);
    for (int64_t k = 0; k < n; k++) {
        items[k] = pv_related_describe(view, products[k]);
        items[k].similarity = pv_als_similarity(ranker->bound[PV_SIGNAL_ALS], view->product, products[k]);
    }
    view->related->items = items;
    view->related->n_items = n;
    return PV_OK;
}

pv_status pv_substitute_items(const pv_related **related, pv_session *session, const pv_request *request,
                              pv_text product, pv_error *error)
{
    pv_status status;
    pv_related_view view;
    PV_TRY(pv_related_begin(&view, session, request, product, PV_SIGNAL_SUBSTITUTE, error));
    if (view.related->source && !view.related->category.data) pv_related_refuse(&view, "the product has no category");
    if (view.related->source) PV_TRY(list_substitutes(&view, session->model->ranker, error));
    *related = view.related;
cleanup:
    return status;
}
