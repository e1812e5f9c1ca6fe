/* tune.c - a search over settings: what a trial of a rung costs, which trials are known, how long there is. */
#include <purvey/tune.h>

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/memory.h"
#include "base/output_file.h"
#include "base/timestamp.h"
#include "train/option_rules.h"
#include "tune/search_space.h"
#include "tune/successive_halving.h"
#include "tune/train_settings.h"
#include "tune/trial_log.h"
#include "tune/tuned_file.h"
#include "tune/validation.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define RECALL_LENGTH_OF_TRIALS 20

/* What a trial of each rung is done with. */
typedef struct rung_means {
    double iterations, customers; /* shares */
    int32_t windows;
} rung_means;
static const rung_means rungs[] = {{1.0 / 3, 0.25, 1}, {2.0 / 3, 0.5, 1}, {1, 1, 2}, {1, 1, 3}};
#define RUNG_COUNT ((int32_t)(sizeof rungs / sizeof *rungs))

typedef struct search {
    const char *shop;
    const pv_tune_options *options;
    pv_train_options *settings; /* [n_settings] */
    int64_t n_settings;
    pv_tuning_windows windows;
    pv_validation *validation;
    pv_trial_log *log;
    pv_tune_report *report;
    double began;                 /* clock */
    double work_done, work_total; /* of trials that are not known, in units of trial_work() */
    char stage[48];               /* "trial 12 of 60" */
    bool has_tried;
} search;

/* --- options ----------------------------------------------------------------------------------------------------- */

void pv_tune_options_init(pv_tune_options *options)
{
    *options = (pv_tune_options){.budget_seconds = 600, .settings = 32};
    pv_train_options_init(&options->train);
}

static pv_status check_options(const pv_tune_options *options, pv_error *error)
{
    if (options->train.as_of)
        return pv_fail_field(error, PV_E_USAGE, "/as_of", "as_of: the purchases decide the dates of a search");
    if (!(options->budget_seconds >= 0) || !isfinite(options->budget_seconds))
        return pv_fail_field(error, PV_E_USAGE, "/budget", "--budget: expected 0 minutes or more");
    if (options->settings < 2 || options->settings > 1000)
        return pv_fail_field(error, PV_E_USAGE, "/settings", "--candidates %d: expected 2 to 1000",
                             (int)options->settings);
    return pv_train_options_check(&options->train, error);
}

/* --- time -------------------------------------------------------------------------------------------------------- */

/* Training twice a window, at a cost that grows with the iterations. */
static double trial_work(const search *s, int32_t rung)
{
    const int32_t windows = rungs[rung].windows < s->windows.n ? rungs[rung].windows : s->windows.n;
    return windows * (0.5 + 0.5 * rungs[rung].iterations);
}

/* Whichever ends first, the trials or the time. */
static int tell_progress(void *context, const pv_progress_state *state)
{
    (void)state;
    search *s = context;
    const pv_train_options *train = &s->options->train;
    const double seconds = pv_clock_seconds() - s->began;
    const double of_work = s->work_total > 0 ? s->work_done / s->work_total : 1;
    const double of_time = s->options->budget_seconds > 0 ? seconds / s->options->budget_seconds : 1;
    const pv_progress_state told = {s->stage, fmin(fmax(of_work, of_time), 1), 1, (double)NAN, seconds};
    return train->progress(train->progress_context, &told);
}

/* --- trials ------------------------------------------------------------------------------------------------------ */

static pv_status run_trial(search *s, pv_trial *trial, pv_error *error)
{
    pv_status status;
    const rung_means *means = &rungs[trial->rung];
    pv_train_options options = trial->options;
    options.iterations = (int32_t)ceil(options.iterations * means->iterations);
    options.progress = options.progress ? tell_progress : NULL;
    options.progress_context = s;
    snprintf(s->stage, sizeof s->stage, "trial %lld of %lld",
             (long long)(s->report->trials_run + s->report->trials_reused + 1), (long long)s->report->trials_planned);
    PV_TRY(pv_validation_measure(&trial->recall, s->validation, &options, means->windows, means->customers, error));
    if (isnan(trial->recall.all_products))
        PV_TRY(pv_fail(error, PV_E_INPUT,
                       "%.300s: no known customer bought a known product in the validation window of %d days", s->shop,
                       (int)s->windows.horizon_days));
    PV_TRY(pv_trial_log_append(s->log, trial, error));
    s->work_done += trial_work(s, trial->rung);
    s->report->trials_run++;
cleanup:
    return status;
}

/* A pv_halving_trial. */
static pv_status try_setting(void *context, pv_tune_recall *recall, bool *is_over, int32_t rung, int64_t setting,
                             pv_error *error)
{
    search *s = context;
    pv_trial trial = {.rung = rung, .setting = setting, .options = s->settings[setting]};
    const pv_tune_recall *known = pv_trial_log_find(s->log, rung, setting, &trial.options);
    if (known) {
        *recall = *known;
        s->work_total -= trial_work(s, rung);
        s->report->trials_reused++;
        s->has_tried = true;
        return PV_OK;
    }
    *is_over = s->has_tried && pv_clock_seconds() - s->began >= s->options->budget_seconds;
    if (*is_over) return PV_OK;
    const pv_status status = run_trial(s, &trial, error);
    *recall = trial.recall;
    s->has_tried = true;
    return status;
}

/* --- the search -------------------------------------------------------------------------------------------------- */

/* All that a trial's result depends on besides what its own line says. */
static void print_identity(pv_buffer *text, const search *s)
{
    const pv_train_options *train = &s->options->train;
    pv_json json = {.out = text};
    pv_json_begin_object(&json);
    pv_json_string_field(&json, "trials_of", s->report->data_hash);
    pv_json_string_field(&json, "purvey", pv_version());
    pv_json_string_field(&json, "test_begin", s->options->test_begin);
    pv_json_integer_field(&json, "recall_at", RECALL_LENGTH_OF_TRIALS);
    pv_json_number_field(&json, "max_bad_rows", train->max_bad_rows);
    pv_json_key(&json, "given");
    pv_train_settings_json(&json, train);
    pv_json_key(&json, "rungs");
    pv_json_begin_array(&json);
    for (int32_t r = 0; r < RUNG_COUNT; r++) {
        pv_json_begin_object(&json);
        pv_json_number_field(&json, "iterations", rungs[r].iterations);
        pv_json_number_field(&json, "customers", rungs[r].customers);
        pv_json_integer_field(&json, "windows", rungs[r].windows);
        pv_json_end_object(&json);
    }
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    pv_buffer_append(text, "", 1);
}

static pv_status open_log(search *s, const char *output, pv_error *error)
{
    pv_status status;
    pv_buffer path = {0}, identity = {0};
    pv_buffer_print(&path, "%s.trials", output);
    pv_buffer_append(&path, "", 1);
    print_identity(&identity, s);
    PV_TRY(pv_check_memory(!path.failed && !identity.failed, "trials", error));
    PV_TRY(pv_trial_log_open(&s->log, path.data, identity.data, error));
cleanup:
    pv_buffer_deinit(&path);
    pv_buffer_deinit(&identity);
    return status;
}

static pv_status prepare(search *s, const char *output, pv_error *error)
{
    pv_status status;
    pv_tune_report *report = s->report;
    const pv_train_options *train = &s->options->train;
    PV_TRY(pv_tuning_windows_find(&s->windows, report->data_hash, s->shop, s->options, &report->read, error));
    s->settings = pv_allocate((size_t)s->options->settings, sizeof *s->settings);
    PV_TRY(pv_check_memory(s->settings != NULL, "settings", error));
    s->n_settings = pv_search_space_draw(s->settings, s->options->settings, train);
    PV_TRY(pv_validation_create(&s->validation, s->shop, &s->windows, train->threads, error));
    PV_TRY(open_log(s, output, error));
    report->rungs = RUNG_COUNT;
    for (int32_t rung = 0; rung < RUNG_COUNT; rung++) {
        const int64_t width = pv_halving_width(s->n_settings, rung);
        report->trials_planned += width;
        s->work_total += (double)width * trial_work(s, rung);
    }
    report->horizon_days = s->windows.horizon_days;
    report->n_windows = s->windows.n;
    memcpy(report->cutoffs, s->windows.cutoffs, sizeof report->cutoffs);
    report->test_begin = s->windows.test_begin;
    report->test_end = s->windows.test_end;
cleanup:
    return status;
}

static pv_status run_search(search *s, pv_error *error)
{
    pv_halving_outcome outcome;
    const pv_status status = pv_halving_run(&outcome, s->n_settings, RUNG_COUNT, try_setting, s, error);
    if (status != PV_OK) return status;
    s->report->best = s->settings[outcome.best];
    s->report->best_setting = outcome.best;
    s->report->best_recall = outcome.best_recall;
    s->report->given_recall = outcome.given_recall;
    s->report->gain = outcome.gain;
    s->report->rungs_done = outcome.rungs_done;
    return PV_OK;
}

static pv_status tune(search *s, const char *output, pv_error *error)
{
    pv_status status;
    pv_output_file *file = NULL;
    pv_buffer yaml = {0};
    PV_TRY(check_options(s->options, error));
    PV_TRY(pv_output_file_create(&file, output, error)); /* before the long work */
    PV_TRY(prepare(s, output, error));
    PV_TRY(run_search(s, error));
    pv_tuned_file_print(&yaml, s->report);
    PV_TRY(pv_check_memory(!yaml.failed, "settings", error));
    PV_TRY(pv_output_file_write(file, yaml.data, yaml.size, error));
    status = pv_output_file_commit(file, error);
    file = NULL;
    s->report->seconds = pv_clock_seconds() - s->began;
cleanup:
    pv_output_file_abandon(file);
    pv_trial_log_close(s->log);
    pv_validation_free(s->validation);
    pv_release(s->settings);
    pv_buffer_deinit(&yaml);
    return status;
}

pv_status pv_tune(const char *shop, const char *output, const pv_tune_options *options, pv_tune_report *report,
                  pv_error *error)
{
    pv_tune_report own_report;
    pv_error own_error;
    search s = {.shop = shop, .options = options, .report = report ? report : &own_report, .began = pv_clock_seconds()};
    *s.report = (pv_tune_report){0};
    return tune(&s, output, error ? error : &own_error);
}
