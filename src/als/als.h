/* als.h - the factor model: fit by alternating least squares, exact solves for one user, exact effects.
 *
 * Holds:    pv_als_fit(), pv_als_loss(), pv_als_model, pv_als_row (exact solves and effects), the canonical score.
 * Math:     docs/math.md, "The factor model". Losses and row systems: contract section 2.
 *
 * A pair (user, product) has a weight. Weight >= 0: a purchase, target 1. Negative: a dislike, target 0, weight |w|.
 *   ialspp  sum_obs |w| (t - x.y)^2 + A0 sum_all (x.y)^2 + sum_rows R (n + A0 m) |row|^2, n = nonzeros of the row,
 *           m = rows of the other side (Rendle, Krichene, Zhang, Koren 2022, "Revisiting iALS")
 *   hkv     sum_obs |w| (t - x.y)^2 + sum_rest (x.y)^2 + R (|X|^2 + |Y|^2), the weight IS the confidence (Hu, Koren,
 *           Volinsky 2008; implicit's objective); |w| may be below 1, so w - 1 may be 0 or negative
 *
 * Rows may have features: lam |row|^2 becomes lam |row - A'f|^2 + lam_A |A|^2, lam the row's factor of |row|^2 above.
 * The prior mean A'f pulls a row with few pairs to where rows with the same features are, and is all that a row
 * without pairs has (als_prior.h).
 */
#ifndef PV_ALS_H
#define PV_ALS_H

#include "base/threads.h"
#include <purvey/train.h>
#include <stdint.h>

/* Observed pairs in one sparse order (CSR); row_offsets [n_rows + 1], columns strictly increasing within a row. */
typedef struct pv_pairs {
    int64_t n_rows, n_columns;
    const int64_t *row_offsets;
    const int32_t *columns; /* [row_offsets[n_rows]] */
    const float *weights;   /* [row_offsets[n_rows]], finite */
} pv_pairs;

typedef struct pv_als_settings {
    int32_t n_factors, iterations;
    pv_loss loss;
    double regularization, unobserved_weight; /* unobserved_weight is 1 for hkv */
    pv_solver solver;
    uint64_t seed;
    /* lam_A = this times the mean lam of the side's rows, in rows: a feature of that many rows is believed by half. 0:
     * features are not used. */
    double user_side_regularization, product_side_regularization;
} pv_als_settings;

/* Features of the rows of one side and what is learned of them. */
typedef struct pv_als_features {
    pv_pairs rows;  /* rows x features, the values in `weights`: any finite number */
    float *weights; /* A [n_features x n_factors], filled by the fit; 0 where nothing was learned */
} pv_als_features;

/* Called after each iteration (1 to iterations) with the full training loss and the iteration's own seconds. Nonzero
 * stops with PV_E_INTERRUPTED. */
typedef int pv_als_iteration_done(void *context, int32_t iteration, double loss, double seconds);

/* Fit X and Y.
 *
 * X, Y      [n_users x n_factors], [n_products x n_factors] float32 row-major; unspecified after a failure.
 * by_user   rows are users. The other order is made inside.
 * Start:    X = 0, Y close to normal(0, 0.1 / sqrt(n_factors)) by (seed, row, factor). Each iteration: users, then
 *           products. After the last one a pass over the users alone solves every user's row to a residual
 *           |H x - b| <= 1e-6 |b|. iterations 0: Y as drawn, X solved. A row without a purchase is exactly 0.
 * Solvers:  auto: als_eigen_fit.h. cg, cholesky: for checking; no half step of theirs raises the loss.
 * Singular: a row system that is singular to working precision (regularization 0) is solved with the smallest
 *           diagonal of cholesky.h that makes it regular.
 * Repeat:   bit-identical for any thread count; the bits depend on the kernel table (kernels.h), not on the processor.
 * Cost:     auto: 12 nnz d + 4 (users + products) d^2 flops per half step, most of them at the speed of the first two
 *           cache levels; cholesky: O(nnz d^2 + (users + products) d^3).
 * Memory:   beside the arguments: the pairs by product (8 bytes a pair), a padded copy of X and Y when n_factors is no
 *           multiple of 16, 16 n_factors^2 doubles of partial sums (three times that when a row is shared by threads),
 *           and per thread 16 n_factors^2 bytes and up to 1 MB of packed rows. Nothing is allocated per row or
 *           iteration.
 * Errors:   PV_E_MEMORY, PV_E_INTERRUPTED, PV_E_INPUT when factors stop being finite (names the row).
 */
pv_status pv_als_fit(float *X, float *Y, const pv_pairs *by_user, const pv_als_settings *settings, pv_threads *threads,
                     pv_als_iteration_done *done, void *context, pv_error *error) PV_CHECKED;

/* The same with features of users and of products, each nullable. Rows without features, or whose features were not
 * learned of, have the prior mean 0: without any the bits are those of pv_als_fit(). The prior begins in the third
 * iteration; `weights` are those that the last pass over the users, or the last half step over the products, went by.
 * Cost beside: 12 nnz(F) n_factors flops a step of als_prior.h, up to ten steps a half step. Memory beside: a second
 * copy of the rows' factors and four of `weights`, padded. */
pv_status pv_als_fit_with_features(float *X, float *Y, const pv_als_features *user_features,
                                   const pv_als_features *product_features, const pv_pairs *by_user,
                                   const pv_als_settings *settings, pv_threads *threads, pv_als_iteration_done *done,
                                   void *context, pv_error *error) PV_CHECKED;

/* Training loss of given factors without features, float64 reductions in fixed order. */
pv_status pv_als_loss(double *loss, const float *X, const float *Y, const pv_pairs *by_user,
                      const pv_als_settings *settings, pv_threads *threads, pv_error *error) PV_CHECKED;

/* What solving one user's row needs. Views; read-only, shared by threads. */
typedef struct pv_als_model {
    pv_als_settings settings;
    int64_t n_users;
    int64_t n_products;           /* those that were trained, m of the ridge */
    const float *user_factors;    /* [n_users x n_factors] */
    const float *product_factors; /* [n_products x n_factors], then any others that are to be scored */
    const double *gram;           /* Y'Y of the trained ones, [n_factors x n_factors], full symmetric */
} pv_als_model;

/* Y'Y in float64, fixed order. */
pv_status pv_als_gram(double *gram, const float *Y, int64_t n_rows, int32_t n_factors, pv_threads *threads,
                      pv_error *error) PV_CHECKED;

/* One user's system H x = b, factored in float64: whatever is asked about this history afterwards is a solve.
 *
 *   ialspp  H = A0 G + sum |w| y y' + lam I,     lam = R (n + A0 m),  b = sum_{w > 0} w y + lam mean
 *   hkv     H = G + sum (|w| - 1) y y' + lam I,  lam = R,             b = sum_{w > 0} w y + lam mean
 *
 * Without pairs x = (a0 G + lam I)^-1 lam mean is the factors of a user of whom only the features are known.
 */
typedef struct pv_als_row pv_als_row;
/* items [n] distinct product rows, weights [n]; mean [n_factors]: the prior mean of the user, NULL: 0.
 * `pv_als_row_create` allocates once for n_factors; solve may be called again and again. Without a target and a mean x
 * = 0. The arrays of the model are borrowed until the row is freed. */
pv_status pv_als_row_create(pv_als_row **row, const pv_als_model *model, pv_error *error) PV_CHECKED;
void pv_als_row_free(pv_als_row *row);
pv_status pv_als_row_solve(pv_als_row *row, const int32_t *items, const double *weights, int64_t n, const double *mean,
                           pv_error *error) PV_CHECKED;
/* x of the last solve, [n_factors]. */
const double *pv_als_row_factors(const pv_als_row *row);
/* Score of a product with factors y [n_factors] from the last solve and, per item of that solve, its share of the sum
 * (share[n]; 0 for dislikes) and the score the user would have had without this item, lam being that of n - 1 items
 * (without[n]; exact: factorization of H with that lam and Sherman-Morrison per item). The shares and the prior's sum
 * to the score to rounding. share and without are nullable. Errors: PV_E_MEMORY, PV_E_INTERNAL. */
pv_status pv_als_row_effects(double *score, double *share, double *without, pv_als_row *row, const float *y,
                             pv_error *error) PV_CHECKED;
/* What each feature of the user adds to that score: share[k] = lam values[k] (H^-1 y) . A_k with A_k the row
 * features[k] of weights, for the features that the mean of the last solve is the sum of, [n]. */
void pv_als_row_feature_shares(double *share, pv_als_row *row, const float *y, const float *weights,
                               const int32_t *features, const float *values, int64_t n);

/* Rows [n_rows x n_factors] of which only the prior means are known: the means become x = (a0 G + lam I)^-1 lam mean
 * with the lam of a row without pairs. A mean of 0 stays 0.
 *
 * gram      of the other side, n_others rows of it trained.
 * Cost:     n_factors^3 / 6 and n_factors^2 a row. Errors: PV_E_MEMORY, PV_E_INPUT when the system is not finite.
 */
pv_status pv_als_cold_rows(float *rows, int64_t n_rows, const double *gram, int64_t n_others,
                           const pv_als_settings *settings, pv_error *error) PV_CHECKED;

/* The canonical score: float64 sum over factors in index order. */
double pv_als_score(const double *x, const float *y, int32_t n_factors);
double pv_als_score_stored(const float *x, const float *y, int32_t n_factors);

#endif
