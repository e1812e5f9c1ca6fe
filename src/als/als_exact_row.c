/* als_exact_row.c - one user's history solved in float64, and what each item of it did.
 *
 * Without item i the system is H' = B - c y y', b' = b_B - t y with the background and prior of a history that is one
 * item shorter, less = lam of n items - lam of n - 1, B = H - less I, b_B = b - less mean: one factorization B = L L'
 * serves all items (Sherman, Morrison 1950). With w = L^-1 y, w_b = L^-1 b_B, g = w.w, s = w.w_b
 * the score of a product whose factors L^-1 makes v is
 *   v.w_b + (v.w) (c (s - t g) / (1 - c g) - t)
 * The w of all items are kept, so that a product costs n dot products; no x' is ever formed.
 */
#include "als/als.h"
#include "als/als_system.h"
#include "als/als_terms.h"
#include "als/cholesky.h"
#include "base/failure.h"
#include "base/memory.h"
#include "kernels/scan_kernels.h"
#include "kernels/kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Below this 1 - c g the item dominates the history and the formula cancels: solve again without the item. */
static const double SMALLEST_DENOMINATOR = 1e-4;

struct pv_als_row {
    pv_als_model model;
    pv_als_system system;           /* of the whole history */
    pv_als_system without;          /* B, later one history without an item */
    int64_t n, n_targets;           /* items; those with a target */
    int32_t *items;                 /* [n] */
    double *coefficients, *targets; /* c, t [n] */
    double *mean;                   /* of the prior, [n_factors] */
    bool has_mean;                  /* it is not 0 */
    bool without_known;             /* what follows is of this history */
    bool formula_holds;             /* B is factored in `without` */
    double *forward;                /* w of each item, w_b last, [n + 1 x n_factors]; x' where `along` is NaN */
    double *along;                  /* factor of v.w, [n]; NaN: solved again without the item */
    double *vector;                 /* scratch [n_factors] */
    size_t items_capacity, coefficients_capacity, targets_capacity, forward_capacity, along_capacity;
};

pv_status pv_als_row_create(pv_als_row **row, const pv_als_model *model, pv_error *error)
{
    size_t d = (size_t)model->settings.n_factors;
    pv_als_row *created = pv_allocate(1, sizeof *created);
    if (!created) return pv_fail_memory(error, "a row solver", sizeof *created);
    created->model = *model;
    created->vector = pv_allocate(d, sizeof *created->vector);
    created->mean = pv_allocate(d, sizeof *created->mean);
    bool complete = pv_als_system_init(&created->system, d) && pv_als_system_init(&created->without, d);
    if (!complete || !created->vector || !created->mean) {
        pv_als_row_free(created);
        return pv_fail_memory(error, "a row solver", 4 * d * d * sizeof(double));
    }
    *row = created;
    return PV_OK;
}

void pv_als_row_free(pv_als_row *row)
{
    if (!row) return;
    pv_als_system_deinit(&row->system);
    pv_als_system_deinit(&row->without);
    free(row->items);
    free(row->coefficients);
    free(row->targets);
    free(row->forward);
    free(row->along);
    pv_release(row->vector);
    pv_release(row->mean);
    pv_release(row);
}

static size_t n_factors_of(const pv_als_row *row)
{
    return row->system.n_factors;
}

static const float *product_row(const pv_als_row *row, int32_t product)
{
    return row->model.product_factors + (size_t)product * n_factors_of(row);
}

/* Ridge of this user with n items. */
static double ridge_of(const pv_als_row *row, int64_t n)
{
    return pv_als_ridge(&row->model.settings, n, row->model.n_products);
}

static bool reserve_items(pv_als_row *row, size_t n)
{
    return pv_reserve((void **)&row->items, &row->items_capacity, n, sizeof *row->items) &&
           pv_reserve((void **)&row->coefficients, &row->coefficients_capacity, n, sizeof *row->coefficients) &&
           pv_reserve((void **)&row->targets, &row->targets_capacity, n, sizeof *row->targets);
}

/* Build and solve `system` for the items and the mean kept in the row, with the ridge of n items. */
static bool solve_system(pv_als_system *system, const pv_als_row *row, int64_t n)
{
    const pv_als_background background = {row->model.gram, pv_als_background_weight(&row->model.settings)};
    const pv_rows rows = {.values = row->model.product_factors,
                          .stride = n_factors_of(row),
                          .index = row->items,
                          .count = (size_t)row->n};
    const double ridge = ridge_of(row, n);
    pv_als_system_build(system, &background, ridge, &rows, row->coefficients, row->targets);
    for (size_t i = 0; row->has_mean && i < system->n_factors; ++i) system->rhs[i] += ridge * row->mean[i];
    return pv_als_system_solve(system);
}

static void set_mean(pv_als_row *row, const double *mean)
{
    row->has_mean = false;
    for (size_t i = 0; i < n_factors_of(row); ++i) {
        row->mean[i] = mean ? mean[i] : 0.0;
        row->has_mean = row->has_mean || row->mean[i] != 0.0;
    }
}

/* b = 0: x = 0 with and without any item, and no system is built. */
static bool is_empty(const pv_als_row *row)
{
    return row->n_targets == 0 && !row->has_mean;
}

pv_status pv_als_row_solve(pv_als_row *row, const int32_t *items, const double *weights, int64_t n, const double *mean,
                           pv_error *error)
{
    if (!reserve_items(row, (size_t)n)) return pv_fail_memory(error, "a history", (uint64_t)n * 20);
    row->n = n;
    row->n_targets = 0;
    row->without_known = false;
    set_mean(row, mean);
    if (n > 0) memcpy(row->items, items, (size_t)n * sizeof *items);
    for (int64_t k = 0; k < n; ++k) {
        row->coefficients[k] = pv_als_coefficient(&row->model.settings, weights[k]);
        row->targets[k] = pv_als_target(weights[k]);
        row->n_targets += weights[k] > 0.0;
    }
    memset(row->system.solution, 0, n_factors_of(row) * sizeof(double));
    if (is_empty(row) || solve_system(&row->system, row, n)) return PV_OK;
    row->n = row->n_targets = 0;
    row->has_mean = false;
    memset(row->system.solution, 0, n_factors_of(row) * sizeof(double));
    return pv_fail(error, PV_E_INTERNAL, "the row system of a history of %lld products has no finite solution",
                   (long long)n);
}

const double *pv_als_row_factors(const pv_als_row *row)
{
    return row->system.solution;
}

/* x' of item k by a solve of its own: weight 0 takes the item out of H and b. */
static bool remove_by_solving(double *x, pv_als_row *row, int64_t k)
{
    double c = row->coefficients[k], t = row->targets[k];
    row->coefficients[k] = row->targets[k] = 0.0;
    bool solved = solve_system(&row->without, row, row->n - 1);
    row->coefficients[k] = c;
    row->targets[k] = t;
    if (solved) memcpy(x, row->without.solution, n_factors_of(row) * sizeof *x);
    return solved;
}

/* Whether nothing to aim at is left without item k: x' = 0 exactly. */
static bool leaves_nothing(const pv_als_row *row, int64_t k)
{
    return row->n_targets == 1 && row->targets[k] > 0.0 && !row->has_mean;
}

/* B and b_B, with the ridge of one item fewer, factored. False when B is singular. */
static bool shorten_ridge(pv_als_row *row)
{
    size_t d = n_factors_of(row);
    pv_als_system *without = &row->without;
    double less = ridge_of(row, row->n) - ridge_of(row, row->n - 1);
    memcpy(without->hessian, row->system.hessian, d * d * sizeof *without->hessian);
    memcpy(without->rhs, row->system.rhs, d * sizeof *without->rhs);
    for (size_t i = 0; i < d; ++i) {
        without->hessian[i * d + i] -= less;
        if (row->has_mean) without->rhs[i] -= less * row->mean[i];
    }
    return pv_als_system_solve(without) && without->jitter == 0.0;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sums[4] = {0}, rest = 0.0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t l = 0; l < 4; ++l) sums[l] += a[i + l] * b[i + l];
    for (; i < n; ++i) rest += a[i] * b[i];
    return (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest;
}

/* w of every item and w_b, from B's factor. */
static void fill_forward(pv_als_row *row)
{
    size_t d = n_factors_of(row), n = (size_t)row->n;
    for (size_t k = 0; k < n; ++k) {
        const float *y = product_row(row, row->items[k]);
        for (size_t i = 0; i < d; ++i) row->forward[k * d + i] = (double)y[i];
    }
    memcpy(row->forward + n * d, row->without.rhs, d * sizeof *row->forward);
    pv_kernels_get()->forward_rows(row->forward, n + 1, row->without.factor, d);
}

/* The factor of v.w for item k; NaN when the denominator is too small. */
static double factor_along(const pv_als_row *row, int64_t k)
{
    size_t d = n_factors_of(row);
    const double *w = row->forward + (size_t)k * d, *w_b = row->forward + (size_t)row->n * d;
    double c = row->coefficients[k], t = row->targets[k], g = dot(w, w, d);
    double denominator = 1.0 - c * g;
    return denominator > SMALLEST_DENOMINATOR ? c * (dot(w, w_b, d) - t * g) / denominator - t : (double)NAN;
}

/* x' of the items that the formula cannot serve. B is factored again afterwards, if any was there. */
static pv_status solve_the_rest(pv_als_row *row, pv_error *error)
{
    size_t d = n_factors_of(row);
    bool is_lost = false;
    for (int64_t k = 0; k < row->n; ++k) {
        double *x = row->forward + (size_t)k * d;
        if (!isnan(row->along[k])) continue;
        if (leaves_nothing(row, k)) {
            memset(x, 0, d * sizeof *x);
            continue;
        }
        is_lost = true;
        if (!remove_by_solving(x, row, k))
            return pv_fail(error, PV_E_INTERNAL, "a history without product row %d has no finite solution",
                           row->items[k]);
    }
    if (row->formula_holds && is_lost && !shorten_ridge(row))
        return pv_fail(error, PV_E_INTERNAL, "a history could not be factored again");
    return PV_OK;
}

/* Fill forward and along. */
static pv_status solve_without_each(pv_als_row *row, pv_error *error)
{
    size_t d = n_factors_of(row), n = (size_t)row->n;
    if (!pv_reserve((void **)&row->forward, &row->forward_capacity, (n + 1) * d, sizeof *row->forward) ||
        !pv_reserve((void **)&row->along, &row->along_capacity, n, sizeof *row->along))
        return pv_fail_memory(error, "the effects of a history", n * d * sizeof *row->forward);
    row->formula_holds = row->n > 1 && shorten_ridge(row);
    if (row->formula_holds) fill_forward(row);
    for (int64_t k = 0; k < row->n; ++k)
        row->along[k] = row->formula_holds && !leaves_nothing(row, k) ? factor_along(row, k) : (double)NAN;
    pv_status status = solve_the_rest(row, error);
    row->without_known = status == PV_OK;
    return status;
}

/* Scores of a product with factors y, without each item. */
static void fill_without(double *without, pv_als_row *row, const float *y)
{
    size_t d = n_factors_of(row), n = (size_t)row->n;
    double *v = row->vector, whole = 0.0;
    if (row->formula_holds) {
        for (size_t i = 0; i < d; ++i) v[i] = (double)y[i];
        pv_kernels_get()->forward_rows(v, 1, row->without.factor, d);
        whole = dot(v, row->forward + n * d, d);
    }
    for (size_t k = 0; k < n; ++k) {
        const double *w = row->forward + k * d; /* or x' */
        without[k] = isnan(row->along[k]) ? pv_als_score(w, y, (int32_t)d) : whole + row->along[k] * dot(v, w, d);
    }
}

/* h = H^-1 y, in the row's scratch. */
static const double *solve_for_product(pv_als_row *row, const float *y)
{
    for (size_t i = 0; i < n_factors_of(row); ++i) row->vector[i] = (double)y[i];
    pv_cholesky_solve(row->vector, row->system.factor, n_factors_of(row));
    return row->vector;
}

/* share[k] = t_k (H^-1 y) . y_k: the score is linear in b (Hu, Koren, Volinsky 2008, section 5). */
static void fill_shares(double *share, pv_als_row *row, const float *y)
{
    const double *h = solve_for_product(row, y);
    pv_scan_kernels_get()->score_rows(share, row->model.product_factors, row->items, (size_t)row->n, h,
                                      n_factors_of(row));
    for (int64_t k = 0; k < row->n; ++k) share[k] *= row->targets[k];
}

pv_status pv_als_row_effects(double *score, double *share, double *without, pv_als_row *row, const float *y,
                             pv_error *error)
{
    size_t d = n_factors_of(row), n = (size_t)row->n;
    bool empty = is_empty(row);
    if (without && !empty && !row->without_known) {
        pv_status status = solve_without_each(row, error);
        if (status != PV_OK) return status;
    }
    *score = pv_als_score(row->system.solution, y, (int32_t)d);
    if (share && empty) memset(share, 0, n * sizeof *share);
    if (share && !empty) fill_shares(share, row, y);
    if (without && empty) memset(without, 0, n * sizeof *without);
    if (without && !empty) fill_without(without, row, y);
    return PV_OK;
}

void pv_als_row_feature_shares(double *share, pv_als_row *row, const float *y, const float *weights,
                               const int32_t *features, const float *values, int64_t n)
{
    if (is_empty(row)) {
        for (int64_t k = 0; k < n; ++k) share[k] = 0.0;
        return;
    }
    const size_t d = n_factors_of(row);
    const double *h = solve_for_product(row, y), ridge = ridge_of(row, row->n);
    pv_scan_kernels_get()->score_rows(share, weights, features, (size_t)n, h, d);
    for (int64_t k = 0; k < n; ++k) share[k] *= ridge * (double)values[k];
}
