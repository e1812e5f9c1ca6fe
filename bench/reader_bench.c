/* reader_bench.c - read the tables of a shop as training does: types, ids numbered, bad rows checked, data hashed.
 *
 *     reader_bench SHOP
 */
#include "base/failure.h"
#include "base/timestamp.h"
#include "marks.h"
#include "shop/tables.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fputs("usage: reader_bench SHOP\n", stderr);
        return 2;
    }
    const pv_read_options options = {.as_of = PV_NO_TIME, .max_bad_rows = 0.01};
    pv_tables *tables = NULL;
    pv_read_report report = {0};
    pv_error error = {0};
    mark_begin("read");
    const pv_status status = pv_tables_read(&tables, argv[1], &options, &report, &error);
    mark_end("read");
    if (status != PV_OK) (void)fprintf(stderr, "reader_bench: %s\n", error.message);
    pv_tables_free(tables);
    return pv_status_exit_code(status);
}
