/* faithfulness.c - a model trained once, as of the shop's last date, and measured. */
#include <purvey/faithfulness.h>

#include "base/failure.h"
#include "base/timestamp.h"
#include "evaluate/faithfulness_run.h"
#include "train/trained.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_faithfulness_settings_init(pv_faithfulness_settings *settings)
{
    *settings = (pv_faithfulness_settings){.customers = 200, .n = 10, .purchases = 100, .set_size = 10};
}

static pv_status check_range(const char *what, int32_t value, int32_t most, pv_error *error)
{
    if (value >= 1 && value <= most) return PV_OK;
    return pv_fail(error, PV_E_USAGE, "%s %d: expected 1 to %d", what, (int)value, (int)most);
}

static pv_status check_settings(const pv_faithfulness_settings *settings, pv_error *error)
{
    pv_status status;
    PV_TRY(check_range("customers of the sample", settings->customers, 1000000, error));
    PV_TRY(check_range("places of the list", settings->n, PV_FAITHFULNESS_N_MOST, error));
    PV_TRY(check_range("purchases of a customer", settings->purchases, 100000, error));
    PV_TRY(check_range("purchases of a set", settings->set_size, PV_SET_SIZE_MOST, error));
cleanup:
    return status;
}

/* Who is told how far the measuring came. */
typedef struct progress_report {
    const pv_train_options *options;
    double began;
} progress_report;

static pv_status report_customers(void *context, int64_t done, int64_t total, pv_error *error)
{
    const progress_report *report = context;
    const pv_train_options *options = report->options;
    if (!options->progress) return PV_OK;
    const pv_progress_state state = {"reasons", (double)done, (double)total, (double)NAN,
                                     pv_clock_seconds() - report->began};
    return options->progress(options->progress_context, &state) ? pv_fail(error, PV_E_INTERRUPTED, "interrupted")
                                                                : PV_OK;
}

static pv_status measure(pv_faithfulness *faithfulness, const pv_trained *trained, const pv_train_options *options,
                         const pv_faithfulness_settings *settings, pv_error *error)
{
    pv_status status;
    pv_threads *threads = NULL;
    const pv_faithfulness_study study = {*settings, options->seed, trained->ranker, trained->ranker};
    progress_report report = {options, pv_clock_seconds()};
    PV_TRY(pv_threads_create(&threads, options->threads, error));
    PV_TRY(pv_faithfulness_run(faithfulness, &study, threads, report_customers, &report, error));
    faithfulness->as_of = trained->as_of;
    memcpy(faithfulness->data_hash, trained->data_hash, sizeof faithfulness->data_hash);
cleanup:
    pv_threads_free(threads);
    return status;
}

pv_status pv_faithfulness_measure(pv_faithfulness **out, const char *shop, const pv_train_options *options,
                                  const pv_faithfulness_settings *settings, pv_error *error)
{
    pv_status status;
    pv_trained *trained = NULL;
    pv_train_report report = {0};
    const double began = pv_clock_seconds();
    pv_faithfulness *faithfulness = calloc(1, sizeof *faithfulness);
    if (!faithfulness) return pv_fail_memory(error, "measures of reasons", sizeof *faithfulness);
    PV_TRY(check_settings(settings, error));
    PV_TRY(pv_trained_create(&trained, shop, options, NULL, &report, error));
    PV_TRY(measure(faithfulness, trained, options, settings, error));
    faithfulness->seconds = pv_clock_seconds() - began;
    *out = faithfulness;
    faithfulness = NULL;
cleanup:
    pv_trained_free(trained);
    pv_train_report_deinit(&report);
    free(faithfulness);
    return status;
}

void pv_faithfulness_free(pv_faithfulness *faithfulness)
{
    free(faithfulness);
}
