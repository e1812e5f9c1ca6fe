/* reliability.h - predicted probabilities against what came true: Brier score and bins of equal width.
 *
 * Over the first PV_LENGTH_LONGEST products of every known customer, those who bought nothing included: the customers
 * and the days that the probability speaks of (ranker/calibration.h).
 */
#ifndef PV_RELIABILITY_H
#define PV_RELIABILITY_H

#include "evaluate/contest.h"

typedef struct pv_reliability_sums {
    double squared; /* sum of (probability - bought)^2 */
    int64_t pairs[PV_RELIABILITY_BINS], bought[PV_RELIABILITY_BINS];
    double probability[PV_RELIABILITY_BINS];
} pv_reliability_sums;

void pv_reliability_add(pv_reliability_sums *sums, const pv_predictions *predictions);
/* NaN where there was nothing to add. */
pv_reliability pv_reliability_finish(const pv_reliability_sums *sums);

#endif
