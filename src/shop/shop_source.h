/* shop_source.h - where a shop's tables and settings come from.
 *
 * Holds:    pv_shop_source (implemented by shop_folder.c and sqlite_store.c).
 * Threads:  a source belongs to one thread at a time.
 */
#ifndef PV_SHOP_SOURCE_H
#define PV_SHOP_SOURCE_H

#include "shop/row_source.h"
#include "shop/shop_settings.h"

typedef struct pv_shop_source pv_shop_source;
struct pv_shop_source {
    pv_shop_settings *settings;
    pv_text settings_text; /* of shop.yaml as it stands there; empty without one */
    double total_bytes;    /* of all tables, as pv_row_source's bytes_done counts them */
    /* *rows NULL when the shop has no such table. The source must outlive it. Errors: PV_E_INPUT, PV_E_MEMORY. */
    pv_status (*open_table)(pv_row_source **rows, pv_shop_source *source, pv_table_kind kind,
                            pv_error *error) PV_CHECKED;
    void (*free)(pv_shop_source *source);
};

/* Open a folder or a SQLite file made by pv_import(). Errors: PV_E_INPUT with the cause, PV_E_MEMORY. */
pv_status pv_shop_source_open(pv_shop_source **source, const char *shop, pv_error *error) PV_CHECKED;
/* A folder with shop.yaml (optional) and CSV files. */
pv_status pv_shop_folder_open(pv_shop_source **source, const char *folder, pv_error *error) PV_CHECKED;

#endif
