/* cutoffs.h - the dates at which an evaluation divides the purchases into known and unknown.
 *
 * Rolling origin: T_k = end - horizon - k step, k = 0, 1, ..., where `end` is the midnight (UTC) after the last
 * purchase; kept are those with at least one horizon of purchases before them.
 */
#ifndef PV_CUTOFFS_H
#define PV_CUTOFFS_H

#include <purvey/evaluate.h>

#define PV_CUTOFFS_MAX 60

typedef struct pv_cutoffs {
    int32_t n;
    int64_t at[PV_CUTOFFS_MAX]; /* rising, distinct */
} pv_cutoffs;

/* The dates that were named, or the rolling ones, for which the shop is read once.
 * Errors: PV_E_USAGE (no date; too many; no time in the purchases), PV_E_INPUT (purchases too short, files),
 * PV_E_MEMORY, PV_E_INTERRUPTED. */
pv_status pv_cutoffs_choose(pv_cutoffs *cutoffs, const char *shop, const pv_evaluate_options *options,
                            pv_error *error) PV_CHECKED;
/* The rolling ones for purchases from `first` to `last`. n is 0 when they are too short. */
void pv_cutoffs_roll(pv_cutoffs *cutoffs, int64_t first, int64_t last, const pv_evaluate_options *options);

/* Purchases without time have no before and after. */
pv_status pv_fail_no_time(const char *shop, pv_error *error);

#endif
