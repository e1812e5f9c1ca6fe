/* The CSV files that come with a question: a history, a list of users, a list of pairs. Standard names, default form.
 */
#include "base/failure.h"
#include "shop/column_lookup.h"
#include "shop/csv_source.h"
#include "shop/row_cells.h"
#include "shop/shop_draft.h"
#include "shop/table_scan.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const pv_csv_options standard_form = {.delimiter = ',', .is_latin1 = false};

static double file_bytes(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) ? (double)facts.st_size : 0;
}

pv_status pv_tables_read_history(pv_tables **tables, const char *path, const pv_read_options *options,
                                 pv_read_report *report, pv_error *error)
{
    pv_shop_settings *settings = NULL;
    pv_row_source *rows = NULL;
    pv_shop_draft *draft = NULL;
    pv_tables *read = NULL;
    pv_table_scan scan;
    pv_status status = pv_table_scan_init(&scan, options, report, file_bytes(path), error);
    if (status != PV_OK) return status;
    PV_TRY(pv_shop_settings_create(&settings, error));
    PV_TRY(pv_shop_draft_create(&draft, settings, &scan, error));
    if (pv_interner_add(draft->users->ids, (pv_text){"", 0}) != 0) {
        status = pv_fail_memory(error, "history", 0);
        goto cleanup;
    }
    PV_TRY(pv_csv_source_open(&rows, path, path, &standard_form, error));
    PV_TRY(pv_read_purchases(draft, rows, PV_PURCHASES_OF_ONE, error));
    PV_TRY(pv_shop_draft_finish(&read, draft, error));
    pv_content_hash_print(read->data_hash, scan.hash);
    PV_TRY(pv_table_scan_finish(&scan, error));
    *tables = read;
    read = NULL;
cleanup:
    if (status != PV_OK) pv_table_scan_keep_rejects(&scan);
    if (rows != NULL) rows->free(rows);
    pv_tables_free(read);
    pv_shop_draft_free(draft);
    pv_shop_settings_free(settings);
    pv_table_scan_deinit(&scan);
    return status;
}

/* --- ids -------------------------------------------------------------------------------------------------------- */

typedef struct id_lists {
    pv_text *ids[2]; /* [count] each, growing */
    size_t capacity[2];
    size_t count;
    pv_arena *strings;
} id_lists;

static pv_status take_id(id_lists *lists, int list, pv_text id, pv_error *error)
{
    void *ids = lists->ids[list];
    char *bytes = pv_arena_allocate(lists->strings, id.size, 1);
    if (bytes == NULL || !pv_reserve(&ids, &lists->capacity[list], lists->count + 1, sizeof(pv_text))) {
        return pv_fail_memory(error, "ids", lists->count * sizeof(pv_text));
    }
    memcpy(bytes, id.data, id.size);
    lists->ids[list] = ids;
    lists->ids[list][lists->count] = (pv_text){bytes, id.size};
    return PV_OK;
}

/* No row may be left out, as answers go out line by line: the first bad one is an error. */
static pv_status read_rows(id_lists *lists, pv_row_source *rows, const int32_t *index, int n_lists, pv_error *error)
{
    for (;;) {
        pv_row row;
        char message[512];
        pv_text id;
        bool has_row = false;
        pv_status status = rows->next(&has_row, &row, rows, error);
        if (status != PV_OK || !has_row) return status;
        for (int list = 0; list < n_lists; list++) {
            if (row.fault.cause[0] != '\0' || !pv_row_id(&id, &row.fault, &row, index[list])) {
                pv_row_fault_print(message, sizeof message, rows, &row, &row.fault);
                return pv_fail_at(error, PV_E_INPUT, row.line, "%s", message);
            }
            status = take_id(lists, list, id, error);
            if (status != PV_OK) return status;
        }
        lists->count++;
    }
}

static pv_status keep_list(pv_text **kept, const id_lists *lists, int list, pv_error *error)
{
    *kept = pv_arena_allocate(lists->strings, lists->count, sizeof **kept);
    if (*kept == NULL) return pv_fail_memory(error, "ids", lists->count * sizeof **kept);
    if (lists->count > 0) memcpy(*kept, lists->ids[list], lists->count * sizeof **kept);
    return PV_OK;
}

pv_status pv_tables_read_ids(pv_text **users, pv_text **products, int64_t *count, pv_arena **strings, const char *path,
                             pv_error *error)
{
    static const char *const names[2] = {"user_id", "product_id"};
    const int n_lists = products != NULL ? 2 : 1;
    id_lists lists = {.strings = pv_arena_create()};
    pv_text *kept[2] = {NULL, NULL};
    int32_t index[2];
    pv_row_source *rows = NULL;
    pv_status status = PV_OK;
    if (lists.strings == NULL) return pv_fail_memory(error, "ids", 0);
    PV_TRY(pv_csv_source_open(&rows, path, path, &standard_form, error));
    PV_TRY(pv_columns_find(index, rows, names, n_lists, n_lists, NULL, error));
    PV_TRY(read_rows(&lists, rows, index, n_lists, error));
    for (int list = 0; list < n_lists; list++) PV_TRY(keep_list(&kept[list], &lists, list, error));
    *users = kept[0];
    if (products != NULL) *products = kept[1];
    *count = (int64_t)lists.count;
    *strings = lists.strings;
    lists.strings = NULL;
cleanup:
    if (rows != NULL) rows->free(rows);
    free(lists.ids[0]);
    free(lists.ids[1]);
    pv_arena_free(lists.strings);
    return status;
}
