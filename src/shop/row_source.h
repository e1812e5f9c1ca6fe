/* row_source.h - the rows of one table, one at a time, wherever they are stored.
 *
 * Holds:    pv_row, pv_row_source (implemented by csv_source.c and sqlite_store.c), pv_table_kind.
 * Threads:  a source belongs to one thread at a time.
 */
#ifndef PV_ROW_SOURCE_H
#define PV_ROW_SOURCE_H

#include "base/text.h"
#include <purvey/status.h>
#include <stdbool.h>
#include <stdint.h>

#define PV_COLUMNS_MAX 1024 /* of a table; SQLite would take up to 2000 */

/* In the order in which a shop is read. */
typedef enum pv_table_kind {
    PV_TABLE_PURCHASES,
    PV_TABLE_PRODUCTS,
    PV_TABLE_USERS,
    PV_TABLE_ELIGIBILITY,
    PV_TABLE_COUNT
} pv_table_kind;
const char *pv_table_kind_name(pv_table_kind kind); /* "purchases", "products", "users", "eligibility" */

/* What is wrong with a row; none when cause is empty. */
typedef struct pv_row_fault {
    int32_t column;  /* index, -1 when it is about the row */
    char cause[256]; /* valid UTF-8, one line */
} pv_row_fault;

/* A row as it stands in the file. Valid until the next call to the source. */
typedef struct pv_row {
    const pv_text *fields; /* [n_fields]; the count may differ from the header's only when there is a fault */
    int32_t n_fields;
    pv_text text;       /* the piece of a buffer in which all fields lie; data NULL when they lie apart */
    int64_t line;       /* of the file it came from, where the row starts */
    pv_row_fault fault; /* of its form: number of fields, NUL byte, invalid UTF-8, text after a closing quote */
} pv_row;

typedef struct pv_row_source pv_row_source;
struct pv_row_source {
    const char *file;       /* as it is called in messages */
    const pv_text *columns; /* [n_columns], distinct, valid UTF-8 */
    int32_t n_columns;
    char delimiter; /* between columns, for a hint when one is missing */
    /* *has_row false at the end. Errors: PV_E_INPUT when the file cannot be a table, PV_E_MEMORY. */
    pv_status (*next)(bool *has_row, pv_row *row, pv_row_source *source, pv_error *error) PV_CHECKED;
    void (*free)(pv_row_source *source);
    double (*bytes_done)(const pv_row_source *source);  /* bytes of the stored file that were taken */
    int64_t (*text_bytes)(const pv_row_source *source); /* bytes of text read so far, decompressed */
};

/* Index of a column, -1 when there is none. */
int32_t pv_row_source_find(const pv_row_source *source, pv_text column);

#endif
