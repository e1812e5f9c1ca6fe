/* tune.h - search settings of the factor model that recommend better, judged on dates before a test window that is
 * never looked at.
 *
 * Holds:    pv_tune(), its options and report; pv_train_settings_read() for the file that it writes.
 * Method:   docs/tuning.md. Successive halving (Jamieson, Talwalkar, AISTATS 2016): many settings are tried cheaply,
 * the better half again with more iterations, customers and windows, and so on. Threads:  independent calls may run
 * side by side for different outputs; results do not depend on train.threads.
 */
#ifndef PURVEY_TUNE_H
#define PURVEY_TUNE_H

#include <purvey/status.h>
#include <purvey/train.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* pv_tune_options_init() sets the documented defaults. */
typedef struct pv_tune_options {
    pv_train_options train; /* setting 0, around which the others lie; as_of must be NULL. loss, solver, signals and
                               seed stay as they are, and min_companies is never lowered. */
    const char *test_begin; /* date or time from which on nothing is looked at; NULL: the last 90 days or third */
    double budget_seconds;  /* 0 or more; 600. Looked at between trials: the first is always run to its end. */
    int32_t settings;       /* 2 to 1000; 32 */
} pv_tune_options;
PV_API void pv_tune_options_init(pv_tune_options *options);

#define PV_TUNE_WINDOWS_MAX 3

/* Recall@20 of products known at the cut-off, over all validation windows of a trial, mean over customers of a window,
 * then over windows. NaN: nobody bought such products. */
typedef struct pv_tune_recall {
    double new_products, all_products;
    int64_t new_users, all_users; /* customers behind them, over all windows */
} pv_tune_recall;

typedef struct pv_tune_report {
    pv_train_options best;       /* its texts are borrowed from the options */
    int64_t best_setting;        /* 0: what was given */
    pv_tune_recall best_recall;  /* in the last rung that was finished */
    pv_tune_recall given_recall; /* of setting 0 in the same rung */
    double gain;                 /* mean over NEW and ALL of recall / recall of setting 0, less 1 */
    int32_t rungs, rungs_done;
    int64_t trials_planned, trials_run, trials_reused;
    int32_t horizon_days;
    int32_t n_windows;                    /* validation windows that there are */
    int64_t cutoffs[PV_TUNE_WINDOWS_MAX]; /* [n_windows] seconds since 1970, UTC; latest first */
    int64_t test_begin, test_end;         /* not looked at: [test_begin, test_end) */
    char data_hash[33];
    pv_read_report read;
    double seconds;
} pv_tune_report;

/* Search, and write the best settings to `output` as YAML that pv_train_settings_read() takes. Each trial is appended
 * to OUTPUT.trials as a line of JSON when it is done, and synced; trials of the same data and options that stand there
 * are not run again, so a run that was stopped goes on where it was.
 *
 * report   nullable; filled on success.
 * Repeat:  the same trials give the same file, however often the run was stopped; the budget only decides how many
 *          there are.
 * Errors:  PV_E_USAGE (option out of range; purchases without time), PV_E_INPUT (files; purchases over fewer than 21
 *          days), PV_E_OUTPUT, PV_E_MEMORY, PV_E_INTERRUPTED (OUTPUT.trials keeps what was done).
 */
PV_API pv_status pv_tune(const char *shop, const char *output, const pv_tune_options *options, pv_tune_report *report,
                         pv_error *error) PV_CHECKED;

/* One object without a newline, to be freed with pv_free(). Errors: PV_E_MEMORY. */
PV_API pv_status pv_tune_report_json(char **json, const pv_tune_report *report, pv_error *error) PV_CHECKED;

/* Set the options that a settings file names: a YAML mapping with the long options of `purvey train` that shape a model
 * as keys (factors, iterations, loss, regularization, unobserved-weight, user-side-regularization,
 * product-side-regularization, alpha, weight, half-life, solver, signals,
 * min-companies, seed).
 *
 * signals  *signals holds the text of options->signals when the file names it, NULL otherwise; free it with pv_free()
 *          when the options are done with.
 * Errors:  PV_E_INPUT "best.yaml:3:12: ..." (unreadable; unknown key; value out of range), PV_E_MEMORY. `options` may
 *          have been changed in part.
 */
PV_API pv_status pv_train_settings_read(pv_train_options *options, char **signals, const char *path,
                                        pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
