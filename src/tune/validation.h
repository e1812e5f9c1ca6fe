/* validation.h - how good a setting is: Recall@20 for NEW and ALL on validation windows, by the rules of evaluation.
 *
 * At each cut-off a model is trained from what was known then, weights included; candidates, gates, lists and truth are
 * those of evaluate/contest.h with purvey as the only contender.
 */
#ifndef PV_VALIDATION_H
#define PV_VALIDATION_H

#include "tune/tuning_windows.h"

typedef struct pv_validation pv_validation;

/* Borrows the path and the windows. Errors: PV_E_MEMORY. */
pv_status pv_validation_create(pv_validation **validation, const char *shop, const pv_tuning_windows *windows,
                               unsigned threads, pv_error *error) PV_CHECKED;
void pv_validation_free(pv_validation *validation); /* accepts NULL */

/* Measure `options` on the first n_windows, latest first.
 *
 * share    of the customers that bought something in a window, 0 to 1, but at least 200 of them as far as there are;
 *          which ones depends on options->seed alone, so that all settings are judged by the same.
 * options  those of a model; as_of is not looked at. All calls agree in what reading a shop depends on.
 * Errors:  those of pv_train() but for writing.
 */
pv_status pv_validation_measure(pv_tune_recall *recall, pv_validation *validation, const pv_train_options *options,
                                int32_t n_windows, double share, pv_error *error) PV_CHECKED;

#endif
