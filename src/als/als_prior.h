/* als_prior.h - the prior mean of one side's rows: a ridge regression of the rows on their features.
 *
 * The loss of a row becomes lam |x - A'f|^2 in place of lam |x|^2, with lam_A |A|^2 beside it. For given rows X the
 * best weights are
 *   A = (F'RF + lam_A I)^-1 F'R X,   R = diag(lam of each row)
 * (the prior-mean model of irspack's feature-aware iALS; a row's system gets lam A'f on its right-hand side and nothing
 * else changes). A is found by conjugate gradients from the A before, all factors at once (Hestenes, Stiefel 1952;
 * preconditioned by the diagonal): no matrix of features by features is ever formed, and every step lowers the loss,
 * so that few of them are enough between half steps.
 *
 * Threads:  one learns at a time; sums are taken row by row and feature by feature, so the bits do not depend on the
 *           number of threads.
 */
#ifndef PV_ALS_PRIOR_H
#define PV_ALS_PRIOR_H

#include "als/als.h"
#include "als/als_factors.h"
#include "als/als_pairs.h"

/* The factors say little before: half steps up to this one have no prior. */
#define PV_ALS_PRIOR_WARM_UP 2

typedef struct pv_als_prior {
    const pv_pairs *features; /* F: rows x features */
    double penalty;           /* lam_A */
    pv_als_factors weights;   /* A, [n_features] */
    pv_als_factors means;     /* F A, [n_rows], as of the last learning */
    bool is_learned;
    float *ridges; /* lam, [n_rows] */
    pv_als_transpose by_feature;
    pv_als_chunks row_chunks, feature_chunks;
    float *inverse_diagonal;                   /* of F'RF + lam_A I, [n_features] */
    pv_als_factors residual, direction, image; /* of the conjugate gradients, [n_features] */
    double *column_sums;                       /* [4 x stride] */
} pv_als_prior;

/* All weights 0.
 *
 * features  [pairs->n_rows x n_features], at least one feature, borrowed.
 * pairs     of the same rows, for their ridges.
 * strength  lam_A = strength times the mean ridge of the rows: what a feature's weights are held back by, in rows.
 * deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY.
 */
pv_status pv_als_prior_init(pv_als_prior *prior, const pv_pairs *features, const pv_pairs *pairs,
                            const pv_als_settings *settings, double strength, pv_threads *threads,
                            pv_error *error) PV_CHECKED;
void pv_als_prior_deinit(pv_als_prior *prior);

/* Fit A to the rows and fill the means. `is_last`: to a residual of 1e-5 instead of 1e-2, relative and in the norm of
 * the preconditioner. Cost: 8 nnz(F) n_factors flops a step. */
void pv_als_prior_learn(pv_als_prior *prior, const pv_als_factors *rows, bool is_last, pv_threads *threads);

/* lam_A |A|^2. */
double pv_als_prior_loss(const pv_als_prior *prior);

/* Mean of a row, NULL when it is 0. `means` may be NULL: no prior. */
static inline const float *pv_als_mean_of(const pv_als_factors *means, int64_t row)
{
    if (!means) return NULL;
    const float *mean = pv_als_factors_row(means, row);
    return pv_kernels_get()->dot(mean, mean, means->stride) > 0.0f ? mean : NULL;
}

/* |x - mean|^2, mean nullable. */
static inline double pv_als_squared_distance(const float *x, const float *mean, size_t n)
{
    if (!mean) return (double)pv_kernels_get()->dot(x, x, n);
    double sum = 0.0;
    for (size_t i = 0; i < n; ++i) sum += ((double)x[i] - (double)mean[i]) * ((double)x[i] - (double)mean[i]);
    return sum;
}

#endif
