/* The file of `eligibility:`: who may buy which product. */
#include "base/failure.h"
#include "shop/column_lookup.h"
#include "shop/row_cells.h"
#include "shop/shop_draft.h"
#include <string.h>

enum { PRODUCT_ID, FIRST_HOLDER, N_HOLDERS = 3, N_NAMES = FIRST_HOLDER + N_HOLDERS };

typedef struct eligibility_reader {
    pv_shop_draft *draft;
    int32_t index[N_NAMES];
} eligibility_reader;

static pv_status read_header(eligibility_reader *reader, const pv_row_source *source, pv_error *error)
{
    static const char *const names[N_NAMES] = {
        "product_id",
        [FIRST_HOLDER + PV_ELIGIBLE_USER] = "user_id",
        [FIRST_HOLDER + PV_ELIGIBLE_PARENT] = "parent_id",
        [FIRST_HOLDER + PV_ELIGIBLE_PRICE_LIST] = "price_list",
    };
    pv_status status = pv_columns_find(reader->index, source, names, N_NAMES, 1,
                                       &reader->draft->settings->files[PV_TABLE_ELIGIBILITY].columns, error);
    if (status != PV_OK) return status;
    for (int32_t i = FIRST_HOLDER; i < N_NAMES; i++) {
        if (reader->index[i] >= 0) return PV_OK;
    }
    return pv_fail_at(error, PV_E_INPUT, 1, "%s: needs a column user_id, parent_id or price_list", source->file);
}

/* The one holder of the row; false when there is none or more than one. */
static bool read_holder(pv_eligibility_row *entry, pv_row_fault *fault, const eligibility_reader *reader,
                        const pv_row *row)
{
    int32_t found = 0;
    for (int32_t i = FIRST_HOLDER; i < N_NAMES; i++) {
        if (reader->index[i] < 0 || pv_cell_trim(row->fields[reader->index[i]]).size == 0) continue;
        entry->holder = row->fields[reader->index[i]];
        entry->kind = i - FIRST_HOLDER == PV_ELIGIBLE_USER     ? PV_ELIGIBLE_USER
                      : i - FIRST_HOLDER == PV_ELIGIBLE_PARENT ? PV_ELIGIBLE_PARENT
                                                               : PV_ELIGIBLE_PRICE_LIST;
        found++;
    }
    if (found == 1) return true;
    pv_row_fault_set(fault, -1,
                     found == 0 ? "names no user, parent or price list"
                                : "names more than one of user, parent and price list");
    return false;
}

static pv_status visit_eligibility(void *context, const pv_row *row, pv_row_fault *fault, pv_error *error)
{
    eligibility_reader *reader = context;
    pv_shop_draft *draft = reader->draft;
    pv_eligibility_row entry = {0};
    pv_text id;
    void *entries = draft->eligibility;
    if (!pv_row_id(&id, fault, row, reader->index[PRODUCT_ID]) || !read_holder(&entry, fault, reader, row)) {
        return PV_OK;
    }
    int64_t product = pv_interner_find(draft->products->ids, id);
    if (product < 0) {
        draft->scan->report->rows_skipped++;
        return PV_OK;
    }
    char *holder = pv_arena_allocate(draft->strings, entry.holder.size, 1);
    if (holder == NULL ||
        !pv_reserve(&entries, &draft->eligibility_capacity, draft->n_eligibility + 1, sizeof *draft->eligibility)) {
        return pv_fail_memory(error, "eligibility", draft->n_eligibility * sizeof *draft->eligibility);
    }
    memcpy(holder, entry.holder.data, entry.holder.size);
    entry.holder.data = holder;
    entry.product = (int32_t)product;
    draft->eligibility = entries;
    draft->eligibility[draft->n_eligibility++] = entry;
    return PV_OK;
}

pv_status pv_read_eligibility(pv_shop_draft *draft, pv_row_source *source, pv_error *error)
{
    eligibility_reader reader = {.draft = draft};
    pv_status status = read_header(&reader, source, error);
    if (status != PV_OK) return status;
    return pv_table_scan_run(draft->scan, PV_TABLE_ELIGIBILITY, source, visit_eligibility, &reader, error);
}
