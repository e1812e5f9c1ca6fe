/* sqlite_store.h - a shop in one SQLite file: its settings and the text of its tables, row for row, with file and line.
 *
 * Holds:    pv_sqlite_store_open() to read one, pv_store_writer to make one.
 * Layout:   application_id PVsh, user_version 1; tables shop_settings, shop_tables, shop_columns and, under their own
 *           names, purchases, products, users, eligibility with the columns of the file as TEXT.
 */
#ifndef PV_SQLITE_STORE_H
#define PV_SQLITE_STORE_H

#include "shop/shop_source.h"

/* Refuses what pv_store_writer did not make, in whatever way it differs.
 * Errors: PV_E_INPUT with the cause (no SQLite, somebody else's, damaged, newer), PV_E_MEMORY. */
pv_status pv_sqlite_store_open(pv_shop_source **source, const char *path, pv_error *error) PV_CHECKED;

typedef struct pv_store_writer pv_store_writer;

/* Write into the existing empty file `path`. */
pv_status pv_store_writer_create(pv_store_writer **writer, const char *path, pv_text settings_text,
                                 pv_error *error) PV_CHECKED;
/* Begin a table; its rows follow in the order of their lines. Errors: PV_E_OUTPUT, PV_E_MEMORY. */
pv_status pv_store_writer_table(pv_store_writer *writer, pv_table_kind kind, const pv_row_source *rows,
                                pv_error *error) PV_CHECKED;
pv_status pv_store_writer_row(pv_store_writer *writer, const pv_row *row, pv_error *error) PV_CHECKED;
/* Write what is left and close the file. The writer stays to be freed. */
pv_status pv_store_writer_finish(pv_store_writer *writer, pv_error *error) PV_CHECKED;
void pv_store_writer_free(pv_store_writer *writer); /* accepts NULL */

#endif
