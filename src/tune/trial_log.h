/* trial_log.h - the trials of a search as lines of JSON in a file, so that a run that was stopped can go on.
 *
 * File:     the first line says of what shop and options the trials are; each further line is one trial, written whole
 *           and synced. A line that was cut by a crash is removed when the file is opened again. Trials of another
 * shop, other options or another version are removed as a whole. Threads:  one owner; the file is locked against other
 * processes.
 */
#ifndef PV_TRIAL_LOG_H
#define PV_TRIAL_LOG_H

#include <purvey/tune.h>

typedef struct pv_trial {
    int32_t rung;
    int64_t setting;
    pv_train_options options;
    pv_tune_recall recall;
} pv_trial;

typedef struct pv_trial_log pv_trial_log;

/* path      made when it is not there.
 * identity  the first line, without newline: one JSON object that begins with PV_TRIAL_LOG_MARK.
 * Errors:   PV_E_OUTPUT (cannot be written; no list of trials; another process has it), PV_E_MEMORY. */
#define PV_TRIAL_LOG_MARK "{\"trials_of\":"
pv_status pv_trial_log_open(pv_trial_log **log, const char *path, const char *identity, pv_error *error) PV_CHECKED;
void pv_trial_log_close(pv_trial_log *log); /* accepts NULL */

/* The recall of a trial that is the same in rung, setting and all that is searched; NULL. */
const pv_tune_recall *pv_trial_log_find(const pv_trial_log *log, int32_t rung, int64_t setting,
                                        const pv_train_options *options);
/* Errors: PV_E_OUTPUT, PV_E_MEMORY. */
pv_status pv_trial_log_append(pv_trial_log *log, const pv_trial *trial, pv_error *error) PV_CHECKED;

#endif
