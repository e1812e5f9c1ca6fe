/* tables_read.h - reading the tables of an open shop, and copying them to a store on the way. */
#ifndef PV_TABLES_READ_H
#define PV_TABLES_READ_H

#include "shop/shop_source.h"
#include "shop/sqlite_store.h"
#include "shop/tables.h"

/* As pv_tables_read(); every row of sound form also goes to `writer` (nullable). */
pv_status pv_tables_read_source(pv_tables **tables, pv_shop_source *source, const pv_read_options *options,
                                pv_store_writer *writer, pv_read_report *report, pv_error *error) PV_CHECKED;

#endif
