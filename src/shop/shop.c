/* shop.c - binding a shop to a tensor set: every shape and index is checked here once, nowhere later. */
#include "shop/shop.h"

#include "base/array_checks.h"
#include "base/failure.h"
#include <float.h>
#include <math.h>
#include <string.h>

pv_text pv_ids_at(const pv_ids *ids, int64_t index)
{
    return index < ids->n_warm ? pv_texts_at(&ids->warm, index) : pv_texts_at(&ids->cold, index - ids->n_warm);
}

int64_t pv_ids_find(const pv_ids *ids, pv_text id)
{
    const int64_t warm = pv_texts_search(&ids->warm, id);
    if (warm >= 0) return warm;
    const int64_t cold = pv_texts_search(&ids->cold, id);
    return cold >= 0 ? ids->n_warm + cold : -1;
}

int64_t pv_text_columns_find(const pv_text_columns *columns, pv_text name)
{
    for (int64_t c = 0; c < columns->n_columns; c++)
        if (pv_text_equal(pv_texts_at(&columns->names, c), name)) return c;
    return -1;
}

pv_lines pv_shop_user_lines(const pv_shop *shop, int64_t user)
{
    const int64_t first = shop->line_offsets[user];
    return pv_lines_slice(&shop->lines, first, shop->line_offsets[user + 1] - first);
}

pv_dislikes pv_shop_user_dislikes(const pv_shop *shop, int64_t user)
{
    if (!shop->dislike_offsets) return (pv_dislikes){0};
    const int64_t first = shop->dislike_offsets[user];
    return (pv_dislikes){shop->dislike_offsets[user + 1] - first, shop->dislikes.product + first,
                         shop->dislikes.count + first};
}

int64_t pv_shop_count_pairs(const pv_shop *shop)
{
    int64_t pairs = 0;
    for (int64_t u = 0; u < shop->users.ids.n_warm; u++)
        for (int64_t l = shop->line_offsets[u]; l < shop->line_offsets[u + 1]; l++)
            if (l == shop->line_offsets[u] || shop->lines.product[l] != shop->lines.product[l - 1]) pairs++;
    return pairs;
}

pv_text pv_shop_product_name(const pv_shop *shop, int64_t product)
{
    const pv_text name = pv_texts_at(&shop->products.names, product);
    return name.size ? name : (pv_text){NULL, 0};
}

pv_text pv_shop_product_label(const pv_shop *shop, int64_t product)
{
    pv_text name = pv_shop_product_name(shop, product);
    while (name.size && name.data[name.size - 1] == ' ') name.size--;
    while (name.size && name.data[0] == ' ') name = (pv_text){name.data + 1, name.size - 1};
    return name.size ? name : pv_ids_at(&shop->products.ids, product);
}

/* --- checks ------------------------------------------------------------------------------------------------------ */

static pv_status check_indices(const int32_t *values, int64_t n, int64_t low, int64_t end, const char *name,
                               pv_error *error)
{
    if (low >= -1 && end <= INT32_MAX && pv_all_within(values, n, (int32_t)low, (int32_t)(end - 1))) return PV_OK;
    for (int64_t i = 0; i < n; i++)
        if (values[i] < low || values[i] >= end)
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor %s: value %d at %lld is outside %lld to %lld", name,
                              (int)values[i], (long long)i, (long long)low, (long long)end - 1);
    return PV_OK;
}

static pv_status check_offsets(const int64_t *offsets, int64_t n, int64_t end, const char *name, pv_error *error)
{
    if (pv_offsets_rise(offsets, n, end)) return PV_OK;
    return pv_fail(error, PV_E_INPUT, "model: tensor %s: not rising from 0 to %lld", name, (long long)end);
}

static pv_status check_numbers(const double *values, int64_t n, double low, double high, const char *name,
                               pv_error *error)
{
    for (int64_t i = 0; i < n; i++)
        if (!isnan(values[i]) && !(values[i] >= low && values[i] <= high))
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor %s: value at %lld is out of range", name,
                              (long long)i);
    return PV_OK;
}

static pv_status check_counts(const double *values, int64_t n, const char *name, pv_error *error)
{
    if (pv_doubles_within(values, n, DBL_TRUE_MIN, 1e18)) return PV_OK;
    for (int64_t i = 0; i < n; i++)
        if (!(values[i] > 0 && values[i] <= 1e18))
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor %s: value at %lld is no count", name, (long long)i);
    return PV_OK;
}

/* PV_NO_TIME passes where a time may be missing. */
static pv_status check_times(const int64_t *values, int64_t n, bool may_be_missing, const char *name, pv_error *error)
{
    if (pv_all_within_64(values, n, PV_TIME_FIRST, PV_TIME_END)) return PV_OK;
    for (int64_t i = 0; i < n; i++) {
        const bool good =
            values[i] == PV_NO_TIME ? may_be_missing : values[i] >= PV_TIME_FIRST && values[i] <= PV_TIME_END;
        if (!good)
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor %s: value at %lld is no time", name, (long long)i);
    }
    return PV_OK;
}

static pv_status bind_indices(const int32_t **values, const pv_tensors *tensors, const char *name, int64_t rows,
                              int64_t columns, int64_t low, int64_t end, pv_error *error)
{
    pv_status status = pv_tensors_get(values, tensors, name, PV_I32, rows, columns, error);
    if (status == PV_OK) status = check_indices(*values, rows * (columns ? columns : 1), low, end, name, error);
    return status;
}

static pv_status bind_offsets(const int64_t **offsets, int64_t n, int64_t end, const pv_tensors *tensors,
                              const char *name, pv_error *error)
{
    pv_status status = pv_tensors_get(offsets, tensors, name, PV_I64, n + 1, 0, error);
    if (status == PV_OK) status = check_offsets(*offsets, n, end, name, error);
    return status;
}

static pv_status bind_flag(bool *flag, const pv_tensors *tensors, const char *name, pv_error *error)
{
    const uint8_t *value = NULL;
    const pv_status status = pv_tensors_get(&value, tensors, name, PV_BOOL, 1, 0, error);
    if (status == PV_OK) *flag = value[0] != 0;
    return status;
}

static pv_status check_sorted(const pv_texts *ids, const char *name, pv_error *error)
{
    for (int64_t i = 0; i < ids->count; i++) {
        const pv_text id = pv_texts_at(ids, i);
        if (id.size == 0 || (i > 0 && pv_text_compare(pv_texts_at(ids, i - 1), id) >= 0))
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor %s: ids are empty or not in bytewise order at %lld",
                              name, (long long)i);
    }
    return PV_OK;
}

/* --- parts ------------------------------------------------------------------------------------------------------- */

static pv_status bind_ids(pv_ids *ids, const pv_tensors *tensors, const char *warm, const char *cold, pv_error *error)
{
    pv_status status;
    PV_TRY(pv_tensors_get_texts(&ids->warm, tensors, warm, -1, error));
    PV_TRY(pv_tensors_get_texts(&ids->cold, tensors, cold, -1, error));
    PV_TRY(check_sorted(&ids->warm, warm, error));
    PV_TRY(check_sorted(&ids->cold, cold, error));
    ids->n_warm = ids->warm.count;
    ids->n = ids->n_warm + ids->cold.count;
    if (ids->n > INT32_MAX) status = pv_fail(error, PV_E_INPUT, "model: more than 2147483647 %s", warm);
cleanup:
    return status;
}

static pv_status bind_columns(pv_text_columns *columns, int64_t n_rows, const pv_tensors *tensors, const char *names,
                              const char *values, const char *codes, pv_error *error)
{
    pv_status status;
    PV_TRY(pv_tensors_get_texts(&columns->names, tensors, names, -1, error));
    PV_TRY(pv_tensors_get_texts(&columns->values, tensors, values, -1, error));
    columns->n_columns = columns->names.count;
    columns->n_rows = n_rows;
    PV_TRY(check_sorted(&columns->values, values, error));
    if (columns->n_columns > 0)
        PV_TRY(bind_indices(&columns->codes, tensors, codes, columns->n_columns, n_rows, -1, columns->values.count,
                            error));
cleanup:
    return status;
}

static pv_status bind_categories(pv_categories *categories, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    PV_TRY(pv_tensors_get_texts(&categories->paths, tensors, "categories.path", -1, error));
    categories->n = categories->paths.count;
    PV_TRY(check_sorted(&categories->paths, "categories.path", error));
    PV_TRY(bind_indices(&categories->parent, tensors, "categories.parent", categories->n, 0, -1, categories->n, error));
    for (int64_t c = 0; c < categories->n; c++) /* a parent is a prefix and so sorts before: no cycles */
        if (categories->parent[c] >= c)
            PV_TRY(pv_fail_at(error, PV_E_INPUT, c, "model: tensor categories.parent: %lld is not below its parent",
                              (long long)c));
cleanup:
    return status;
}

static pv_status bind_products(pv_products *products, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    PV_TRY(bind_ids(&products->ids, tensors, "product_ids", "cold_product_ids", error));
    const int64_t n = products->ids.n, n_warm = products->ids.n_warm;
    PV_TRY(bind_categories(&products->categories, tensors, error));
    PV_TRY(pv_tensors_get_texts(&products->names, tensors, "products.name", n, error));
    PV_TRY(bind_indices(&products->category, tensors, "products.category", n, 0, -1, products->categories.n, error));
    PV_TRY(pv_tensors_get(&products->price, tensors, "products.price", PV_F64, n, 0, error));
    PV_TRY(check_numbers(products->price, n, -1e12, 1e12, "products.price", error));
    PV_TRY(pv_tensors_get(&products->discount, tensors, "products.discount", PV_F64, n, 0, error));
    PV_TRY(check_numbers(products->discount, n, 0, 1, "products.discount", error));
    PV_TRY(pv_tensors_get(&products->stock, tensors, "products.stock", PV_F64, n, 0, error));
    PV_TRY(pv_tensors_get(&products->promotion, tensors, "products.promotion", PV_F64, n, 0, error));
    PV_TRY(pv_tensors_get(&products->discontinued, tensors, "products.discontinued", PV_BOOL, n, 0, error));
    PV_TRY(pv_tensors_get(&products->available_from, tensors, "products.available_from", PV_I64, n, 0, error));
    PV_TRY(check_times(products->available_from, n, true, "products.available_from", error));
    PV_TRY(pv_tensors_get(&products->first_sold, tensors, "products.first_sold", PV_I64, n_warm, 0, error));
    PV_TRY(check_times(products->first_sold, n_warm, true, "products.first_sold", error));
    PV_TRY(bind_indices(&products->buyers, tensors, "products.buyers", n_warm, 0, 1, INT32_MAX, error));
    PV_TRY(bind_columns(&products->columns, n, tensors, "product_columns.name", "product_columns.value",
                        "product_columns.code", error));
cleanup:
    return status;
}

static pv_status bind_users(pv_users *users, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    const int64_t *buying = NULL;
    PV_TRY(bind_ids(&users->ids, tensors, "user_ids", "cold_user_ids", error));
    const int64_t n = users->ids.n;
    const pv_tensor *offsets = pv_tensors_find(tensors, "parents.offset");
    users->n_parents = offsets ? offsets->shape[0] - 1 : 0;
    if (users->n_parents < 1) PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor parents.offset is missing or empty"));
    PV_TRY(bind_offsets(&users->parent_offsets, users->n_parents, n, tensors, "parents.offset", error));
    PV_TRY(bind_indices(&users->parent_members, tensors, "parents.member", n, 0, 0, n, error));
    PV_TRY(bind_indices(&users->parent, tensors, "users.parent", n, 0, 0, users->n_parents, error));
    PV_TRY(pv_tensors_get(&buying, tensors, "parents.buying", PV_I64, 1, 0, error));
    if (buying[0] < 1 || buying[0] > users->n_parents)
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor parents.buying is out of range"));
    users->n_buying_parents = buying[0];
    PV_TRY(pv_tensors_get_texts(&users->parent_ids, tensors, "parents.id", users->n_parents, error));
    PV_TRY(check_sorted(&users->parent_ids, "parents.id", error));
    if (pv_tensors_find(tensors, "users.price_list")) {
        PV_TRY(pv_tensors_get_texts(&users->price_list_ids, tensors, "price_lists.id", -1, error));
        PV_TRY(check_sorted(&users->price_list_ids, "price_lists.id", error));
        PV_TRY(bind_indices(&users->price_list, tensors, "users.price_list", n, 0, -1, users->price_list_ids.count,
                            error));
    }
    PV_TRY(bind_columns(&users->segments, n, tensors, "segments.name", "segments.value", "segments.code", error));
cleanup:
    return status;
}

static pv_status bind_assortments(pv_shop *shop, const pv_tensors *tensors, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tensor *offsets = pv_tensors_find(tensors, "assortments.offset");
    const pv_tensor *products = pv_tensors_find(tensors, "assortments.product");
    const pv_tensor *lists = pv_tensors_find(tensors, "users.assortment");
    if (!offsets && !products && !lists) return PV_OK;
    if (!offsets || !products || !lists)
        return pv_fail(error, PV_E_INPUT, "model: one of the assortment tensors is missing");
    shop->n_assortments = offsets->shape[0] - 1;
    if (shop->n_assortments < 0) return pv_fail(error, PV_E_INPUT, "model: tensor assortments.offset is empty");
    PV_TRY(bind_offsets(&shop->assortment_offsets, shop->n_assortments, products->shape[0], tensors,
                        "assortments.offset", error));
    PV_TRY(bind_indices(&shop->assortment_products, tensors, "assortments.product", products->shape[0], 0, 0,
                        shop->products.ids.n, error));
    PV_TRY(bind_indices(&shop->users.assortments, tensors, "users.assortment", shop->users.ids.n, 3, -1,
                        shop->n_assortments, error));
cleanup:
    return status;
}

/* True when products and order numbers of one user's n lines are in range, and the lines sorted by both. One pass
 * without a branch, as in array_checks.h: the top bit of `bad` tells that something is not. */
static bool lines_are_sound(const int32_t *product, const int32_t *order, int64_t n, int32_t n_products)
{
    if (n < 1 || n > INT32_MAX) return false;
    const uint32_t last_product = (uint32_t)n_products - 1, last_order = (uint32_t)n - 1;
    uint32_t bad = (uint32_t)product[0] | (last_product - (uint32_t)product[0]) | (uint32_t)order[0] |
                   (last_order - (uint32_t)order[0]);
    for (int64_t l = 1; l < n; l++) {
        const uint32_t p = (uint32_t)product[l], o = (uint32_t)order[l];
        const uint32_t rise = p - (uint32_t)product[l - 1];
        const uint32_t is_same = ~(0 - rise); /* its top bit, where no product falls */
        bad |= p | (last_product - p) | o | (last_order - o) | rise | (is_same & (o - (uint32_t)order[l - 1]));
    }
    return bad >> 31 == 0;
}

static pv_status check_lines(const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_lines *lines = &shop->lines;
    const int32_t n_products = (int32_t)shop->products.ids.n_warm;
    for (int64_t u = 0; u < shop->users.ids.n_warm; u++) {
        const int64_t first = shop->line_offsets[u], n = shop->line_offsets[u + 1] - first;
        if (lines_are_sound(lines->product + first, lines->order + first, n, n_products)) continue;
        PV_TRY(check_indices(lines->product, lines->n, 0, n_products, "purchases.product", error));
        PV_TRY(check_indices(lines->order, lines->n, 0, INT32_MAX, "purchases.order", error));
        PV_TRY(pv_fail_at(error, PV_E_INPUT, u, "model: purchases of user %lld are not in order", (long long)u));
    }
    if (lines->count) PV_TRY(check_counts(lines->count, lines->n, "purchases.count", error));
cleanup:
    return status;
}

/* What events of the same orders are known by. */
static pv_status bind_order_keys(pv_shop *shop, const pv_tensors *tensors, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tensor *keys = pv_tensors_find(tensors, "purchases.order_key");
    const pv_tensor *settled = pv_tensors_find(tensors, "purchases.settled");
    if (settled) {
        shop->n_settled = settled->shape[0];
        PV_TRY(pv_tensors_get(&shop->settled, tensors, "purchases.settled", PV_U64, shop->n_settled, 0, error));
        for (int64_t s = 1; s < shop->n_settled; s++)
            if (shop->settled[s - 1] > shop->settled[s])
                PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor purchases.settled is not rising"));
    }
    if (!keys) return PV_OK;
    PV_TRY(bind_offsets(&shop->order_offsets, shop->users.ids.n_warm, keys->shape[0], tensors, "purchases.order_offset",
                        error));
    PV_TRY(pv_tensors_get(&shop->order_keys, tensors, "purchases.order_key", PV_U64, keys->shape[0], 0, error));
    for (int64_t u = 0; u < shop->users.ids.n_warm; u++)
        PV_TRY(check_indices(shop->lines.order + shop->line_offsets[u],
                             shop->line_offsets[u + 1] - shop->line_offsets[u], 0,
                             shop->order_offsets[u + 1] - shop->order_offsets[u], "purchases.order", error));
cleanup:
    return status;
}

static pv_status bind_purchases(pv_shop *shop, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    const pv_tensor *products = pv_tensors_find(tensors, "purchases.product");
    pv_lines *lines = &shop->lines;
    lines->n = products ? products->shape[0] : 0;
    PV_TRY(bind_offsets(&shop->line_offsets, shop->users.ids.n_warm, lines->n, tensors, "purchases.offset", error));
    PV_TRY(pv_tensors_get(&lines->product, tensors, "purchases.product", PV_I32, lines->n, 0, error));
    PV_TRY(pv_tensors_get(&lines->order, tensors, "purchases.order", PV_I32, lines->n, 0, error));
    if (shop->has_time) {
        PV_TRY(pv_tensors_get(&lines->time, tensors, "purchases.time", PV_I64, lines->n, 0, error));
        PV_TRY(check_times(lines->time, lines->n, false, "purchases.time", error));
    }
    if (pv_shop_is_simple(shop))
        PV_TRY(pv_tensors_get(&lines->count, tensors, "purchases.count", PV_F64, lines->n, 0, error));
    if (shop->has_discounts)
        PV_TRY(pv_tensors_get(&lines->discounted, tensors, "purchases.discounted", PV_BOOL, lines->n, 0, error));
    if (pv_tensors_find(tensors, "purchases.amount")) {
        PV_TRY(pv_tensors_get(&lines->amount, tensors, "purchases.amount", PV_F64, lines->n, 0, error));
        PV_TRY(check_counts(lines->amount, lines->n, "purchases.amount", error));
    }
    PV_TRY(check_lines(shop, error));
    PV_TRY(bind_order_keys(shop, tensors, error));
cleanup:
    return status;
}

static pv_status bind_dislikes(pv_shop *shop, const pv_tensors *tensors, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tensor *products = pv_tensors_find(tensors, "dislikes.product");
    if (!products) return PV_OK;
    const int64_t n = products->shape[0];
    shop->dislikes.n = n;
    PV_TRY(bind_offsets(&shop->dislike_offsets, shop->users.ids.n_warm, n, tensors, "dislikes.offset", error));
    PV_TRY(
        bind_indices(&shop->dislikes.product, tensors, "dislikes.product", n, 0, 0, shop->products.ids.n_warm, error));
    PV_TRY(pv_tensors_get(&shop->dislikes.count, tensors, "dislikes.count", PV_F64, n, 0, error));
    PV_TRY(check_counts(shop->dislikes.count, n, "dislikes.count", error));
cleanup:
    return status;
}

pv_status pv_shop_bind(pv_shop *shop, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    pv_shop bound = {0};
    const int64_t *as_of = NULL;
    const double *purchase_weight = NULL, *dislike_at = NULL;
    PV_TRY(pv_tensors_get(&as_of, tensors, "shop.as_of", PV_I64, 1, 0, error));
    PV_TRY(pv_tensors_get(&purchase_weight, tensors, "shop.purchase_weight", PV_F64, 1, 0, error));
    if (!(purchase_weight[0] >= 0 && purchase_weight[0] <= 1e9))
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor shop.purchase_weight is out of range"));
    PV_TRY(check_times(as_of, 1, true, "shop.as_of", error));
    bound.as_of = as_of[0];
    bound.purchase_weight = purchase_weight[0];
    PV_TRY(bind_flag(&bound.has_time, tensors, "shop.has_time", error));
    PV_TRY(bind_flag(&bound.has_order, tensors, "shop.has_order", error));
    PV_TRY(bind_flag(&bound.has_discounts, tensors, "shop.has_discounts", error));
    PV_TRY(bind_flag(&bound.discount_is_current, tensors, "shop.discount_is_current", error));
    PV_TRY(bind_flag(&bound.negative_is_dislike, tensors, "shop.negative_is_dislike", error));
    PV_TRY(pv_tensors_get(&dislike_at, tensors, "shop.dislike_at", PV_F64, 1, 0, error));
    bound.dislike_at = dislike_at[0];
    if (bound.has_time != (bound.as_of != PV_NO_TIME))
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: shop.as_of and shop.has_time contradict each other"));
    PV_TRY(bind_products(&bound.products, tensors, error));
    PV_TRY(bind_users(&bound.users, tensors, error));
    PV_TRY(bind_purchases(&bound, tensors, error));
    PV_TRY(bind_dislikes(&bound, tensors, error));
    PV_TRY(bind_assortments(&bound, tensors, error));
    *shop = bound;
cleanup:
    return status;
}
