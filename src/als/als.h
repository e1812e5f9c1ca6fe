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
} pv_als_settings;

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

/* Training loss of given factors, float64 reductions in fixed order. */
pv_status pv_als_loss(double *loss, const float *X, const float *Y, const pv_pairs *by_user,
                      const pv_als_settings *settings, pv_threads *threads, pv_error *error) PV_CHECKED;

/* What solving one user's row needs. Views; read-only, shared by threads. */
typedef struct pv_als_model {
    pv_als_settings settings;
    int64_t n_users, n_products;
    const float *user_factors;    /* [n_users x n_factors] */
    const float *product_factors; /* [n_products x n_factors] */
    const double *gram;           /* Y'Y, [n_factors x n_factors], full symmetric */
} pv_als_model;

/* Y'Y in float64, fixed order. */
pv_status pv_als_gram(double *gram, const float *Y, int64_t n_rows, int32_t n_factors, pv_threads *threads,
                      pv_error *error) PV_CHECKED;

/* One user's system H x = b, factored in float64: whatever is asked about this history afterwards is a solve.
 *
 *   ialspp  H = A0 G + sum |w| y y' + R (n + A0 m) I,  b = sum_{w > 0} w y
 *   hkv     H = G + sum (|w| - 1) y y' + R I,          b = sum_{w > 0} w y
 */
typedef struct pv_als_row pv_als_row;
/* items [n] distinct product rows, weights [n]. `pv_als_row_create` allocates once for n_factors; solve may be called
 * again and again. n = 0 gives x = 0. The arrays of the model are borrowed until the row is freed. */
pv_status pv_als_row_create(pv_als_row **row, const pv_als_model *model, pv_error *error) PV_CHECKED;
void pv_als_row_free(pv_als_row *row);
pv_status pv_als_row_solve(pv_als_row *row, const int32_t *items, const double *weights, int64_t n,
                           pv_error *error) PV_CHECKED;
/* x of the last solve, [n_factors]. */
const double *pv_als_row_factors(const pv_als_row *row);
/* Score of product `target` from the last solve and, per item of that solve, its share of the sum (share[n], sums to
 * the score to rounding; 0 for dislikes) and the score the user would have had without this item, the ridge of ialspp
 * shrinking by R as well (without[n]; exact: factorization of H - R I and Sherman-Morrison per item). share and without
 * are nullable. Errors: PV_E_MEMORY, PV_E_INTERNAL. */
pv_status pv_als_row_effects(double *score, double *share, double *without, pv_als_row *row, int32_t target,
                             pv_error *error) PV_CHECKED;

/* The canonical score: float64 sum over factors in index order. */
double pv_als_score(const double *x, const float *y, int32_t n_factors);
double pv_als_score_stored(const float *x, const float *y, int32_t n_factors);

#endif
