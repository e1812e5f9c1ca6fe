/* reorder_gaps.c - gaps between orders, company by company. */
#include "signals/reorder_gaps.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/parent_lines.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t pv_gap_sum_add(pv_gap_sum *sum, const pv_lines *lines, int64_t first, int64_t end)
{
    int64_t dates = 0, previous = 0;
    for (int64_t l = first; l < end; l++) {
        const int64_t day = pv_gap_day(lines->time[l]);
        if (dates > 0 && day <= previous) continue;
        if (dates > 0) {
            const double log_gap = pv_log((double)(day - previous));
            sum->n++;
            sum->logs += log_gap;
            sum->squares += log_gap * log_gap;
        }
        previous = day;
        dates++;
    }
    return dates;
}

static void add_sum(pv_gap_sum *sum, const pv_gap_sum *more)
{
    sum->n += more->n;
    sum->logs += more->logs;
    sum->squares += more->squares;
}

/* --- one company ------------------------------------------------------------------------------------------------- */

typedef struct product_gaps {
    int32_t product;
    int64_t member; /* ties of the sort: sums are taken in the order of the members */
    pv_gap_sum sum;
} product_gaps;

typedef struct company_gaps {
    product_gaps *items; /* rising by product, each with a gap */
    int64_t n;
} company_gaps;

static int compare_products(const void *left, const void *right)
{
    const product_gaps *a = left, *b = right;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    return a->member < b->member ? -1 : a->member > b->member;
}

static void merge_members(company_gaps *list)
{
    int64_t merged = 0;
    qsort(list->items, (size_t)list->n, sizeof *list->items, compare_products);
    for (int64_t e = 0; e < list->n; e++) {
        if (merged > 0 && list->items[merged - 1].product == list->items[e].product)
            add_sum(&list->items[merged - 1].sum, &list->items[e].sum);
        else
            list->items[merged++] = list->items[e];
    }
    list->n = merged;
}

static void add_member(company_gaps *list, const pv_lines *lines, int64_t member)
{
    for (int64_t first = 0, end; first < lines->n; first = end) {
        for (end = first + 1; end < lines->n && lines->product[end] == lines->product[first];) end++;
        if (end == first + 1) continue;
        product_gaps entry = {.product = lines->product[first], .member = member};
        pv_gap_sum_add(&entry.sum, lines, first, end);
        if (entry.sum.n > 0) list->items[list->n++] = entry;
    }
}

static pv_status list_company(company_gaps *list, const pv_lines *members, int64_t n_members, pv_arena *arena,
                              pv_error *error)
{
    int64_t capacity = 0;
    for (int64_t m = 0; m < n_members; m++) capacity += members[m].n;
    capacity /= 2; /* a gap needs two lines */
    *list = (company_gaps){pv_arena_allocate(arena, (size_t)capacity, sizeof *list->items), 0};
    if (!list->items) return pv_fail_memory(error, "gaps", (uint64_t)capacity * sizeof *list->items);
    for (int64_t m = 0; m < n_members; m++) add_member(list, &members[m], m);
    if (n_members > 1) merge_members(list);
    return PV_OK;
}

/* --- fit --------------------------------------------------------------------------------------------------------- */

typedef struct gap_tables {
    int64_t *counts;
    double *logs;
    int64_t *last; /* [rows] the company counted last, plus 1 */
} gap_tables;

static void add_to_row(gap_tables *tables, int64_t row, const pv_gap_sum *sum, int64_t parent)
{
    tables->counts[2 * row] += sum->n;
    tables->logs[2 * row] += sum->logs;
    tables->logs[2 * row + 1] += sum->squares;
    if (tables->last[row] == parent + 1) return;
    tables->last[row] = parent + 1;
    tables->counts[2 * row + 1]++;
}

static pv_status add_parent(gap_tables *tables, const pv_shop *shop, int64_t parent, pv_arena *arena, pv_error *error)
{
    pv_status status;
    const pv_products *products = &shop->products;
    company_gaps list;
    pv_parent_lines lines;
    PV_TRY(pv_parent_lines_make(&lines, shop, parent, arena, error));
    PV_TRY(list_company(&list, lines.members, lines.n_members, arena, error));
    for (int64_t e = 0; e < list.n; e++) {
        const product_gaps *entry = &list.items[e];
        add_to_row(tables, entry->product, &entry->sum, parent);
        for (int32_t c = products->category[entry->product]; c >= 0; c = products->categories.parent[c])
            add_to_row(tables, products->ids.n_warm + c, &entry->sum, parent);
        add_to_row(tables, products->ids.n_warm + products->categories.n, &entry->sum, parent);
    }
cleanup:
    return status;
}

pv_status pv_reorder_gaps_fit(pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n_rows = shop->products.ids.n_warm + shop->products.categories.n + 1;
    gap_tables tables = {.last = pv_allocate((size_t)n_rows, sizeof *tables.last)};
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena != NULL && tables.last != NULL, "gaps", error));
    PV_TRY(pv_tensors_add(&tables.counts, tensors, "reorder_due.gaps", PV_I64, n_rows, 2, error));
    PV_TRY(pv_tensors_add(&tables.logs, tensors, "reorder_due.log_gaps", PV_F64, n_rows, 2, error));
    for (int64_t p = 0; p < shop->users.n_parents; p++) {
        pv_arena_reset(arena);
        PV_TRY(add_parent(&tables, shop, p, arena, error));
    }
cleanup:
    pv_arena_free(arena);
    pv_release(tables.last);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

/* Gaps are days of the years that a timestamp can have: at most 110,000 of them, log below 12. */
static bool row_is_sound(const int64_t *counts, const double *logs)
{
    const double most = 12.0 * (double)counts[0];
    return counts[1] >= 0 && counts[1] <= counts[0] && logs[0] >= 0 && logs[0] <= most && logs[1] >= 0 &&
           logs[1] <= 12.0 * most;
}

pv_status pv_reorder_gaps_get(pv_reorder_gaps *gaps, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    pv_reorder_gaps bound = {.n_products = shop->products.ids.n_warm, .n_categories = shop->products.categories.n};
    const int64_t n_rows = bound.n_products + bound.n_categories + 1;
    PV_TRY(pv_tensors_get(&bound.counts, tensors, "reorder_due.gaps", PV_I64, n_rows, 2, error));
    PV_TRY(pv_tensors_get(&bound.logs, tensors, "reorder_due.log_gaps", PV_F64, n_rows, 2, error));
    for (int64_t r = 0; r < n_rows; r++)
        if (!row_is_sound(bound.counts + 2 * r, bound.logs + 2 * r))
            PV_TRY(pv_fail_at(error, PV_E_INPUT, r, "model: the tensors reorder_due do not fit each other at %lld",
                              (long long)r));
    *gaps = bound;
cleanup:
    return status;
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct usual_gaps {
    const pv_reorder_gaps *gaps;
    const pv_products *products;
    int32_t min_companies;
    pv_gap_sum *own; /* [n_categories + 1] of the asking company: categories, the shop */
} usual_gaps;

/* The gaps of others in a row. False below k companies. */
static bool read_row(pv_usual_gap *usual, const usual_gaps *u, int64_t row, const pv_gap_sum *own)
{
    const int64_t n = u->gaps->counts[2 * row] - own->n;
    usual->companies = u->gaps->counts[2 * row + 1] - (own->n > 0);
    if (n <= 0 || usual->companies < u->min_companies) return false;
    usual->mean = (u->gaps->logs[2 * row] - own->logs) / (double)n;
    const double variance = (u->gaps->logs[2 * row + 1] - own->squares) / (double)n - usual->mean * usual->mean;
    usual->variance = variance > 0 ? variance : 0;
    return true;
}

static pv_usual_gap find_usual(const usual_gaps *u, int32_t product, const pv_gap_sum *own)
{
    const int64_t n_products = u->gaps->n_products, n_categories = u->gaps->n_categories;
    pv_usual_gap usual = {.level = PV_GAPS_OF_PRODUCT, .category = -1};
    if (product < n_products && read_row(&usual, u, product, own)) return usual;
    usual.level = PV_GAPS_OF_CATEGORY;
    for (int32_t c = u->products->category[product]; c >= 0; c = u->products->categories.parent[c]) {
        usual.category = c;
        if (read_row(&usual, u, n_products + c, &u->own[c])) return usual;
    }
    usual.category = -1;
    usual.level = PV_GAPS_OF_SHOP;
    if (read_row(&usual, u, n_products + n_categories, &u->own[n_categories])) return usual;
    return (pv_usual_gap){.category = -1};
}

pv_status pv_reorder_gaps_usual(const pv_usual_gap **out, const pv_reorder_gaps *gaps, const pv_question *question,
                                pv_error *error)
{
    const pv_history *history = question->history;
    const pv_products *products = &question->shop->products;
    pv_arena *arena = question->arena;
    usual_gaps u = {gaps, products, question->min_companies,
                    pv_arena_allocate(arena, (size_t)gaps->n_categories + 1, sizeof *u.own)};
    pv_usual_gap *usual = pv_arena_allocate(arena, (size_t)history->n_products, sizeof *usual);
    company_gaps own;
    if (!u.own || !usual) return pv_fail_memory(error, "a question", 0);
    const pv_company *company = question->company;
    const pv_status status = list_company(&own, company->members, company->n_members, arena, error);
    if (status != PV_OK) return status;
    for (int64_t e = 0; e < own.n; e++) {
        for (int32_t c = products->category[own.items[e].product]; c >= 0; c = products->categories.parent[c])
            add_sum(&u.own[c], &own.items[e].sum);
        add_sum(&u.own[gaps->n_categories], &own.items[e].sum);
    }
    for (int64_t k = 0, e = 0; k < history->n_products; k++) {
        const pv_gap_sum none = {0};
        while (e < own.n && own.items[e].product < history->products[k]) e++;
        const bool has_own = e < own.n && own.items[e].product == history->products[k];
        usual[k] = find_usual(&u, history->products[k], has_own ? &own.items[e].sum : &none);
    }
    *out = usual;
    return PV_OK;
}
