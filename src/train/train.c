/* train.c - a shop as of a date to a model file: read, fit, signals, write. */
#include <purvey/train.h>

#include "base/failure.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "model/model.h"
#include "train/model_metadata.h"
#include "train/trained.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_train_report_deinit(pv_train_report *report)
{
    free(report->iterations);
    report->iterations = NULL;
    report->n_iterations = 0;
}

static pv_status write_model(pv_train_report *report, const pv_trained *trained, const pv_train_options *options,
                             const char *output, pv_error *error)
{
    pv_status status;
    pv_model_metadata metadata = {0};
    char checksum[PV_CHECKSUM_DIGITS + 1];
    const double seconds = pv_clock_seconds(), cpu_seconds = pv_clock_cpu_seconds();
    const pv_progress_state state = {.stage = "write", .loss = (double)NAN};
    if (options->progress && options->progress(options->progress_context, &state))
        PV_TRY(pv_fail(error, PV_E_INTERRUPTED, "interrupted"));
    PV_TRY(pv_model_metadata_make(&metadata, trained, options, report, error));
    PV_TRY(pv_safetensors_write(output, &trained->tensors, metadata.pairs, metadata.n_pairs, checksum,
                                &report->model_bytes, error));
    memcpy(report->model_id, checksum, sizeof report->model_id - 1);
    report->write_time = (pv_part_time){pv_clock_seconds() - seconds, pv_clock_cpu_seconds() - cpu_seconds};
cleanup:
    pv_model_metadata_deinit(&metadata);
    return status;
}

static pv_status train(pv_train_report *report, const char *shop, const char *output, const pv_train_options *options,
                       pv_error *error)
{
    pv_status status;
    pv_trained *trained = NULL;
    pv_buffer rejects = {0};
    pv_buffer_print(&rejects, "%s.rejects.csv", output);
    pv_buffer_append(&rejects, "", 1);
    if (rejects.failed) PV_TRY(pv_fail_memory(error, "a training run", 0));
    PV_TRY(pv_trained_create(&trained, shop, options, rejects.data, report, error));
    PV_TRY(write_model(report, trained, options, output, error));
cleanup:
    pv_trained_free(trained);
    pv_buffer_deinit(&rejects);
    return status;
}

pv_status pv_train(const char *shop, const char *output, const pv_train_options *options, pv_train_report *report,
                   pv_error *error)
{
    pv_train_report own_report = {0};
    pv_error own_error;
    pv_train_report *told = report ? report : &own_report;
    const double seconds = pv_clock_seconds(), cpu_seconds = pv_clock_cpu_seconds();
    *told = (pv_train_report){0};
    const pv_status status = train(told, shop, output, options, error ? error : &own_error);
    told->total_time = (pv_part_time){pv_clock_seconds() - seconds, pv_clock_cpu_seconds() - cpu_seconds};
    pv_train_report_deinit(&own_report);
    return status;
}
