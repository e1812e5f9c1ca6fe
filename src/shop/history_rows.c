/* history_rows.c - purchase rows of one customer to a history. */
#include "shop/history_rows.h"

#include "base/failure.h"
#include <math.h>
#include <string.h>

/* The shop's line as the row that would make it. */
static pv_purchase_row row_of_line(const pv_lines *lines, int64_t l)
{
    return (pv_purchase_row){.product = lines->product[l],
                             .time = lines->time ? lines->time[l] : PV_NO_TIME,
                             .order = lines->order[l],
                             .purchase_count = lines->count ? lines->count[l] : (double)NAN,
                             .quantity = lines->amount ? lines->amount[l] : 1,
                             .discount = lines->discounted && lines->discounted[l] ? 1 : 0,
                             .rating = (double)NAN};
}

/* In the order of their orders, as a file would bring them: of two lines of one time the later order's is the newer. */
static bool add_lines(pv_history_rows *rows, const pv_lines *lines, pv_arena *arena)
{
    int64_t *next = pv_arena_allocate(arena, (size_t)rows->n_orders + 1, sizeof *next);
    if (!next) return false;
    for (int64_t l = 0; l < lines->n; l++) next[lines->order[l] + 1]++;
    for (int32_t o = 0; o < rows->n_orders; o++) next[o + 1] += next[o];
    for (int64_t l = 0; l < lines->n; l++) rows->rows[next[lines->order[l]]++] = row_of_line(lines, l);
    rows->n = lines->n;
    return true;
}

/* An opinion has no date: it takes back what is bought later too. */
static void add_dislikes(pv_history_rows *rows, const pv_dislikes *dislikes)
{
    for (int64_t d = 0; d < dislikes->n; d++)
        rows->rows[rows->n++] = (pv_purchase_row){.product = dislikes->product[d],
                                                  .time = PV_NO_TIME,
                                                  .order = -1,
                                                  .purchase_count = -dislikes->count[d],
                                                  .quantity = (double)NAN,
                                                  .discount = (double)NAN,
                                                  .rating = (double)NAN};
}

/* An order of which no line is left has its number still, where orders have keys. */
static int32_t count_orders(const pv_lines *lines, const pv_shop *shop, int64_t user)
{
    int32_t n_orders = 0;
    if (shop->order_offsets) return (int32_t)(shop->order_offsets[user + 1] - shop->order_offsets[user]);
    for (int64_t l = 0; l < lines->n; l++)
        if (lines->order[l] >= n_orders) n_orders = lines->order[l] + 1;
    return n_orders;
}

pv_status pv_history_rows_begin(pv_history_rows *rows, const pv_shop *shop, int64_t user, int64_t extra,
                                pv_arena *arena, pv_error *error)
{
    const pv_lines lines = user >= 0 ? pv_shop_user_lines(shop, user) : (pv_lines){0};
    const pv_dislikes dislikes = user >= 0 ? pv_shop_user_dislikes(shop, user) : (pv_dislikes){0};
    *rows = (pv_history_rows){.capacity = lines.n + dislikes.n + extra};
    rows->rows = pv_arena_allocate(arena, (size_t)rows->capacity, sizeof *rows->rows);
    if (user >= 0) rows->n_orders = count_orders(&lines, shop, user);
    if (!rows->rows || !add_lines(rows, &lines, arena))
        return pv_fail_memory(error, "a history", (uint64_t)rows->capacity * sizeof *rows->rows);
    add_dislikes(rows, &dislikes);
    return PV_OK;
}

static pv_status columns_of(pv_lines *lines, const pv_user_lines *made, const pv_shop *shop, pv_arena *arena,
                            pv_error *error)
{
    const size_t n = (size_t)made->n_lines;
    int32_t *product = pv_arena_allocate(arena, n, sizeof *product);
    int32_t *order = pv_arena_allocate(arena, n, sizeof *order);
    int64_t *time = pv_arena_allocate(arena, n, sizeof *time);
    double *count = pv_arena_allocate(arena, n, sizeof *count);
    uint8_t *discounted = pv_arena_allocate(arena, n, sizeof *discounted);
    if (!product || !order || !time || !count || !discounted) return pv_fail_memory(error, "a history", n * 32);
    for (size_t l = 0; l < n; l++) {
        product[l] = made->lines[l].product;
        order[l] = made->lines[l].order;
        time[l] = made->lines[l].time;
        count[l] = made->lines[l].count;
        discounted[l] = made->lines[l].discounted;
    }
    *lines = (pv_lines){.n = (int64_t)n,
                        .product = product,
                        .order = order,
                        .time = shop->has_time ? time : NULL,
                        .count = pv_shop_is_simple(shop) ? count : NULL,
                        .discounted = shop->has_discounts ? discounted : NULL};
    return PV_OK;
}

static pv_status dislikes_of(pv_dislikes *dislikes, const pv_user_lines *made, pv_arena *arena, pv_error *error)
{
    const size_t n = (size_t)made->n_dislikes;
    int32_t *product = pv_arena_allocate(arena, n, sizeof *product);
    double *count = pv_arena_allocate(arena, n, sizeof *count);
    if (!product || !count) return pv_fail_memory(error, "a history", n * 12);
    for (size_t d = 0; d < n; d++) {
        product[d] = made->dislikes[d].product;
        count[d] = made->dislikes[d].count;
    }
    *dislikes = (pv_dislikes){(int64_t)n, product, count};
    return PV_OK;
}

/* Rows of what the shop does not have are as its own files would give them: without time. */
static int64_t take_known(pv_purchase_row *taken, const pv_history_rows *rows, const pv_shop *shop, int64_t as_of)
{
    int64_t n = 0;
    for (int64_t r = 0; r < rows->n; r++) {
        pv_purchase_row row = rows->rows[r];
        if (!shop->has_time) row.time = PV_NO_TIME;
        if (row.time != PV_NO_TIME && row.time >= as_of) continue;
        taken[n++] = row;
    }
    return n;
}

pv_status pv_history_of_rows(pv_history *history, const pv_history_rows *rows, const pv_shop *shop, int64_t user,
                             int64_t as_of, pv_arena *arena, pv_error *error)
{
    pv_status status;
    pv_user_lines made;
    pv_lines lines;
    pv_dislikes dislikes;
    pv_purchase_row *taken = pv_arena_allocate(arena, (size_t)rows->n, sizeof *taken);
    if (!taken) return pv_fail_memory(error, "a history", (uint64_t)rows->n * sizeof *taken);
    const int64_t n = take_known(taken, rows, shop, as_of);
    const pv_line_rules rules = {.has_time = shop->has_time,
                                 .has_order = shop->has_order,
                                 .negative_is_dislike = user >= 0 || shop->negative_is_dislike,
                                 .unordered_is_one_order = !pv_shop_is_simple(shop),
                                 .dislike_at = shop->dislike_at,
                                 .default_time = shop->has_time ? as_of - 1 : PV_NO_TIME,
                                 .product_discount = shop->discount_is_current ? shop->products.discount : NULL};
    PV_TRY(pv_user_lines_make(&made, taken, n, &rules, arena, error));
    PV_TRY(columns_of(&lines, &made, shop, arena, error));
    PV_TRY(dislikes_of(&dislikes, &made, arena, error));
    PV_TRY(pv_history_make(history, &lines, &dislikes, as_of, arena, error));
cleanup:
    return status;
}
