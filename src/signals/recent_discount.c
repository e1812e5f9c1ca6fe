/* recent_discount.c - counting the discounted lines of the last days. */
#include "signals/recent_discount.h"

#include "base/failure.h"
#include "signals/parent_lines.h"
#include <stdlib.h>

static int64_t window_start(const pv_shop *shop)
{
    return shop->as_of - (int64_t)PV_RECENT_DISCOUNT_DAYS * PV_SECONDS_PER_DAY;
}

static int compare_products(const void *left, const void *right)
{
    const pv_recent_lines *a = left, *b = right;
    return a->product < b->product ? -1 : a->product > b->product;
}

/* The company's lines in the window, one entry a product, rising; -1 on no memory. */
static int64_t list_company(pv_recent_lines **out, const pv_lines *members, int64_t n_members, int64_t start,
                            pv_arena *arena)
{
    int64_t n = 0, merged = 0;
    for (int64_t m = 0; m < n_members; m++) n += members[m].n;
    pv_recent_lines *items = pv_arena_allocate(arena, (size_t)n, sizeof *items);
    if (!items) return -1;
    n = 0;
    for (int64_t m = 0; m < n_members; m++)
        for (int64_t l = 0; l < members[m].n; l++)
            if (members[m].time[l] >= start)
                items[n++] = (pv_recent_lines){members[m].product[l], 1, 1, members[m].discounted[l]};
    if (n_members > 1) qsort(items, (size_t)n, sizeof *items, compare_products);
    for (int64_t e = 0; e < n; e++) {
        if (merged > 0 && items[merged - 1].product == items[e].product) {
            items[merged - 1].lines++;
            items[merged - 1].discounted += items[e].discounted;
        } else {
            items[merged++] = items[e];
        }
    }
    *out = items;
    return merged;
}

pv_status pv_recent_discounts_fit(pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n_warm;
    int32_t *companies = NULL, *lines = NULL, *discounted = NULL;
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena != NULL, "discounts", error));
    PV_TRY(pv_tensors_add(&companies, tensors, "discount.recent_companies", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&lines, tensors, "discount.recent_lines", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&discounted, tensors, "discount.recent_discounted", PV_I32, n, 0, error));
    for (int64_t p = 0; p < shop->users.n_parents; p++) {
        pv_parent_lines company;
        pv_recent_lines *items = NULL;
        pv_arena_reset(arena);
        PV_TRY(pv_parent_lines_make(&company, shop, p, arena, error));
        const int64_t n_items = list_company(&items, company.members, company.n_members, window_start(shop), arena);
        PV_TRY(pv_check_memory(n_items >= 0, "discounts", error));
        for (int64_t e = 0; e < n_items; e++) {
            companies[items[e].product]++;
            lines[items[e].product] += items[e].lines;
            discounted[items[e].product] += items[e].discounted;
        }
    }
cleanup:
    pv_arena_free(arena);
    return status;
}

pv_status pv_recent_discounts_get(pv_recent_discounts *recent, const pv_tensors *tensors, const pv_shop *shop,
                                  pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n_warm;
    pv_recent_discounts bound = {0};
    PV_TRY(pv_tensors_get(&bound.companies, tensors, "discount.recent_companies", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_get(&bound.lines, tensors, "discount.recent_lines", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_get(&bound.discounted, tensors, "discount.recent_discounted", PV_I32, n, 0, error));
    for (int64_t i = 0; i < n; i++)
        if (bound.companies[i] < 0 || bound.companies[i] > bound.lines[i] || bound.discounted[i] < 0 ||
            bound.discounted[i] > bound.lines[i])
            PV_TRY(pv_fail_at(error, PV_E_INPUT, i, "model: tensor discount.recent_lines: less than its parts at %lld",
                              (long long)i));
    *recent = bound;
cleanup:
    return status;
}

pv_status pv_recent_others_make(pv_recent_others *others, const pv_recent_discounts *recent,
                                const pv_question *question, pv_error *error)
{
    const pv_company *company = question->company;
    pv_recent_lines *own = NULL;
    const int64_t n_own =
        list_company(&own, company->members, company->n_members, window_start(question->shop), question->arena);
    if (n_own < 0) return pv_fail_memory(error, "a question", 0);
    *others = (pv_recent_others){recent, own, n_own, question->shop->products.ids.n_warm, question->min_companies};
    return PV_OK;
}

static const pv_recent_lines *find_own(const pv_recent_others *others, int32_t product)
{
    const pv_recent_lines key = {.product = product};
    return others->n_own ? bsearch(&key, others->own, (size_t)others->n_own, sizeof key, compare_products) : NULL;
}

pv_recent_lines pv_recent_others_of(const pv_recent_others *others, int32_t product)
{
    pv_recent_lines lines = {.product = product};
    if (product >= others->n_products) return lines;
    const pv_recent_discounts *recent = others->recent;
    lines = (pv_recent_lines){product, recent->companies[product], recent->lines[product], recent->discounted[product]};
    const pv_recent_lines *own = find_own(others, product);
    if (own) {
        lines.companies--;
        lines.lines -= own->lines;
        lines.discounted -= own->discounted;
    }
    return lines.companies >= others->min_companies ? lines : (pv_recent_lines){.product = product};
}

double pv_recent_share(const pv_recent_lines *lines)
{
    return lines->lines > 0 ? (double)lines->discounted / (double)lines->lines : 0;
}

void pv_recent_others_shares(double *shares, const pv_recent_others *others)
{
    const pv_recent_discounts *recent = others->recent;
    for (int64_t i = 0; i < others->n_products; i++)
        shares[i] = recent->companies[i] >= others->min_companies && recent->discounted[i] > 0
                        ? (double)recent->discounted[i] / (double)recent->lines[i]
                        : 0;
    for (int64_t e = 0; e < others->n_own; e++) {
        const pv_recent_lines lines = pv_recent_others_of(others, others->own[e].product);
        shares[others->own[e].product] = pv_recent_share(&lines);
    }
}
