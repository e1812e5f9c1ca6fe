/* rebuy_counts.c - counting orders with a product, company by company. */
#include "signals/rebuy_counts.h"

#include "base/failure.h"
#include "signals/parent_lines.h"
#include <stdlib.h>

#define SMOOTHING 20.0 /* m */

/* What one company did with one product; users of the company have orders of their own. */
typedef struct company_product {
    int32_t product;
    int64_t orders, repeats, chances;
} company_product;

static int64_t count_orders(const pv_lines *lines)
{
    int64_t n = 0;
    for (int64_t l = 0; l < lines->n; l++)
        if (lines->order[l] >= n) n = lines->order[l] + 1;
    return n;
}

/* Append the products of one user, rising; returns how many. */
static int64_t add_user(company_product *out, const pv_lines *lines)
{
    const int64_t n_orders = count_orders(lines);
    int64_t n = 0;
    for (int64_t l = 0; l < lines->n; l++) {
        const bool is_first = l == 0 || lines->product[l] != lines->product[l - 1];
        if (is_first)
            out[n++] = (company_product){lines->product[l], 1, 0, n_orders - lines->order[l] - 1};
        else if (lines->order[l] != lines->order[l - 1]) {
            out[n - 1].orders++;
            out[n - 1].repeats++;
        }
    }
    return n;
}

static int compare_products(const void *left, const void *right)
{
    const company_product *a = left, *b = right;
    return a->product < b->product ? -1 : a->product > b->product;
}

/* One entry a product, rising. */
static int64_t merge_users(company_product *entries, int64_t n)
{
    int64_t merged = 0;
    qsort(entries, (size_t)n, sizeof *entries, compare_products);
    for (int64_t e = 0; e < n; e++) {
        if (merged > 0 && entries[merged - 1].product == entries[e].product) {
            entries[merged - 1].orders += entries[e].orders;
            entries[merged - 1].repeats += entries[e].repeats;
            entries[merged - 1].chances += entries[e].chances;
        } else {
            entries[merged++] = entries[e];
        }
    }
    return merged;
}

typedef struct company_products {
    company_product *items; /* rising by product */
    int64_t n;
} company_products;

static pv_status list_company(company_products *list, const pv_lines *members, int64_t n_members, pv_arena *arena,
                              pv_error *error)
{
    int64_t capacity = 0;
    for (int64_t m = 0; m < n_members; m++) capacity += members[m].n;
    *list = (company_products){pv_arena_allocate(arena, (size_t)capacity, sizeof *list->items), 0};
    if (!list->items) return pv_fail_memory(error, "orders", (uint64_t)capacity * sizeof *list->items);
    for (int64_t m = 0; m < n_members; m++) list->n += add_user(list->items + list->n, &members[m]);
    if (n_members > 1) list->n = merge_users(list->items, list->n);
    return PV_OK;
}

/* --- fit --------------------------------------------------------------------------------------------------------- */

typedef struct learned_counts {
    int32_t *buyers, *again;
    int64_t *repeats, *chances;
} learned_counts;

static pv_status add_tensors(learned_counts *learned, pv_tensors *tensors, int64_t n, pv_error *error)
{
    pv_status status;
    PV_TRY(pv_tensors_add(&learned->buyers, tensors, "rebuy_rate.buyers", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&learned->again, tensors, "rebuy_rate.again", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&learned->repeats, tensors, "rebuy_rate.repeats", PV_I64, n, 0, error));
    PV_TRY(pv_tensors_add(&learned->chances, tensors, "rebuy_rate.chances", PV_I64, n, 0, error));
cleanup:
    return status;
}

static pv_status add_parent(learned_counts *learned, const pv_shop *shop, int64_t parent, pv_arena *arena,
                            pv_error *error)
{
    pv_status status;
    company_products list;
    pv_parent_lines lines;
    PV_TRY(pv_parent_lines_make(&lines, shop, parent, arena, error));
    PV_TRY(list_company(&list, lines.members, lines.n_members, arena, error));
    for (int64_t e = 0; e < list.n; e++) {
        const company_product *entry = &list.items[e];
        learned->buyers[entry->product]++;
        learned->again[entry->product] += entry->orders >= 2;
        learned->repeats[entry->product] += entry->repeats;
        learned->chances[entry->product] += entry->chances;
    }
cleanup:
    return status;
}

pv_status pv_rebuy_counts_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                              pv_error *error)
{
    (void)settings;
    pv_status status;
    learned_counts learned = {0};
    if (pv_tensors_find(tensors, "rebuy_rate.buyers")) return PV_OK;
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena != NULL, "orders", error));
    PV_TRY(add_tensors(&learned, tensors, shop->products.ids.n_warm, error));
    for (int64_t p = 0; !pv_shop_is_simple(shop) && p < shop->users.n_parents; p++) {
        pv_arena_reset(arena);
        PV_TRY(add_parent(&learned, shop, p, arena, error));
    }
cleanup:
    pv_arena_free(arena);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

pv_status pv_rebuy_counts_get(pv_rebuy_counts *counts, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n_warm;
    pv_rebuy_counts bound = {0};
    PV_TRY(pv_tensors_get(&bound.buyers, tensors, "rebuy_rate.buyers", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_get(&bound.again, tensors, "rebuy_rate.again", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_get(&bound.repeats, tensors, "rebuy_rate.repeats", PV_I64, n, 0, error));
    PV_TRY(pv_tensors_get(&bound.chances, tensors, "rebuy_rate.chances", PV_I64, n, 0, error));
    for (int64_t i = 0; i < n; i++) {
        const bool is_sound = bound.again[i] >= 0 && bound.again[i] <= bound.buyers[i] && bound.repeats[i] >= 0 &&
                              bound.repeats[i] <= bound.chances[i] &&
                              bound.chances[i] <= (int64_t)1 << 40; /* sums cannot overflow */
        if (!is_sound)
            PV_TRY(pv_fail_at(error, PV_E_INPUT, i, "model: the tensors rebuy_rate do not fit each other at %lld",
                              (long long)i));
        bound.all.buyers += bound.buyers[i];
        bound.all.again += bound.again[i];
        bound.all.repeats += bound.repeats[i];
        bound.all.chances += bound.chances[i];
    }
    *counts = bound;
cleanup:
    return status;
}

pv_status pv_rebuy_counts_bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_rebuy_counts *bound = pv_allocate(1, sizeof *bound);
    if (!bound) return pv_fail_memory(error, "orders", sizeof *bound);
    const pv_status status = pv_rebuy_counts_get(bound, tensors, shop, error);
    if (status == PV_OK)
        *out = bound;
    else
        pv_release(bound);
    return status;
}

/* --- question ---------------------------------------------------------------------------------------------------- */

static void take_out(pv_rebuy_count *count, const company_product *own)
{
    count->buyers--;
    count->again -= own->orders >= 2;
    count->repeats -= own->repeats;
    count->chances -= own->chances;
}

pv_status pv_rebuy_counts_of_others(pv_rebuy_others *others, const pv_rebuy_counts *counts, const pv_question *question,
                                    pv_error *error)
{
    const pv_history *history = question->history;
    company_products own = {0};
    pv_rebuy_count *of_product = pv_arena_allocate(question->arena, (size_t)history->n_products, sizeof *of_product);
    if (!of_product) return pv_fail_memory(error, "a question", 0);
    *others = (pv_rebuy_others){of_product, counts->all, question->min_companies};
    if (!pv_shop_is_simple(question->shop)) {
        const pv_company *company = question->company;
        const pv_status status = list_company(&own, company->members, company->n_members, question->arena, error);
        if (status != PV_OK) return status;
    }
    for (int64_t e = 0; e < own.n; e++) take_out(&others->all, &own.items[e]);
    for (int64_t k = 0, e = 0; k < history->n_products; k++) {
        const int32_t product = history->products[k];
        if (product >= question->shop->products.ids.n_warm) continue; /* nobody bought it */
        of_product[k] = (pv_rebuy_count){counts->buyers[product], counts->again[product], counts->repeats[product],
                                         counts->chances[product]};
        while (e < own.n && own.items[e].product < product) e++;
        if (e < own.n && own.items[e].product == product) take_out(&of_product[k], &own.items[e]);
    }
    return PV_OK;
}

/* (part + m p) / (whole + m), p the overall share; p itself when the counts must not speak. */
static double smoothed(int64_t part, int64_t whole, int64_t all_part, int64_t all_whole, bool speaks)
{
    const double overall = all_whole > 0 ? (double)all_part / (double)all_whole : 0;
    return speaks ? ((double)part + SMOOTHING * overall) / ((double)whole + SMOOTHING) : overall;
}

double pv_rebuy_share(const pv_rebuy_others *others, int64_t k)
{
    const pv_rebuy_count *count = &others->of_product[k];
    return smoothed(count->again, count->buyers, others->all.again, others->all.buyers,
                    count->buyers >= others->min_companies);
}

double pv_rebuy_frequency(const pv_rebuy_others *others, int64_t k)
{
    const pv_rebuy_count *count = &others->of_product[k];
    return smoothed(count->repeats, count->chances, others->all.repeats, others->all.chances,
                    count->buyers >= others->min_companies);
}
