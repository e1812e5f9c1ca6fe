/* live_view.c - a model joined to what came since it was trained. */
#include "service/live_view.h"

#include "base/failure.h"
#include "shop/order_keys.h"
#include <math.h>
#include <stdlib.h>

struct pv_live_view {
    const pv_model *model;
    const pv_event_store *store;
    int64_t taken;             /* events before this offset of the log are in the model */
    pv_current_products *now;  /* what answers see */
    pv_current_products *next; /* a copy that no answer has yet; NULL: none is prepared */
    int32_t *products;         /* [n_products] of the store's items, -1: the model does not know it */
    size_t n_products, products_capacity;
};

/* Everything of it but what changes: the trained shop. */
static const pv_shop *shop_of(const pv_live_view *view)
{
    return &view->model->ranker->shop;
}

/* --- products ----------------------------------------------------------------------------------------------------- */

/* Look up the items that the store has got since. Without memory they are looked up when they are asked for. */
static void note_items(pv_live_view *view)
{
    const size_t n = (size_t)pv_event_store_item_count(view->store);
    void *products = view->products;
    if (!pv_reserve(&products, &view->products_capacity, n, sizeof *view->products)) return;
    view->products = products;
    for (; view->n_products < n; view->n_products++)
        view->products[view->n_products] = (int32_t)pv_ids_find(
            &shop_of(view)->products.ids, pv_event_store_item(view->store, (int64_t)view->n_products));
}

static int64_t product_of(const pv_live_view *view, int32_t item)
{
    if ((size_t)item < view->n_products) return view->products[item];
    return pv_ids_find(&shop_of(view)->products.ids, pv_event_store_item(view->store, item));
}

pv_status pv_live_view_create(pv_live_view **out, const pv_model *model, const pv_event_store *store, int64_t taken,
                              pv_error *error)
{
    pv_live_view *view = calloc(1, sizeof *view);
    if (!view) return pv_fail_memory(error, "the overlay", sizeof *view);
    *view = (pv_live_view){
        .model = model, .store = store, .taken = taken, .now = pv_current_products_create(&model->ranker->shop)};
    if (!view->now) {
        pv_live_view_free(view);
        return pv_fail_memory(error, "the overlay", 0);
    }
    note_items(view);
    for (int32_t i = 0; i < (int32_t)pv_event_store_item_count(store); i++) {
        const int64_t product = product_of(view, i);
        if (product >= 0) pv_current_products_change(view->now, product, pv_event_store_item_state(store, i)->changes);
    }
    *out = view;
    return PV_OK;
}

void pv_live_view_free(pv_live_view *view)
{
    if (!view) return;
    pv_current_products_release(view->now);
    pv_current_products_release(view->next);
    free(view->products);
    free(view);
}

pv_status pv_live_view_prepare(pv_live_view *view, pv_error *error)
{
    if (!view->next) view->next = pv_current_products_copy(view->now);
    return view->next ? PV_OK : pv_fail_memory(error, "the overlay", 0);
}

void pv_live_view_update(pv_live_view *view, const pv_event *event)
{
    note_items(view);
    if (event->type != PV_EVENT_PRODUCT) return;
    if (view->next) { /* the first change of the batch */
        pv_current_products_release(view->now);
        view->now = view->next;
        view->next = NULL;
    }
    const int64_t product = pv_ids_find(&shop_of(view)->products.ids, event->items[0]);
    if (product >= 0) pv_current_products_change(view->now, product, event->changes);
}

pv_current_products *pv_live_view_take_products(const pv_live_view *view)
{
    pv_current_products_retain(view->now);
    return view->now;
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

/* The orders of one user by their keys: an open-addressed table of numbers. Keys are hashes already. */
typedef struct order_index {
    const uint64_t *keys; /* [n] by the order's number */
    int32_t n;
    int32_t *slots; /* [mask + 1] number + 1, 0: free */
    uint64_t mask;
} order_index;

static bool order_index_make(order_index *index, const pv_shop *shop, int32_t user, pv_arena *arena)
{
    *index = (order_index){0};
    if (user < 0 || user >= shop->users.ids.n_warm || !shop->order_offsets) return true;
    const int64_t first = shop->order_offsets[user];
    uint64_t n_slots = 4;
    index->keys = shop->order_keys + first;
    index->n = (int32_t)(shop->order_offsets[user + 1] - first);
    while (n_slots < 2 * (uint64_t)index->n) n_slots *= 2;
    index->mask = n_slots - 1;
    index->slots = pv_arena_allocate(arena, (size_t)n_slots, sizeof *index->slots);
    if (!index->slots) return false;
    for (int32_t o = 0; o < index->n; o++) {
        uint64_t at = index->keys[o] & index->mask;
        while (index->slots[at]) at = (at + 1) & index->mask;
        index->slots[at] = o + 1;
    }
    return true;
}

/* Number of the order, -1 when the model has none of that key. */
static int32_t find_order(const order_index *index, uint64_t key)
{
    if (!index->slots) return -1;
    for (uint64_t at = key & index->mask; index->slots[at]; at = (at + 1) & index->mask)
        if (index->keys[index->slots[at] - 1] == key) return index->slots[at] - 1;
    return -1;
}

/* True when the user's lines, which are sorted by product and order, have the product in that order. */
static bool has_line(const pv_lines *lines, int64_t product, int32_t order)
{
    int64_t low = 0, end = lines->n;
    while (low < end) {
        const int64_t middle = low + (end - low) / 2;
        const bool is_before =
            lines->product[middle] != product ? lines->product[middle] < product : lines->order[middle] < order;
        if (is_before)
            low = middle + 1;
        else
            end = middle;
    }
    return low < lines->n && lines->product[low] == product && lines->order[low] == order;
}

pv_live_user pv_live_view_user(const pv_live_view *view, pv_text id, int32_t user)
{
    return (pv_live_user){.id = id, .user = user, .events = pv_event_store_user(view->store, id)};
}

pv_status pv_live_view_find_rows(pv_live_user *live, const pv_live_view *view, pv_arena *arena, pv_error *error)
{
    order_index orders;
    const pv_shop *shop = shop_of(view);
    const size_t n = live->events ? live->events->n_rows : 0;
    if (n == 0) return PV_OK;
    const pv_lines lines =
        live->user >= 0 && live->user < shop->users.ids.n_warm ? pv_shop_user_lines(shop, live->user) : (pv_lines){0};
    live->rows = pv_arena_allocate(arena, n, sizeof *live->rows);
    if (!live->rows || !order_index_make(&orders, shop, live->user, arena))
        return pv_fail_memory(error, "a history", n * sizeof *live->rows);
    for (size_t r = 0; r < n; r++) {
        const pv_event_row *row = &live->events->rows[r];
        const pv_text item = pv_event_store_item(view->store, row->item);
        if (row->is_repeated || row->offset < view->taken || is_settled(shop, live->id, item, row)) continue;
        const int64_t product = pv_ids_find(&shop->products.ids, item);
        const int32_t known = find_order(&orders, key_of_order(shop, row));
        if (product < 0 || (known >= 0 && !row->is_return && has_line(&lines, product, known))) continue;
        live->rows[live->n_rows++] = (pv_purchase_row){.product = (int32_t)product,
                                                       .time = row->time,
                                                       .order = known >= 0        ? known
                                                                : shop->has_order ? orders.n + row->order
                                                                                  : -1,
                                                       .cancelled = row->is_return,
                                                       .purchase_count = (double)NAN,
                                                       .quantity = row->quantity,
                                                       .discount = row->discount,
                                                       .rating = (double)NAN};
    }
    return PV_OK;
}

void pv_live_user_add_rows(pv_history_rows *rows, const pv_live_user *live)
{
    for (int64_t r = 0; r < live->n_rows; r++) {
        rows->rows[rows->n++] = live->rows[r];
        if (live->rows[r].order >= rows->n_orders) rows->n_orders = live->rows[r].order + 1;
    }
}

/* --- shown lists -------------------------------------------------------------------------------------------------- */

static int compare_shown(const void *left, const void *right)
{
    const pv_shown *a = left, *b = right;
    return a->product < b->product ? -1 : a->product > b->product;
}

pv_status pv_live_view_shown(const pv_shown **out, int64_t *n, const pv_live_view *view, const pv_live_user *live,
                             int64_t as_of, pv_arena *arena, pv_error *error)
{
    const pv_user_events *events = live->events;
    *n = 0;
    *out = NULL;
    if (!events || events->n_shown == 0) return PV_OK;
    pv_shown *shown = pv_arena_allocate(arena, events->n_shown, sizeof *shown);
    if (!shown) return pv_fail_memory(error, "a question", events->n_shown * sizeof *shown);
    for (size_t s = 0; s < events->n_shown; s++) {
        const pv_event_shown *told = &events->shown[s];
        if (told->times <= 0 || (as_of != PV_NO_TIME && told->first >= as_of)) continue;
        const int64_t product = pv_ids_find(&shop_of(view)->products.ids, pv_event_store_item(view->store, told->item));
        if (product >= 0) shown[(*n)++] = (pv_shown){(int32_t)product, told->times, told->first, told->last};
    }
    qsort(shown, (size_t)*n, sizeof *shown, compare_shown);
    *out = shown;
    return PV_OK;
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
        if (told->value.data && pv_text_columns_find(&shop_of(view)->users.segments, told->column) >= 0)
            (*values)[(*n)++] = (pv_side_value){told->column, told->value};
    }
    return PV_OK;
}

/* --- eligibility -------------------------------------------------------------------------------------------------- */

pv_text pv_live_user_parent(const pv_users *users, const pv_live_user *live)
{
    if (live->user >= 0) return pv_texts_at(&users->parent_ids, users->parent[live->user]);
    return live->events && live->events->parent.data ? live->events->parent : live->id;
}

/* The price list that events told of, data NULL: none. */
static pv_text told_price_list(const pv_live_user *live)
{
    for (size_t v = 0; live->events && v < live->events->n_values; v++)
        if (pv_text_equal(live->events->values[v].column, pv_text_of("price_list")))
            return live->events->values[v].value;
    return (pv_text){NULL, 0};
}

static pv_text trained_price_list(const pv_users *users, int32_t user)
{
    if (user < 0 || !users->price_list || users->price_list[user] < 0) return (pv_text){NULL, 0};
    return pv_texts_at(&users->price_list_ids, users->price_list[user]);
}

/* A user of the model that belongs to the parent or has the price list; -1 when there is none. */
static int32_t user_under(const pv_users *users, pv_holder holder, pv_text id)
{
    if (holder == PV_HOLDER_PARENT) {
        const int64_t parent = pv_texts_search(&users->parent_ids, id);
        const bool has_member = parent >= 0 && users->parent_offsets[parent] < users->parent_offsets[parent + 1];
        return has_member ? users->parent_members[users->parent_offsets[parent]] : -1;
    }
    const int64_t list = users->price_list ? pv_texts_search(&users->price_list_ids, id) : -1;
    for (int32_t u = 0; list >= 0 && u < users->ids.n; u++)
        if (users->price_list[u] == list) return u;
    return -1;
}

/* The list that the model has of a holder which is not the user's own by training. */
static void take_trained_list(pv_assortment *assortment, const pv_shop *shop, pv_holder holder, pv_text id)
{
    const pv_assortment trained = pv_assortment_of_user(shop, user_under(&shop->users, holder, id));
    assortment->has_list[holder] = trained.has_list[holder];
    assortment->products[holder] = trained.products[holder];
    assortment->n_products[holder] = trained.n_products[holder];
    assortment->marks[holder] = NULL;
}

/* The products of a list, marked: a list may name most of the catalogue, and an answer asks for all of it. */
static pv_status take_list(pv_assortment *assortment, pv_holder holder, const pv_live_view *view,
                           const pv_eligible_list *list, pv_arena *arena, pv_error *error)
{
    const size_t n = (size_t)shop_of(view)->products.ids.n;
    uint8_t *marks = pv_arena_allocate(arena, n, 1);
    if (!marks) return pv_fail_memory(error, "an assortment", n);
    for (int64_t i = 0; i < list->n_items; i++) {
        const int64_t product = product_of(view, list->items[i]);
        if (product >= 0) marks[product] = 1;
    }
    assortment->has_list[holder] = true;
    assortment->marks[holder] = marks;
    return PV_OK;
}

pv_status pv_live_view_assortment(pv_assortment *assortment, const pv_live_view *view, const pv_live_user *live,
                                  pv_arena *arena, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_users *users = &shop_of(view)->users;
    const pv_text price_list = told_price_list(live);
    const pv_text holders[3] = {[PV_HOLDER_USER] = live->id,
                                [PV_HOLDER_PARENT] = pv_live_user_parent(users, live),
                                [PV_HOLDER_PRICE_LIST] =
                                    price_list.data ? price_list : trained_price_list(users, live->user)};
    if (live->user < 0) take_trained_list(assortment, shop_of(view), PV_HOLDER_PARENT, holders[PV_HOLDER_PARENT]);
    if (price_list.data) take_trained_list(assortment, shop_of(view), PV_HOLDER_PRICE_LIST, price_list);
    for (int k = 0; k < 3; k++) {
        const pv_eligible_list *list =
            holders[k].data ? pv_event_store_list(view->store, (pv_holder)k, holders[k]) : NULL;
        if (list && list->is_set) PV_TRY(take_list(assortment, (pv_holder)k, view, list, arena, error));
    }
cleanup:
    return status;
}
