#include "base/failure.h"
#include "base/output_file.h"
#include "shop/shop_source.h"
#include "shop/sqlite_store.h"
#include "shop/tables_read.h"
#include <purvey/train.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every row goes through the same checks as in training; what is of sound form is stored. */
static pv_status read_and_store(pv_store_writer *writer, pv_shop_source *source, const pv_read_options *options,
                                pv_read_report *report, pv_error *error)
{
    pv_tables *tables = NULL;
    pv_status status = pv_tables_read_source(&tables, source, options, writer, report, error);
    pv_tables_free(tables);
    return status == PV_OK ? pv_store_writer_finish(writer, error) : status;
}

pv_status pv_import(const char *shop, const char *output, double max_bad_rows, pv_progress *progress,
                    void *progress_context, pv_read_report *report, pv_error *error)
{
    pv_read_report unused;
    pv_read_options options = {
        .as_of = PV_NO_TIME, .max_bad_rows = max_bad_rows, .progress = progress, .progress_context = progress_context};
    char *rejects_path = NULL;
    pv_shop_source *source = NULL;
    pv_output_file *file = NULL;
    pv_store_writer *writer = NULL;
    pv_status status = PV_OK;
    if (report == NULL) report = &unused;
    *report = (pv_read_report){0};
    if (!(max_bad_rows >= 0 && max_bad_rows <= 1)) {
        return pv_fail(error, PV_E_USAGE, "max-bad-rows is a share, 0 to 1");
    }
    if (asprintf(&rejects_path, "%s.rejects.csv", output) < 0) return pv_fail_memory(error, "path", strlen(output));
    options.rejects_path = rejects_path;
    PV_TRY(pv_shop_source_open(&source, shop, error));
    PV_TRY(pv_output_file_create(&file, output, error));
    PV_TRY(pv_store_writer_create(&writer, pv_output_file_temporary_path(file), source->settings_text, error));
    PV_TRY(read_and_store(writer, source, &options, report, error));
    pv_output_file *complete = file;
    file = NULL;
    PV_TRY(pv_output_file_commit(complete, error));
cleanup:
    pv_store_writer_free(writer);
    pv_output_file_abandon(file);
    if (source != NULL) source->free(source);
    free(rejects_path);
    return status;
}
