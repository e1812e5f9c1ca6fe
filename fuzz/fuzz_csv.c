/* Any bytes as user_purchases.csv: as a shop of its own, built and bound, and under a shop.yaml with every kind of
 * rule. */
#include "fuzz_folder.h"
#include "shop/csv_source.h"
#include "shop/shop.h"
#include "shop/tables_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char settings_text[] =
    "purchases: {skip: [{column: user_id, empty: true}, {column: product_id, not_matching: \"^[a-z0-9]*$\"}],\n"
    "  cancelled: {column: user_id, matching: \"^C\"}}\n"
    "products: {from_purchases: {name: product_id}}\n"
    "users: {from_purchases: {group: product_id}}\n";

static const pv_read_options options = {.as_of = PV_NO_TIME, .max_bad_rows = 1};

/* Every row that was read is kept or counted as something else. */
static void check_counts(const pv_tables *tables, const pv_read_report *report)
{
    int64_t dropped = report->rows_bad + report->rows_skipped + report->rows_zero + report->rows_later;
    if (tables->purchases.n + dropped != report->rows_read) abort();
}

/* What is built must bind. */
static void build_and_bind(pv_tables *tables)
{
    pv_tensors tensors = {0};
    pv_shop shop;
    pv_shop_build_report report;
    pv_error error;
    int64_t as_of = tables->last_time == PV_NO_TIME ? PV_NO_TIME : tables->last_time + 1;
    if (pv_shop_build(&tensors, tables, as_of, false, false, NULL, &report, &error) == PV_OK &&
        pv_shop_bind(&shop, &tensors, &error) != PV_OK) {
        abort();
    }
    pv_tensors_deinit(&tensors);
}

static void read_as_shop(const char *folder)
{
    pv_tables *tables = NULL;
    pv_read_report report;
    pv_error error;
    if (pv_tables_read(&tables, folder, &options, &report, &error) != PV_OK) return;
    check_counts(tables, &report);
    build_and_bind(tables);
    pv_tables_free(tables);
}

static pv_status open_table(pv_row_source **rows, pv_shop_source *source, pv_table_kind kind, pv_error *error)
{
    const pv_csv_options form = {.delimiter = ',', .is_latin1 = false};
    (void)source;
    *rows = NULL;
    if (kind != PV_TABLE_PURCHASES) return PV_OK;
    return pv_csv_source_open(rows, fuzz_file, "user_purchases.csv", &form, error);
}

static void read_with_rules(void)
{
    pv_shop_source source = {.open_table = open_table, .settings_text = {settings_text, sizeof settings_text - 1}};
    pv_tables *tables = NULL;
    pv_read_report report;
    pv_error error;
    if (pv_shop_settings_read(&source.settings, source.settings_text, &error) != PV_OK) abort();
    if (pv_tables_read_source(&tables, &source, &options, NULL, &report, &error) == PV_OK) {
        check_counts(tables, &report);
        pv_tables_free(tables);
    }
    pv_shop_settings_free(source.settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_as_shop(fuzz_folder_with("user_purchases.csv", data, size));
    read_with_rules();
    return 0;
}
