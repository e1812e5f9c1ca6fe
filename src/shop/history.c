/* history.c - grouping a customer's lines by product and by order. */
#include "shop/history.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "base/sorted.h"
#include <math.h>
#include <string.h>

double pv_history_decay(const pv_history *history, int64_t time, double half_life_days)
{
    if (time == PV_NO_TIME || isnan(half_life_days)) return 1.0;
    return pv_exp2(-(double)(history->as_of - time) / (half_life_days * PV_SECONDS_PER_DAY));
}

static int64_t line_time(const pv_lines *lines, int64_t line)
{
    return lines->time ? lines->time[line] : PV_NO_TIME;
}

/* Copy the lines earlier than as_of whose product is not `without`. */
static pv_status copy_lines(pv_lines *out, const pv_lines *lines, int64_t as_of, int32_t without, pv_arena *arena,
                            pv_error *error)
{
    const size_t n = (size_t)lines->n;
    int32_t *product = pv_arena_allocate(arena, n, sizeof *product);
    int32_t *order = pv_arena_allocate(arena, n, sizeof *order);
    int64_t *time = lines->time ? pv_arena_allocate(arena, n, sizeof *time) : NULL;
    double *count = lines->count ? pv_arena_allocate(arena, n, sizeof *count) : NULL;
    uint8_t *discounted = lines->discounted ? pv_arena_allocate(arena, n, sizeof *discounted) : NULL;
    if (!product || !order || (lines->time && !time) || (lines->count && !count) || (lines->discounted && !discounted))
        return pv_fail_memory(error, "a history", n * sizeof *time);
    int64_t kept = 0;
    for (int64_t l = 0; l < lines->n; l++) {
        if (lines->product[l] == without || (time && lines->time[l] >= as_of)) continue;
        product[kept] = lines->product[l];
        order[kept] = lines->order[l];
        if (time) time[kept] = lines->time[l];
        if (count) count[kept] = lines->count[l];
        if (discounted) discounted[kept] = lines->discounted[l];
        kept++;
    }
    *out = (pv_lines){
        .n = kept, .product = product, .order = order, .time = time, .count = count, .discounted = discounted};
    return PV_OK;
}

static bool all_before(const pv_lines *lines, int64_t as_of)
{
    for (int64_t l = 0; lines->time && l < lines->n; l++)
        if (lines->time[l] >= as_of) return false;
    return true;
}

static pv_status group_products(pv_history *history, pv_arena *arena, pv_error *error)
{
    const pv_lines *lines = &history->lines;
    int32_t *products = pv_arena_allocate(arena, (size_t)lines->n, sizeof *products);
    int64_t *first_line = pv_arena_allocate(arena, (size_t)lines->n + 1, sizeof *first_line);
    if (!products || !first_line) return pv_fail_memory(error, "a history", (uint64_t)lines->n * sizeof *first_line);
    for (int64_t l = 0; l < lines->n; l++) {
        if (l > 0 && lines->product[l] == lines->product[l - 1]) continue;
        products[history->n_products] = lines->product[l];
        first_line[history->n_products++] = l;
    }
    first_line[history->n_products] = lines->n;
    history->products = products;
    history->first_line = first_line;
    return PV_OK;
}

static pv_status group_orders(pv_history *history, pv_arena *arena, pv_error *error)
{
    const pv_lines *lines = &history->lines;
    for (int64_t l = 0; l < lines->n; l++)
        if (lines->order[l] >= history->n_order_slots) history->n_order_slots = lines->order[l] + 1;
    const size_t n = (size_t)history->n_order_slots;
    double *count = pv_arena_allocate(arena, n, sizeof *count);
    double *decayed = pv_arena_allocate(arena, n, sizeof *decayed);
    if (!count || !decayed) return pv_fail_memory(error, "a history", n * sizeof *count);
    for (int64_t l = 0; l < lines->n; l++) {
        const int32_t order = lines->order[l];
        const double orders = lines->count ? lines->count[l] : 1.0;
        const double weight = orders * pv_history_decay(history, line_time(lines, l), PV_HISTORY_HALF_LIFE_DAYS);
        count[order] = orders;
        if (weight > decayed[order]) decayed[order] = weight; /* an order is as recent as its latest line */
    }
    for (size_t o = 0; o < n; o++) {
        history->n_orders += count[o];
        history->orders_decayed += decayed[o];
    }
    history->order_count = count;
    history->order_decayed = decayed;
    return PV_OK;
}

static pv_status group(pv_history *history, pv_arena *arena, pv_error *error)
{
    const pv_status status = group_products(history, arena, error);
    return status == PV_OK ? group_orders(history, arena, error) : status;
}

pv_status pv_history_make(pv_history *history, const pv_lines *lines, const pv_dislikes *dislikes, int64_t as_of,
                          pv_arena *arena, pv_error *error)
{
    pv_status status = PV_OK;
    pv_history made = {.lines = *lines, .dislikes = *dislikes, .as_of = as_of};
    if (!all_before(lines, as_of)) PV_TRY(copy_lines(&made.lines, lines, as_of, -1, arena, error));
    PV_TRY(group(&made, arena, error));
    *history = made;
cleanup:
    return status;
}

pv_status pv_history_of_user(pv_history *history, const pv_shop *shop, int64_t user, int64_t as_of, pv_arena *arena,
                             pv_error *error)
{
    const pv_lines lines = pv_shop_user_lines(shop, user);
    const pv_dislikes dislikes = pv_shop_user_dislikes(shop, user);
    return pv_history_make(history, &lines, &dislikes, as_of, arena, error);
}

pv_status pv_history_without(pv_history *reduced, const pv_history *history, int32_t product, pv_arena *arena,
                             pv_error *error)
{
    pv_status status;
    pv_history made = {.dislikes = history->dislikes, .as_of = history->as_of};
    PV_TRY(copy_lines(&made.lines, &history->lines, history->as_of, product, arena, error));
    PV_TRY(group(&made, arena, error));
    *reduced = made;
cleanup:
    return status;
}

int64_t pv_history_find(const pv_history *history, int32_t product)
{
    return pv_sorted_find(history->products, history->n_products, product);
}

bool pv_history_ends_order(const pv_history *history, int64_t k, int64_t line)
{
    return line + 1 == history->first_line[k + 1] || history->lines.order[line + 1] != history->lines.order[line];
}

double pv_history_orders_with(const pv_history *history, int64_t k, double half_life_days)
{
    const pv_lines *lines = &history->lines;
    double orders = 0;
    for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++)
        if (pv_history_ends_order(history, k, l))
            orders +=
                (lines->count ? lines->count[l] : 1.0) * pv_history_decay(history, line_time(lines, l), half_life_days);
    return orders;
}

int64_t pv_history_last_time(const pv_history *history, int64_t k)
{
    int64_t last = PV_NO_TIME;
    for (int64_t l = history->first_line[k]; history->lines.time && l < history->first_line[k + 1]; l++)
        if (history->lines.time[l] > last) last = history->lines.time[l];
    return last;
}
