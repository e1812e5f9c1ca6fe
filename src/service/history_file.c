/* history_file.c - reading `--history` and turning it into rows of the shop that is asked. */
#include "service/history_file.h"

#include "base/failure.h"
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

pv_status pv_history_file_rows(pv_history_rows *rows, const pv_history_file *file, int64_t extra, const pv_shop *shop,
                               pv_arena *arena, pv_error *error)
{
    const pv_tables *tables = file->tables;
    const pv_status status = pv_history_rows_begin(rows, shop, -1, tables->purchases.n + extra, arena, error);
    if (status != PV_OK) return status;
    for (int64_t r = 0; r < tables->purchases.n; r++) {
        pv_purchase_row row = pv_purchase_table_row(&tables->purchases, r);
        const int64_t product = pv_ids_find(&shop->products.ids, pv_interner_text(tables->product_ids, row.product));
        if (product < 0) continue;
        if (!shop->has_order) row.order = -1;
        row.product = (int32_t)product;
        rows->rows[rows->n++] = row;
    }
    rows->n_orders = (int32_t)pv_interner_count(tables->order_ids);
    return PV_OK;
}
