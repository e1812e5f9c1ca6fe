/* als_side.h - one of the two sides of the factor model: its rows of pairs, how they are cut, its factors. */
#ifndef PV_ALS_SIDE_H
#define PV_ALS_SIDE_H

#include "als/als.h"
#include "als/als_factors.h"
#include "als/als_pairs.h"
#include "als/als_prior.h"

typedef struct pv_als_side {
    const char *name; /* for messages */
    const pv_pairs *pairs;
    pv_als_chunks chunks;
    pv_als_factors factors;
    pv_als_prior *prior; /* borrowed; NULL: the rows have no features */
} pv_als_side;

/* Factors all zero, in `storage` [rows x n_factors] when rows of that length need no padding. `pairs` and `storage` are
 * borrowed. deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY. */
pv_status pv_als_side_init(pv_als_side *side, const char *name, const pv_pairs *pairs, float *storage, size_t n_factors,
                           pv_error *error) PV_CHECKED;
void pv_als_side_deinit(pv_als_side *side);

/* Before the half step of `iteration` over the rows: the prior learned from them, past the warm-up. Returns the means
 * for this half step, NULL when there are none. */
const pv_als_factors *pv_als_side_learn(pv_als_side *side, int32_t iteration, bool is_last, pv_threads *threads);
/* What its features' weights add to the loss. */
double pv_als_side_prior_loss(const pv_als_side *side);

/* The error that names the row whose factors have no finite value. */
pv_status pv_als_side_fail(const pv_als_side *side, int64_t row, pv_error *error);

#endif
