/* calibration.h - from a score to the probability that the customer buys the product within a stated number of days.
 *
 * Monotone: isotonic regression (Ayer, Brunk, Ewing, Reid, Silverman 1955) of what was bought in the window after the
 * earlier date on the score, linear between its steps. The order of a list never changes by it.
 */
#ifndef PV_CALIBRATION_H
#define PV_CALIBRATION_H

#include "base/tensors.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct pv_calibration {
    int64_t n_knots;             /* 0: there is none */
    const double *scores;        /* [n_knots] rising */
    const double *probabilities; /* [n_knots] not falling, in [0, 1] */
    int64_t horizon_days;
} pv_calibration;

/* NaN without knots. */
double pv_calibration_probability(const pv_calibration *calibration, double score);

/* Scores counted in bins of equal width, beyond the ends in the first and last. */
enum { PV_SCORE_BINS = 4096 };
#define PV_SCORE_LOWEST (-32.0)
#define PV_SCORE_BIN (1.0 / 64.0)
typedef struct pv_score_counts {
    int64_t shown[PV_SCORE_BINS], bought[PV_SCORE_BINS];
} pv_score_counts;
void pv_score_counts_add(pv_score_counts *counts, double score, bool is_bought);

/* Fit and store as `calibration.*`. Nothing is stored where nothing was bought. Errors: PV_E_MEMORY. */
pv_status pv_calibration_add(pv_tensors *tensors, const pv_score_counts *counts, int64_t horizon_days,
                             pv_error *error) PV_CHECKED;
/* A model without one is no error. Errors: PV_E_INPUT. */
pv_status pv_calibration_bind(pv_calibration *calibration, const pv_tensors *tensors, pv_error *error) PV_CHECKED;

#endif
