/* table_scan.h - going through the rows of a shop's tables: what is the same for every table.
 *
 * Counts rows, keeps bad ones aside and stops when there are too many, hashes the content, reports progress, and copies
 * the rows to a store when there is one. What a row means is its visitor's business.
 *
 * Threads:  a scan belongs to one thread.
 */
#ifndef PV_TABLE_SCAN_H
#define PV_TABLE_SCAN_H

#include "shop/content_hash.h"
#include "shop/reject_file.h"
#include "shop/row_source.h"
#include "shop/sqlite_store.h"
#include "shop/tables.h"

typedef struct pv_table_scan {
    const pv_read_options *options;
    pv_read_report *report;
    pv_store_writer *writer;   /* nullable */
    pv_content_hash *hash;     /* of everything scanned */
    pv_content_hash *row_hash; /* scratch for the digest of one row */
    pv_reject_file rejects;
    double total_bytes, bytes_before; /* of the tables already done */
    double started, last_call;        /* of the progress callback, seconds */
} pv_table_scan;

/* `report` is cleared. */
pv_status pv_table_scan_init(pv_table_scan *scan, const pv_read_options *options, pv_read_report *report,
                             double total_bytes, pv_error *error) PV_CHECKED;
void pv_table_scan_deinit(pv_table_scan *scan);

/* Called for each row of sound form. Sets fault->cause (and column) when the row is bad. */
typedef pv_status pv_row_visitor(void *context, const pv_row *row, pv_row_fault *fault, pv_error *error);

/* Every row of `source` through `visit`. Errors: PV_E_INPUT (file, too many bad rows), PV_E_OUTPUT (rejects, store),
 * PV_E_INTERRUPTED, PV_E_MEMORY, and what the visitor returns. */
pv_status pv_table_scan_run(pv_table_scan *scan, pv_table_kind kind, pv_row_source *source, pv_row_visitor *visit,
                            void *context, pv_error *error) PV_CHECKED;
/* After the last table: rejects in their place (those of an earlier run removed); the last call of the progress
 * callback. */
pv_status pv_table_scan_finish(pv_table_scan *scan, pv_error *error) PV_CHECKED;
/* After a failure: what was rejected up to there is of use, and the failure is told already. */
void pv_table_scan_keep_rejects(pv_table_scan *scan);

/* "user_purchases.csv:17: column time: CAUSE" */
void pv_row_fault_print(char *out, size_t size, const pv_row_source *source, const pv_row *row,
                        const pv_row_fault *fault);

#endif
