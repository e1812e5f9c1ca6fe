/* history_file.c - reading `--history` and turning its rows into a history. */
#include "service/history_file.h"

#include "base/failure.h"
#include <math.h>
#include <stdlib.h>

struct pv_history_file {
    pv_tables *tables;
};

pv_status pv_history_file_read(pv_history_file **out, const char *path, double max_bad_rows, pv_read_report *report,
                               pv_error *error)
{
    pv_read_report own_report = {0};
    pv_history_file *file = calloc(1, sizeof *file);
    if (!file) return pv_fail_memory(error, "a history", sizeof *file);
    /* a negative count stays as it is: whether it returns or dislikes is decided by the model that is asked */
    const pv_read_options options = {.as_of = PV_NO_TIME, .max_bad_rows = max_bad_rows, .keep_negative_count = true};
    const pv_status status =
        pv_tables_read_history(&file->tables, path, &options, report ? report : &own_report, error);
    if (status == PV_OK)
        *out = file;
    else
        free(file);
    return status;
}

void pv_history_file_free(pv_history_file *file)
{
    if (!file) return;
    pv_tables_free(file->tables);
    free(file);
}

int64_t pv_history_file_last_time(const pv_history_file *file)
{
    int64_t last = PV_NO_TIME;
    const pv_purchase_table *purchases = &file->tables->purchases;
    for (int64_t r = 0; purchases->time && r < purchases->n; r++)
        if (purchases->time[r] > last) last = purchases->time[r];
    return last;
}

/* Rows earlier than as_of whose product the shop knows, numbered as the shop does. */
static int64_t known_rows(pv_purchase_row *rows, const pv_tables *tables, const pv_shop *shop, int64_t as_of)
{
    int64_t n = 0;
    for (int64_t r = 0; r < tables->purchases.n; r++) {
        pv_purchase_row row = pv_purchase_table_row(&tables->purchases, r);
        const int64_t product = pv_ids_find(&shop->products.ids, pv_interner_text(tables->product_ids, row.product));
        if (!shop->has_time) row.time = PV_NO_TIME;
        if (!shop->has_order) row.order = -1;
        if (product < 0 || (row.time != PV_NO_TIME && row.time >= as_of)) continue;
        row.product = (int32_t)product;
        rows[n++] = row;
    }
    return n;
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
    *lines = (pv_lines){(int64_t)n,
                        product,
                        order,
                        shop->has_time ? time : NULL,
                        pv_shop_is_simple(shop) ? count : NULL,
                        shop->has_discounts ? discounted : NULL};
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

pv_status pv_history_file_history(pv_history *history, const pv_history_file *file, const pv_shop *shop, int64_t as_of,
                                  pv_arena *arena, pv_error *error)
{
    pv_status status;
    pv_user_lines made;
    pv_lines lines;
    pv_dislikes dislikes;
    pv_purchase_row *rows = pv_arena_allocate(arena, (size_t)file->tables->purchases.n, sizeof *rows);
    if (!rows) return pv_fail_memory(error, "a history", (uint64_t)file->tables->purchases.n * sizeof *rows);
    const int64_t n = known_rows(rows, file->tables, shop, as_of);
    const pv_line_rules rules = {.has_time = shop->has_time,
                                 .has_order = shop->has_order,
                                 .negative_is_dislike = shop->negative_is_dislike,
                                 .unordered_is_one_order = !pv_shop_is_simple(shop),
                                 .dislike_at = shop->dislike_at,
                                 .default_time = shop->has_time ? as_of - 1 : PV_NO_TIME,
                                 .product_discount = shop->discount_is_current ? shop->products.discount : NULL};
    PV_TRY(pv_user_lines_make(&made, rows, n, &rules, arena, error));
    PV_TRY(columns_of(&lines, &made, shop, arena, error));
    PV_TRY(dislikes_of(&dislikes, &made, arena, error));
    PV_TRY(pv_history_make(history, &lines, &dislikes, as_of, arena, error));
cleanup:
    return status;
}
