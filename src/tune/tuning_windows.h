/* tuning_windows.h - where the purchases are divided: the test window at their end that tuning does not look at, and
 * the validation windows before it.
 *
 * Equation: h = pv_learning_window_days(first, last), begin of test = last + 1 s - h; or a date that is given, and h =
 * 90 days or half of what lies before it. Cut-offs T_k = begin of test - h - k h / 3, k = 0, 1, 2, as long as there are
 * h days before T_k. Settings are judged on [T_k, T_k + h), which ends where the test window begins or earlier.
 */
#ifndef PV_TUNING_WINDOWS_H
#define PV_TUNING_WINDOWS_H

#include <purvey/tune.h>

typedef struct pv_tuning_windows {
    int32_t horizon_days, n;
    int64_t cutoffs[PV_TUNE_WINDOWS_MAX]; /* latest first */
    int64_t test_begin, test_end;
} pv_tuning_windows;

/* n is 0 when the purchases from `first` to `last` span fewer than 21 days, or those before a test_begin that is given
 * fewer than 14. test_begin PV_NO_TIME: decided here. */
void pv_tuning_windows_plan(pv_tuning_windows *windows, int64_t first, int64_t last, int64_t test_begin);

/* Read the shop once for them. data_hash [33].
 * Errors: those of pv_tables_read(), PV_E_USAGE (no time, test_begin is no date), PV_E_INPUT (too few days). */
pv_status pv_tuning_windows_find(pv_tuning_windows *windows, char *data_hash, const char *shop,
                                 const pv_tune_options *options, pv_read_report *report, pv_error *error) PV_CHECKED;

#endif
