/* brand.c - the groups of order affinity are the brands. */
#include "signals/brand.h"

#include "base/failure.h"
#include "signals/order_affinity.h"

/* Codes of the column in the dictionary of text columns, [n products]; NULL when there is no such column. */
static const int32_t *brand_codes(const pv_shop *shop)
{
    const pv_text_columns *columns = &shop->products.columns;
    int64_t column = pv_text_columns_find(columns, pv_text_of("brand"));
    if (column < 0) column = pv_text_columns_find(columns, pv_text_of("supplier"));
    return column >= 0 ? columns->codes + column * columns->n_rows : NULL;
}

/* The dictionary is shared by all text columns: brands get numbers of their own. */
static pv_status fit_groups(pv_product_groups *groups, pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int32_t *codes = brand_codes(shop);
    const int64_t n_products = shop->products.ids.n, n_values = shop->products.columns.values.count;
    int32_t *group = NULL, *value = NULL, n = 0;
    int32_t *number = pv_allocate((size_t)n_values, sizeof *number); /* of a value: its group + 1 */
    PV_TRY(pv_check_memory(number != NULL, "brands", error));
    for (int64_t i = 0; codes && i < n_products; i++)
        if (codes[i] >= 0) number[codes[i]] = 1;
    for (int64_t v = 0; v < n_values; v++)
        if (number[v]) number[v] = ++n;
    PV_TRY(pv_tensors_add(&group, tensors, "brand.product", PV_I32, n_products, 0, error));
    PV_TRY(pv_tensors_add(&value, tensors, "brand.value", PV_I32, n, 0, error));
    for (int64_t v = 0; v < n_values; v++)
        if (number[v]) value[number[v] - 1] = (int32_t)v;
    for (int64_t i = 0; i < n_products; i++) group[i] = codes && codes[i] >= 0 ? number[codes[i]] - 1 : -1;
    *groups = (pv_product_groups){.n = n, .of_product = group, .names = shop->products.columns.values, .name = value};
cleanup:
    pv_release(number);
    return status;
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_product_groups groups;
    const pv_status status = fit_groups(&groups, tensors, shop, error);
    return status == PV_OK ? pv_order_affinity_fit(tensors, "brand", &groups, shop, error) : status;
}

static pv_status check_groups(const pv_product_groups *groups, const pv_shop *shop, pv_error *error)
{
    for (int64_t g = 0; g < groups->n; g++)
        if (groups->name[g] < 0 || groups->name[g] >= groups->names.count)
            return pv_fail_at(error, PV_E_INPUT, g, "model: tensor brand.value: no text at %lld", (long long)g);
    for (int64_t i = 0; i < shop->products.ids.n; i++)
        if (groups->of_product[i] < -1 || groups->of_product[i] >= groups->n)
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor brand.product: no brand at %lld", (long long)i);
    return PV_OK;
}

static pv_status bind(void **bound, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const pv_tensor *value = pv_tensors_find(tensors, "brand.value");
    pv_product_groups groups = {.n = value ? value->shape[0] : 0, .names = shop->products.columns.values};
    PV_TRY(pv_tensors_get(&groups.name, tensors, "brand.value", PV_I32, groups.n, 0, error));
    PV_TRY(pv_tensors_get(&groups.of_product, tensors, "brand.product", PV_I32, shop->products.ids.n, 0, error));
    PV_TRY(check_groups(&groups, shop, error));
    PV_TRY(pv_order_affinity_bind(bound, tensors, "brand", &groups, error));
cleanup:
    return status;
}

static const char *silent(const pv_shop *shop)
{
    const int32_t *codes = brand_codes(shop);
    for (int64_t i = 0; codes && i < shop->products.ids.n; i++)
        if (codes[i] >= 0) return NULL;
    return "no product has a brand or supplier";
}

const pv_signal pv_brand_signal = {.code = "brand",
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
