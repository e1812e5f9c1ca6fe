/* calibration.c - see calibration.h. */
#include "ranker/calibration.h"

#include "base/failure.h"
#include "base/memory.h"
#include <math.h>

double pv_calibration_probability(const pv_calibration *calibration, double score)
{
    const double *scores = calibration->scores, *probabilities = calibration->probabilities;
    int64_t low = 0, high = calibration->n_knots - 1;
    if (high < 0) return (double)NAN;
    if (!(score > scores[0])) return probabilities[0];
    if (score >= scores[high]) return probabilities[high];
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (scores[middle] <= score)
            low = middle;
        else
            high = middle;
    }
    const double part = (score - scores[low]) / (scores[high] - scores[low]);
    return probabilities[low] + part * (probabilities[high] - probabilities[low]);
}

void pv_score_counts_add(pv_score_counts *counts, double score, bool is_bought)
{
    const double place = (score - PV_SCORE_LOWEST) / PV_SCORE_BIN;
    const int64_t bin = !(place > 0) ? 0 : place >= (double)PV_SCORE_BINS ? PV_SCORE_BINS - 1 : (int64_t)place;
    counts->shown[bin]++;
    counts->bought[bin] += is_bought;
}

/* Neighbouring bins that go together, since the share bought would fall from one to the next otherwise. */
typedef struct block {
    double shown, bought, score; /* score: sum over what was shown */
} block;

static double share(const block *b)
{
    return b->bought / b->shown;
}

/* Pool adjacent violators; returns the number of blocks. */
static int64_t pool(block *blocks, const pv_score_counts *counts)
{
    int64_t n = 0;
    for (int64_t bin = 0; bin < PV_SCORE_BINS; bin++) {
        if (counts->shown[bin] == 0) continue;
        const double shown = (double)counts->shown[bin];
        blocks[n++] =
            (block){shown, (double)counts->bought[bin], shown * (PV_SCORE_LOWEST + ((double)bin + 0.5) * PV_SCORE_BIN)};
        while (n > 1 && share(&blocks[n - 2]) >= share(&blocks[n - 1])) {
            blocks[n - 2].shown += blocks[n - 1].shown;
            blocks[n - 2].bought += blocks[n - 1].bought;
            blocks[n - 2].score += blocks[n - 1].score;
            n--;
        }
    }
    return n;
}

pv_status pv_calibration_add(pv_tensors *tensors, const pv_score_counts *counts, int64_t horizon_days, pv_error *error)
{
    pv_status status;
    double *scores = NULL, *probabilities = NULL;
    int64_t *horizon = NULL;
    block *blocks = pv_allocate(PV_SCORE_BINS, sizeof *blocks);
    if (!blocks) return pv_fail_memory(error, "probabilities", PV_SCORE_BINS * sizeof *blocks);
    const int64_t n = pool(blocks, counts);
    if (n == 0 || share(&blocks[n - 1]) == 0) {
        status = PV_OK;
        goto cleanup;
    }
    PV_TRY(pv_tensors_add(&scores, tensors, "calibration.score", PV_F64, n, 0, error));
    PV_TRY(pv_tensors_add(&probabilities, tensors, "calibration.probability", PV_F64, n, 0, error));
    PV_TRY(pv_tensors_add(&horizon, tensors, "calibration.horizon_days", PV_I64, 1, 0, error));
    for (int64_t k = 0; k < n; k++) {
        scores[k] = blocks[k].score / blocks[k].shown;
        probabilities[k] = share(&blocks[k]);
    }
    *horizon = horizon_days;
cleanup:
    pv_release(blocks);
    return status;
}

pv_status pv_calibration_bind(pv_calibration *calibration, const pv_tensors *tensors, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tensor *there = pv_tensors_find(tensors, "calibration.score");
    const int64_t *horizon = NULL;
    pv_calibration bound = {0};
    *calibration = bound;
    if (!there) return PV_OK;
    bound.n_knots = there->shape[0];
    PV_TRY(pv_tensors_get(&bound.scores, tensors, "calibration.score", PV_F64, bound.n_knots, 0, error));
    PV_TRY(pv_tensors_get(&bound.probabilities, tensors, "calibration.probability", PV_F64, bound.n_knots, 0, error));
    PV_TRY(pv_tensors_get(&horizon, tensors, "calibration.horizon_days", PV_I64, 1, 0, error));
    bool good = horizon[0] > 0;
    for (int64_t k = 0; good && k < bound.n_knots; k++)
        good =
            bound.probabilities[k] >= 0 && bound.probabilities[k] <= 1 && isfinite(bound.scores[k]) &&
            (k == 0 || (bound.scores[k] > bound.scores[k - 1] && bound.probabilities[k] >= bound.probabilities[k - 1]));
    if (!good) PV_TRY(pv_fail(error, PV_E_INPUT, "model: the table calibration is not in order"));
    bound.horizon_days = horizon[0];
    *calibration = bound;
cleanup:
    return status;
}
