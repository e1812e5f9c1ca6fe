/* Any bytes as the SQLite file of a shop. */
#include "fuzz_folder.h"
#include "shop/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pv_read_options options = {.as_of = PV_NO_TIME, .max_bad_rows = 1};
    pv_tables *tables = NULL;
    pv_read_report report;
    pv_error error;
    (void)fuzz_folder_with("shop.sqlite", data, size);
    if (pv_tables_read(&tables, fuzz_file, &options, &report, &error) == PV_OK) pv_tables_free(tables);
    return 0;
}
