/* substitute_view.c - products that may stand in for one product: its row of the table of the signal substitute. */
#include "base/failure.h"
#include "service/related_view.h"
#include "signals/als_signal.h"

/* The row of a product, the most alike first. The table was checked when the model was opened. */
static pv_status find_row(const int32_t **products, int64_t *n, const pv_model *model, int32_t product, pv_error *error)
{
    pv_status status;
    const pv_tensors *tensors = pv_safetensors_tensors(model->file);
    const int64_t *offsets = NULL;
    const int64_t n_products = model->ranker->shop.products.ids.n_warm;
    PV_TRY(pv_tensors_get(&offsets, tensors, "substitute.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_get(products, tensors, "substitute.product", PV_I32, -1, 0, error));
    *products += offsets[product];
    *n = offsets[product + 1] - offsets[product];
cleanup:
    return status;
}

static pv_status list_substitutes(pv_related_view *view, const pv_model *model, pv_error *error)
{
    pv_status status;
    const int32_t *products = NULL;
    int64_t n_products = 0, n = 0;
    PV_TRY(find_row(&products, &n_products, model, view->product, error));
    pv_related_item *items = pv_related_reserve(view, n_products, &n);
    PV_TRY(pv_check_memory(items != NULL, "an answer", error));
    for (int64_t k = 0; k < n; k++) {
        items[k] = pv_related_describe(view, products[k]);
        items[k].similarity = pv_als_similarity(model->ranker->bound[PV_SIGNAL_ALS], view->product, products[k]);
    }
    view->related->items = items;
    view->related->n_items = n;
cleanup:
    return status;
}

pv_status pv_substitute_items(const pv_related **related, pv_session *session, const pv_request *request,
                              pv_text product, pv_error *error)
{
    pv_status status;
    pv_related_view view;
    PV_TRY(pv_related_begin(&view, session, request, product, PV_SIGNAL_SUBSTITUTE, error));
    if (view.related->source && !view.related->category.data) pv_related_refuse(&view, "the product has no category");
    if (view.related->source) PV_TRY(list_substitutes(&view, session->model, error));
    *related = view.related;
cleanup:
    return status;
}
