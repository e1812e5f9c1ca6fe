#include "shop/table_scan.h"
#include "base/failure.h"
#include "shop/cell_values.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROWS_PER_LOOK 1024   /* at the clock */
#define SECONDS_PER_CALL 0.1 /* of the progress callback */
#define BAD_ROWS_FOR_EARLY_STOP 1000

typedef struct file_count {
    int64_t rows, bad;
    char first_bad[512];
    int64_t first_line;
} file_count;

pv_status pv_table_scan_init(pv_table_scan *scan, const pv_read_options *options, pv_read_report *report,
                             double total_bytes, pv_error *error)
{
    *report = (pv_read_report){0};
    *scan = (pv_table_scan){.options = options,
                            .report = report,
                            .rejects = {.path = options->rejects_path},
                            .total_bytes = total_bytes,
                            .started = pv_clock_seconds()};
    scan->hash = pv_content_hash_create();
    scan->row_hash = pv_content_hash_create();
    if (scan->hash != NULL && scan->row_hash != NULL) return PV_OK;
    pv_table_scan_deinit(scan);
    return pv_fail_memory(error, "content hash", 0);
}

void pv_table_scan_deinit(pv_table_scan *scan)
{
    pv_content_hash_free(scan->hash);
    pv_content_hash_free(scan->row_hash);
    pv_reject_file_deinit(&scan->rejects);
    *scan = (pv_table_scan){0};
}

void pv_row_fault_print(char *out, size_t size, const pv_row_source *source, const pv_row *row,
                        const pv_row_fault *fault)
{
    char column[PV_QUOTED_SIZE] = "";
    if (fault->column >= 0) {
        pv_cell_quote(column, source->columns[fault->column]);
        snprintf(out, size, "%s:%lld: column %.*s: %s", source->file, (long long)row->line, (int)strlen(column) - 2,
                 column + 1, fault->cause);
    } else {
        snprintf(out, size, "%s:%lld: %s", source->file, (long long)row->line, fault->cause);
    }
}

static pv_status fail_too_many(const pv_table_scan *scan, const pv_row_source *source, const file_count *count,
                               pv_error *error)
{
    return pv_fail_at(error, PV_E_INPUT, count->first_line,
                      "%s: %lld of %lld rows are bad (limit %g %%); the first: %.330s", source->file,
                      (long long)count->bad, (long long)count->rows, scan->options->max_bad_rows * 100,
                      count->first_bad);
}

static bool has_too_many(const pv_table_scan *scan, const file_count *count)
{
    return (double)count->bad > scan->options->max_bad_rows * (double)count->rows;
}

static pv_status keep_aside(pv_table_scan *scan, file_count *count, const pv_row_source *source, const pv_row *row,
                            const pv_row_fault *fault, pv_error *error)
{
    count->bad++;
    scan->report->rows_bad++;
    if (count->bad == 1) {
        pv_row_fault_print(count->first_bad, sizeof count->first_bad, source, row, fault);
        count->first_line = row->line;
        if (scan->report->first_bad[0] == '\0') {
            memcpy(scan->report->first_bad, count->first_bad, sizeof count->first_bad);
        }
    }
    pv_status status = pv_reject_file_add(&scan->rejects, source, row, fault, error);
    if (status == PV_OK && count->bad > BAD_ROWS_FOR_EARLY_STOP && has_too_many(scan, count)) {
        return fail_too_many(scan, source, count, error);
    }
    return status;
}

static pv_status call_progress(pv_table_scan *scan, double done, double now, pv_error *error)
{
    pv_progress_state state = {
        .stage = "read", .done = done, .total = scan->total_bytes, .loss = (double)NAN, .seconds = now - scan->started};
    scan->last_call = now;
    if (scan->options->progress(scan->options->progress_context, &state) == 0) return PV_OK;
    return pv_fail(error, PV_E_INTERRUPTED, "interrupted");
}

static pv_status look_at_clock(pv_table_scan *scan, const pv_row_source *source, pv_error *error)
{
    if (scan->options->progress == NULL) return PV_OK;
    double now = pv_clock_seconds();
    if (now - scan->last_call < SECONDS_PER_CALL) return PV_OK;
    return call_progress(scan, scan->bytes_before + source->bytes_done(source), now, error);
}

static pv_status take_row(pv_table_scan *scan, file_count *count, const pv_row_source *source, pv_row *row,
                          pv_row_visitor *visit, void *context, pv_error *error)
{
    pv_status status = PV_OK;
    count->rows++;
    scan->report->rows_read++;
    if (row->fault.cause[0] == '\0') {
        if (scan->writer != NULL) status = pv_store_writer_row(scan->writer, row, error);
        if (status == PV_OK) status = visit(context, row, &row->fault, error);
        if (status != PV_OK) return status;
    }
    if (row->fault.cause[0] != '\0') return keep_aside(scan, count, source, row, &row->fault, error);
    pv_content_hash_add(scan->hash, row->fields, row->n_fields);
    return PV_OK;
}

pv_status pv_table_scan_run(pv_table_scan *scan, pv_table_kind kind, pv_row_source *source, pv_row_visitor *visit,
                            void *context, pv_error *error)
{
    const pv_text name = pv_text_of(pv_table_kind_name(kind));
    file_count count = {0};
    pv_status status = PV_OK;
    pv_content_hash_add(scan->hash, &name, 1);
    pv_content_hash_add_number(scan->hash, source->n_columns);
    pv_content_hash_add(scan->hash, source->columns, source->n_columns);
    if (scan->writer != NULL) PV_TRY(pv_store_writer_table(scan->writer, kind, source, error));
    for (;;) {
        pv_row row;
        bool has_row = false;
        PV_TRY(source->next(&has_row, &row, source, error));
        if (!has_row) break;
        PV_TRY(take_row(scan, &count, source, &row, visit, context, error));
        if (count.rows % ROWS_PER_LOOK == 0) PV_TRY(look_at_clock(scan, source, error));
    }
    if (has_too_many(scan, &count)) status = fail_too_many(scan, source, &count, error);
cleanup:
    scan->bytes_before += source->bytes_done(source);
    scan->report->bytes_read += source->text_bytes(source);
    return status;
}

pv_status pv_table_scan_finish(pv_table_scan *scan, pv_error *error)
{
    pv_status status = pv_reject_file_commit(&scan->rejects, error);
    if (status != PV_OK || scan->options->progress == NULL) return status;
    return call_progress(scan, scan->total_bytes, pv_clock_seconds(), error);
}

void pv_table_scan_keep_rejects(pv_table_scan *scan)
{
    if (scan->rejects.file == NULL) return;
    pv_status status = pv_reject_file_commit(&scan->rejects, NULL);
    (void)status;
}
