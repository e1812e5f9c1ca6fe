/* users.csv: every column but the id is a text column; which of them is the parent is decided at the end. */
#include "base/failure.h"
#include "shop/column_lookup.h"
#include "shop/row_cells.h"
#include "shop/shop_draft.h"

enum { USER_ID, PARENT_ID, PRICE_LIST, N_NAMES };

typedef struct user_reader {
    pv_shop_draft *draft;
    pv_catalog_table table;
} user_reader;

static pv_status visit_user(void *context, const pv_row *row, pv_row_fault *fault, pv_error *error)
{
    user_reader *reader = context;
    pv_text id;
    int64_t user;
    if (!pv_row_id(&id, fault, row, reader->table.id_column)) return PV_OK;
    return pv_catalog_take(&user, reader->draft->users, &reader->table, row, reader->draft->scan->row_hash, error);
}

pv_status pv_read_users(pv_shop_draft *draft, pv_row_source *source, pv_error *error)
{
    static const char *const names[N_NAMES] = {"user_id", "parent_id", "price_list"};
    static const bool is_text[N_NAMES] = {[PARENT_ID] = true, [PRICE_LIST] = true};
    int32_t index[N_NAMES];
    user_reader reader = {.draft = draft};
    pv_status status = PV_OK;
    PV_TRY(pv_columns_find(index, source, names, N_NAMES, 1, &draft->settings->files[PV_TABLE_USERS].columns, error));
    PV_TRY(pv_catalog_table_init(&reader.table, draft->users, source, index, names, is_text, N_NAMES, error));
    PV_TRY(pv_table_scan_run(draft->scan, PV_TABLE_USERS, source, visit_user, &reader, error));
cleanup:
    return status;
}
