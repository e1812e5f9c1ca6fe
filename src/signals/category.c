/* category.c - the groups of order affinity are the tree of categories. */
#include "signals/category.h"

#include "signals/order_affinity.h"

static pv_product_groups groups_of(const pv_shop *shop)
{
    const pv_categories *categories = &shop->products.categories;
    return (pv_product_groups){.n = categories->n,
                               .of_product = shop->products.category,
                               .parent = categories->parent,
                               .names = categories->paths};
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    const pv_product_groups groups = groups_of(shop);
    return pv_order_affinity_fit(tensors, "category", &groups, shop, error);
}

static pv_status bind(void **bound, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    const pv_product_groups groups = groups_of(shop);
    return pv_order_affinity_bind(bound, tensors, "category", &groups, error);
}

static const char *silent(const pv_shop *shop)
{
    return shop->products.categories.n ? NULL : "no product has a category";
}

const pv_signal pv_category_signal = {.code = "category",
                                      .form = PV_FORM_ROOT,
                                      .level = PV_LEVEL_HISTORY,
                                      .kinds = PV_SPEAKS_FOR_ALL,
                                      .fit = fit,
                                      .bind = bind,
                                      .prepare = pv_order_affinity_prepare,
                                      .score = pv_order_affinity_score,
                                      .brief = pv_order_affinity_brief,
                                      .score_one = pv_order_affinity_score_one,
                                      .evidence = pv_order_affinity_evidence,
                                      .state = pv_order_affinity_state,
                                      .silent = silent};
