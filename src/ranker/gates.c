/* gates.c - what may be shown at all. */
#include "ranker/gates.h"

#include "base/failure.h"
#include "base/sorted.h"
#include "shop/category_path.h"
#include <string.h>

const char *pv_gate_name(pv_gate gate)
{
    static const char *const names[PV_GATE_COUNT] = {
        [PV_GATE_OPEN] = "open",
        [PV_GATE_EXCLUDED] = "excluded",
        [PV_GATE_IN_CART] = "in_cart",
        [PV_GATE_NOT_KNOWN_YET] = "not_known_yet",
        [PV_GATE_FILTER] = "filter",
        [PV_GATE_NOT_IN_ASSORTMENT] = "not_in_assortment",
        [PV_GATE_DISCONTINUED] = "discontinued",
        [PV_GATE_OUT_OF_STOCK] = "out_of_stock",
        [PV_GATE_BOUGHT_BEFORE] = "bought_before",
        [PV_GATE_NEVER_BOUGHT] = "never_bought",
    };
    return names[gate];
}

static pv_status find_filter(int64_t *column, int32_t *value, const pv_filter *filter, const pv_products *products,
                             pv_arena *arena, pv_error *error)
{
    pv_text wanted = filter->value;
    *column = pv_text_columns_find(&products->columns, filter->column);
    const bool is_category = pv_text_equal(filter->column, pv_text_of("category"));
    if (is_category) *column = -1;
    if (!is_category && *column < 0)
        return pv_fail_field(error, PV_E_USAGE, "/filter", "filter: the products have no column \"%.*s\"",
                             (int)(filter->column.size < 60 ? filter->column.size : 60), filter->column.data);
    if (is_category && !pv_category_path_normal(&wanted, filter->value, arena))
        return pv_fail_memory(error, "a filter", 0);
    *value = (int32_t)pv_texts_search(is_category ? &products->categories.paths : &products->columns.values, wanted);
    return PV_OK;
}

pv_assortment pv_assortment_of_user(const pv_shop *shop, int32_t user)
{
    pv_assortment assortment = {0};
    const int32_t *lists = shop->users.assortments;
    for (int k = 0; lists && user >= 0 && k < 3; k++) {
        const int32_t list = lists[3 * (int64_t)user + k];
        if (list < 0) continue;
        const int64_t first = shop->assortment_offsets[list];
        assortment.has_list[k] = true;
        assortment.products[k] = shop->assortment_products + first;
        assortment.n_products[k] = shop->assortment_offsets[list + 1] - first;
    }
    return assortment;
}

static void hold_back(uint8_t *held_back, const pv_shop *shop, const pv_text *ids, int64_t n, pv_gate gate)
{
    for (int64_t e = 0; e < n; e++) {
        const int64_t product = pv_ids_find(&shop->products.ids, ids[e]);
        if (product >= 0) held_back[product] = (uint8_t)gate;
    }
}

pv_status pv_gates_make(pv_gates *gates, const pv_shop *shop, const pv_history *history, int64_t as_of, int32_t user,
                        pv_mode mode, const pv_request *request, pv_arena *arena, pv_error *error)
{
    pv_status status = PV_OK;
    uint8_t *held_back = pv_arena_allocate(arena, (size_t)shop->products.ids.n, 1);
    int64_t *columns = pv_arena_allocate(arena, (size_t)request->n_filters, sizeof *columns);
    int32_t *values = pv_arena_allocate(arena, (size_t)request->n_filters, sizeof *values);
    if (!held_back || !columns || !values) return pv_fail_memory(error, "gates", (uint64_t)shop->products.ids.n);
    hold_back(held_back, shop, request->cart, request->n_cart, PV_GATE_IN_CART);
    hold_back(held_back, shop, request->exclude, request->n_exclude, PV_GATE_EXCLUDED);
    for (int64_t f = 0; f < request->n_filters; f++)
        PV_TRY(find_filter(&columns[f], &values[f], &request->filters[f], &shop->products, arena, error));
    *gates = (pv_gates){.shop = shop,
                        .history = history,
                        .as_of = as_of,
                        .assortment = pv_assortment_of_user(shop, user),
                        .mode = mode,
                        .held_back = held_back,
                        .n_filters = request->n_filters,
                        .filter_columns = columns,
                        .filter_values = values};
cleanup:
    return status;
}

static bool is_known(const pv_gates *gates, int32_t product)
{
    const pv_products *products = &gates->shop->products;
    const int64_t available = products->available_from[product];
    if (!gates->shop->has_time) /* no as-of date: whatever was bought or is announced at all */
        return product < products->ids.n_warm || available != PV_NO_TIME;
    if (product < products->ids.n_warm && products->first_sold[product] < gates->as_of) return true;
    if (available != PV_NO_TIME && available < gates->as_of) return true;
    return pv_history_find(gates->history, product) >= 0;
}

static bool filter_holds(const pv_gates *gates, int64_t filter, int32_t product)
{
    const pv_products *products = &gates->shop->products;
    const int64_t column = gates->filter_columns[filter];
    const int32_t value = gates->filter_values[filter];
    if (column >= 0) return value >= 0 && products->columns.codes[column * products->columns.n_rows + product] == value;
    for (int32_t c = products->category[product]; c >= 0; c = products->categories.parent[c])
        if (c == value) return true;
    return false;
}

/* All columns must hold; a column named again offers one more value. */
static bool filters_hold(const pv_gates *gates, int32_t product)
{
    for (int64_t f = 0; f < gates->n_filters; f++) {
        bool holds = false;
        for (int64_t g = 0; !holds && g < gates->n_filters; g++)
            holds = gates->filter_columns[g] == gates->filter_columns[f] && filter_holds(gates, g, product);
        if (!holds) return false;
    }
    return true;
}

static bool is_limited(const pv_assortment *assortment)
{
    return assortment->has_list[0] || assortment->has_list[1] || assortment->has_list[2];
}

/* A customer with at least one list (its own, its parent's, its price list's) sees what the lists name. */
static bool is_in_assortment(const pv_gates *gates, int32_t product)
{
    const pv_assortment *assortment = &gates->assortment;
    for (int k = 0; k < 3; k++) {
        if (!assortment->has_list[k]) continue;
        if (assortment->marks[k] ? assortment->marks[k][product]
                                 : pv_sorted_find(assortment->products[k], assortment->n_products[k], product) >= 0)
            return true;
    }
    return !is_limited(assortment);
}

pv_gate pv_gates_ask(const pv_gates *gates, int32_t product)
{
    if (gates->held_back[product]) return (pv_gate)gates->held_back[product];
    if (!is_known(gates, product)) return PV_GATE_NOT_KNOWN_YET;
    if (gates->n_filters && !filters_hold(gates, product)) return PV_GATE_FILTER;
    if (!is_in_assortment(gates, product)) return PV_GATE_NOT_IN_ASSORTMENT;
    if (gates->shop->products.discontinued[product]) return PV_GATE_DISCONTINUED;
    if (gates->shop->products.stock[product] <= 0) return PV_GATE_OUT_OF_STOCK;
    if (gates->mode == PV_MODE_MIXED) return PV_GATE_OPEN;
    const bool is_bought = pv_history_find(gates->history, product) >= 0;
    if (gates->mode == PV_MODE_NEW && is_bought) return PV_GATE_BOUGHT_BEFORE;
    if (gates->mode == PV_MODE_REORDER && !is_bought) return PV_GATE_NEVER_BOUGHT;
    return PV_GATE_OPEN;
}

/* No gate but those of time and stock can close for a product that was bought. */
static bool are_plain(const pv_gates *gates)
{
    return gates->shop->has_time && gates->n_filters == 0 && gates->mode == PV_MODE_MIXED &&
           !is_limited(&gates->assortment);
}

int64_t pv_gates_collect(int32_t *open, int64_t filtered[PV_GATE_COUNT], const pv_gates *gates)
{
    const pv_products *products = &gates->shop->products;
    const int64_t *first_sold = products->first_sold, as_of = gates->as_of;
    const double *stock = products->stock;
    const uint8_t *held_back = gates->held_back, *discontinued = products->discontinued;
    const int32_t n = (int32_t)products->ids.n, n_plain = are_plain(gates) ? (int32_t)products->ids.n_warm : 0;
    int64_t n_open = 0;
    for (int32_t i = 0; i < n; i++) {
        const bool is_plainly_open =
            i < n_plain && !held_back[i] && !discontinued[i] && first_sold[i] < as_of && !(stock[i] <= 0);
        const pv_gate gate = is_plainly_open ? PV_GATE_OPEN : pv_gates_ask(gates, i);
        if (gate == PV_GATE_OPEN)
            open[n_open++] = i;
        else
            filtered[gate]++;
    }
    filtered[PV_GATE_OPEN] += n_open;
    return n_open;
}
