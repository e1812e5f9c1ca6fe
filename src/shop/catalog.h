/* catalog.h - what is told about ids (users or products) while a shop is read: text columns whose latest value counts,
 * and in which line of their own table they are listed.
 */
#ifndef PV_CATALOG_H
#define PV_CATALOG_H

#include "shop/content_hash.h"
#include "shop/row_source.h"
#include "shop/tables.h"

#define PV_TIME_LISTED INT64_MAX /* what stands in products.csv or users.csv outdoes every purchase */

typedef struct pv_latest_text {
    int32_t value; /* number in `values` + 1, 0 = none */
    int64_t time;
} pv_latest_text;

typedef struct pv_latest_column {
    pv_text name; /* in `strings` */
    pv_interner *values;
    pv_latest_text *items; /* [n_items], ids beyond have no value */
    size_t n_items, capacity;
} pv_latest_column;

typedef struct pv_listing {
    int64_t line; /* 0: not listed */
    pv_row_digest digest;
} pv_listing;

typedef struct pv_catalog {
    pv_interner *ids;
    pv_latest_column columns[PV_COLUMNS_MAX * 2]; /* those of the own file and those from purchases */
    int32_t n_columns;
    pv_listing *listings; /* [n_listings], ids beyond are not listed */
    size_t n_listings, capacity;
    pv_arena *strings;
} pv_catalog;

pv_status pv_catalog_create(pv_catalog **catalog, pv_error *error) PV_CHECKED;
void pv_catalog_free(pv_catalog *catalog); /* accepts NULL */

/* Number of the column `name`, added if new; the name is copied. */
pv_status pv_catalog_column(int32_t *column, pv_catalog *catalog, pv_text name, pv_error *error) PV_CHECKED;
int32_t pv_catalog_find_column(const pv_catalog *catalog, pv_text name); /* -1 when absent */
/* `value` holds for `id` from `time` on; an empty one says nothing. The later call wins at one time. */
pv_status pv_catalog_set(pv_catalog *catalog, int32_t column, int64_t id, pv_text value, int64_t time,
                         pv_error *error) PV_CHECKED;
/* Empty when there is none. Valid as long as the catalog. */
pv_text pv_catalog_value(const pv_catalog *catalog, int32_t column, int64_t id);
/* How the columns of products.csv or users.csv go into a catalog. */
typedef struct pv_catalog_table {
    const pv_row_source *source;
    int32_t id_column;
    int32_t targets[PV_COLUMNS_MAX]; /* column of the catalog for each column of the file, -1: id or no text */
} pv_catalog_table;

/* index[n_names] says where the standard names stand, names[0] is the id; is_text[n_names] which of them are texts.
 * Other columns are texts under their own names. */
pv_status pv_catalog_table_init(pv_catalog_table *table, pv_catalog *catalog, const pv_row_source *source,
                                const int32_t *index, const char *const *names, const bool *is_text, int32_t n_names,
                                pv_error *error) PV_CHECKED;
/* Take in a row with a sound id. *id: its number, -1 when the id stood there before, word for word.
 * Errors: PV_E_INPUT when it stood there before with other contents, PV_E_MEMORY. */
pv_status pv_catalog_take(int64_t *id, pv_catalog *catalog, const pv_catalog_table *table, const pv_row *row,
                          pv_content_hash *scratch, pv_error *error) PV_CHECKED;
bool pv_catalog_is_listed(const pv_catalog *catalog, int64_t id);

#endif
