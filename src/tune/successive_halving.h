/* successive_halving.h - find the best of many settings by trying all of them cheaply and the better half again at more
 * cost, rung by rung.
 *
 * Source:   Jamieson, Talwalkar, Non-stochastic best arm identification and hyperparameter optimization, AISTATS 2016.
 *           Here setting 0, the one that was given, takes part in every rung: the others are judged against it.
 * Gain of a setting in a rung: mean over NEW and ALL of recall / recall of setting 0, less 1. Where setting 0 has
 * recall 0 the ratio is 1 + recall; a task that counts no customer is left out.
 */
#ifndef PV_SUCCESSIVE_HALVING_H
#define PV_SUCCESSIVE_HALVING_H

#include <purvey/tune.h>

/* How good `setting` is with the means of `rung`; *is_over: there is no time for it. Not to be set for the first trial
 * of all. */
typedef pv_status pv_halving_trial(void *context, pv_tune_recall *recall, bool *is_over, int32_t rung, int64_t setting,
                                   pv_error *error);

typedef struct pv_halving_outcome {
    int64_t best;
    pv_tune_recall best_recall, given_recall; /* in the same rung */
    double gain;
    int32_t rungs_done;
} pv_halving_outcome;

/* Settings of a rung: n of the first, then half of what was, rounded up, and never fewer than 2. n >= 1. */
int64_t pv_halving_width(int64_t n, int32_t rung);

double pv_halving_gain(const pv_tune_recall *recall, const pv_tune_recall *given);

/* Equal gains keep the order of the settings. The best is that of the last rung that was finished; when the time was
 * over in the first, the best of those tried.
 * Errors: those of `trial`, PV_E_MEMORY. */
pv_status pv_halving_run(pv_halving_outcome *outcome, int64_t n_settings, int32_t n_rungs, pv_halving_trial *trial,
                         void *context, pv_error *error) PV_CHECKED;

#endif
