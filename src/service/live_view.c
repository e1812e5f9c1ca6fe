/* live_view.c - a model joined to what came since it was trained. */
#include "service/live_view.h"

#include "base/failure.h"
#include "shop/order_keys.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pv_live_view {
    const pv_model *model;
    const pv_event_store *store;
    int64_t taken;                    /* events before this offset of the log are in the model */
    pv_shop shop;                     /* the model's but for the arrays below */
    double *price, *discount, *stock; /* [n products] */
    uint8_t *discontinued;
    int64_t *available_from;
};

/* --- products ----------------------------------------------------------------------------------------------------- */

static void change_number(double *now, const double *trained, const pv_change *change, int64_t product)
{
    if (change->kind == PV_SET) now[product] = change->value;
    if (change->kind == PV_AS_TRAINED) now[product] = trained[product];
}

static void change_product(pv_live_view *view, int64_t product, const pv_change changes[PV_CHANGE_COUNT])
{
    const pv_products *trained = &view->model->ranker->shop.products;
    change_number(view->price, trained->price, &changes[PV_CHANGE_PRICE], product);
    change_number(view->discount, trained->discount, &changes[PV_CHANGE_DISCOUNT], product);
    change_number(view->stock, trained->stock, &changes[PV_CHANGE_STOCK], product);
    const pv_change *discontinued = &changes[PV_CHANGE_DISCONTINUED], *from = &changes[PV_CHANGE_AVAILABLE_FROM];
    if (discontinued->kind == PV_SET) view->discontinued[product] = discontinued->value > 0;
    if (discontinued->kind == PV_AS_TRAINED) view->discontinued[product] = trained->discontinued[product];
    if (from->kind == PV_SET) view->available_from[product] = (int64_t)from->value;
    if (from->kind == PV_AS_TRAINED) view->available_from[product] = trained->available_from[product];
}

static void *copy_of(const void *trained, size_t n, size_t size)
{
    void *copy = pv_allocate(n, size);
    if (copy && n > 0) memcpy(copy, trained, n * size);
    return copy;
}

pv_status pv_live_view_create(pv_live_view **out, const pv_model *model, const pv_event_store *store, int64_t taken,
                              pv_error *error)
{
    pv_live_view *view = calloc(1, sizeof *view);
    if (!view) return pv_fail_memory(error, "the overlay", sizeof *view);
    const pv_products *trained = &model->ranker->shop.products;
    const size_t n = (size_t)trained->ids.n;
    *view = (pv_live_view){.model = model,
                           .store = store,
                           .taken = taken,
                           .shop = model->ranker->shop,
                           .price = copy_of(trained->price, n, sizeof *view->price),
                           .discount = copy_of(trained->discount, n, sizeof *view->discount),
                           .stock = copy_of(trained->stock, n, sizeof *view->stock),
                           .discontinued = copy_of(trained->discontinued, n, 1),
                           .available_from = copy_of(trained->available_from, n, sizeof *view->available_from)};
    if (!view->price || !view->discount || !view->stock || !view->discontinued || !view->available_from) {
        pv_live_view_free(view);
        return pv_fail_memory(error, "the overlay", n * sizeof *view->price);
    }
    pv_products *now = &view->shop.products;
    now->price = view->price;
    now->discount = view->discount;
    now->stock = view->stock;
    now->discontinued = view->discontinued;
    now->available_from = view->available_from;
    for (int64_t i = 0; i < pv_event_store_item_count(store); i++) {
        const int64_t product = pv_ids_find(&now->ids, pv_event_store_item(store, i));
        if (product >= 0) change_product(view, product, pv_event_store_item_state(store, i)->changes);
    }
    *out = view;
    return PV_OK;
}

void pv_live_view_free(pv_live_view *view)
{
    if (!view) return;
    pv_release(view->price);
    pv_release(view->discount);
    pv_release(view->stock);
    pv_release(view->discontinued);
    pv_release(view->available_from);
    free(view);
}

void pv_live_view_update(pv_live_view *view, const pv_event *event)
{
    if (event->type != PV_EVENT_PRODUCT) return;
    const int64_t product = pv_ids_find(&view->shop.products.ids, event->items[0]);
    if (product >= 0) change_product(view, product, event->changes);
}

const pv_shop *pv_live_view_shop(const pv_live_view *view)
{
    return &view->shop;
}

int64_t pv_live_view_end_time(const pv_live_view *view)
{
    return pv_event_store_end_time(view->store);
}

/* --- purchases ---------------------------------------------------------------------------------------------------- */

/* In a shop without order ids an order is what was bought at one time. */
static uint64_t key_of_order(const pv_shop *shop, const pv_event_row *row)
{
    return shop->has_order ? row->order_key : pv_order_key((pv_text){NULL, 0}, row->time);
}

static bool is_settled(const pv_shop *shop, pv_text user, pv_text item, const pv_event_row *row)
{
    const uint64_t key = pv_settled_key(user, item, key_of_order(shop, row), row->is_return);
    int64_t low = 0, end = shop->n_settled;
    while (low < end) {
        const int64_t middle = low + (end - low) / 2;
        if (shop->settled[middle] < key)
            low = middle + 1;
        else
            end = middle;
    }
    return low < shop->n_settled && shop->settled[low] == key;
}

/* Number of the user's order that the row belongs to, -1 when the model has none. */
static int32_t find_order(const pv_shop *shop, int32_t user, const pv_event_row *row)
{
    const uint64_t key = key_of_order(shop, row);
    if (user < 0 || user >= shop->users.ids.n_warm || !shop->order_offsets) return -1;
    const int64_t first = shop->order_offsets[user], end = shop->order_offsets[user + 1];
    for (int64_t o = first; o < end; o++)
        if (shop->order_keys[o] == key) return (int32_t)(o - first);
    return -1;
}

/* True when the model's purchases of the user have the product in that order. */
static bool has_line(const pv_shop *shop, int32_t user, int64_t product, int32_t order)
{
    if (order < 0) return false;
    const pv_lines lines = pv_shop_user_lines(shop, user);
    for (int64_t l = 0; l < lines.n; l++)
        if (lines.product[l] == product && lines.order[l] == order) return true;
    return false;
}

/* True when the model does not have the row: neither by the log it was trained with nor by the shop's own files. */
static bool is_new_row(const pv_live_view *view, const pv_event_row *row, pv_text id, int32_t user, int64_t product)
{
    if (row->offset < view->taken) return false;
    if (is_settled(&view->shop, id, pv_event_store_item(view->store, row->item), row)) return false;
    return row->is_return || !has_line(&view->shop, user, product, find_order(&view->shop, user, row));
}

/* Product of a row that counts, -1 of one that does not. */
static int64_t counting_product(const pv_live_view *view, const pv_event_row *row, pv_text id, int32_t user)
{
    const int64_t product = pv_ids_find(&view->shop.products.ids, pv_event_store_item(view->store, row->item));
    if (product < 0 || row->is_repeated || !is_new_row(view, row, id, user, product)) return -1;
    return product;
}

pv_live_user pv_live_view_user(const pv_live_view *view, pv_text id, int32_t user)
{
    pv_live_user live = {.events = pv_event_store_user(view->store, id)};
    for (size_t r = 0; live.events && r < live.events->n_rows; r++)
        live.n_rows += counting_product(view, &live.events->rows[r], id, user) >= 0;
    return live;
}

void pv_live_view_add_rows(pv_history_rows *rows, const pv_live_view *view, const pv_live_user *live, pv_text id,
                           int32_t user)
{
    const int32_t first_new = rows->n_orders;
    for (size_t r = 0; live->n_rows > 0 && r < live->events->n_rows; r++) {
        const pv_event_row *row = &live->events->rows[r];
        const int64_t product = counting_product(view, row, id, user);
        if (product < 0) continue;
        const int32_t known = find_order(&view->shop, user, row);
        const int32_t order = known >= 0 ? known : view->shop.has_order ? first_new + row->order : -1;
        if (order >= rows->n_orders) rows->n_orders = order + 1;
        rows->rows[rows->n++] = (pv_purchase_row){.product = (int32_t)product,
                                                  .time = row->time,
                                                  .order = order,
                                                  .cancelled = row->is_return,
                                                  .purchase_count = (double)NAN,
                                                  .quantity = row->quantity,
                                                  .discount = row->discount,
                                                  .rating = (double)NAN};
    }
}

/* --- companies ---------------------------------------------------------------------------------------------------- */

pv_status pv_live_view_metadata(pv_side_value **values, int64_t *n, const pv_live_view *view, const pv_live_user *live,
                                pv_arena *arena, pv_error *error)
{
    const pv_user_events *events = live->events;
    *n = 0;
    *values = NULL;
    if (!events || events->n_values == 0) return PV_OK;
    *values = pv_arena_allocate(arena, events->n_values, sizeof **values);
    if (!*values) return pv_fail_memory(error, "metadata", events->n_values * sizeof **values);
    for (size_t v = 0; v < events->n_values; v++) {
        const pv_event_value *told = &events->values[v];
        if (told->value.data && pv_text_columns_find(&view->shop.users.segments, told->column) >= 0)
            (*values)[(*n)++] = (pv_side_value){told->column, told->value};
    }
    return PV_OK;
}

int32_t pv_live_view_parent(const pv_live_view *view, const pv_live_user *live)
{
    if (!live->events || !live->events->parent.data) return -1;
    return (int32_t)pv_texts_search(&view->shop.users.parent_ids, live->events->parent);
}

/* --- eligibility -------------------------------------------------------------------------------------------------- */

static pv_text price_list_of(const pv_live_view *view, const pv_live_user *live, int32_t user)
{
    const pv_users *users = &view->shop.users;
    for (size_t v = 0; live->events && v < live->events->n_values; v++)
        if (live->events->values[v].value.data &&
            pv_text_equal(live->events->values[v].column, pv_text_of("price_list")))
            return live->events->values[v].value;
    if (user < 0 || !users->price_list || users->price_list[user] < 0) return (pv_text){NULL, 0};
    return pv_texts_at(&users->price_list_ids, users->price_list[user]);
}

static pv_text parent_of(const pv_live_view *view, const pv_live_user *live, pv_text id, int32_t user)
{
    const pv_users *users = &view->shop.users;
    if (user >= 0) return pv_texts_at(&users->parent_ids, users->parent[user]);
    return live->events && live->events->parent.data ? live->events->parent : id;
}

static int compare_products(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return a < b ? -1 : a > b;
}

pv_status pv_live_view_assortment(pv_assortment *assortment, const pv_live_view *view, const pv_live_user *live,
                                  pv_text id, int32_t user, pv_arena *arena, pv_error *error)
{
    const pv_text holders[3] = {[PV_HOLDER_USER] = id,
                                [PV_HOLDER_PARENT] = parent_of(view, live, id, user),
                                [PV_HOLDER_PRICE_LIST] = price_list_of(view, live, user)};
    for (int k = 0; k < 3; k++) {
        const pv_eligible_list *list =
            holders[k].data ? pv_event_store_list(view->store, (pv_holder)k, holders[k]) : NULL;
        if (!list || !list->is_set) continue;
        int32_t *products = pv_arena_allocate(arena, (size_t)list->n_items, sizeof *products);
        if (!products) return pv_fail_memory(error, "an assortment", (uint64_t)list->n_items * sizeof *products);
        int64_t n = 0;
        for (int64_t i = 0; i < list->n_items; i++) {
            const int64_t product =
                pv_ids_find(&view->shop.products.ids, pv_event_store_item(view->store, list->items[i]));
            if (product >= 0) products[n++] = (int32_t)product;
        }
        qsort(products, (size_t)n, sizeof *products, compare_products);
        assortment->has_list[k] = true;
        assortment->products[k] = products;
        assortment->n_products[k] = n;
    }
    return PV_OK;
}
