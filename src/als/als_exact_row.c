/* als_exact_row.c - one user's history solved in float64, and what each item of it did.
 *
 * Without item i the system is H' = B - c y y', b' = b - t y with B = H - (ridge of n items - ridge of n - 1) I, so one
 * factorization of B serves all items (Sherman, Morrison 1950). With z = B^-1 b, v = B^-1 y, g = y.v:
 *   x' = (z - t v) + v c (y.z - t g) / (1 - c g)
 * x' does not depend on the product that is asked about; all of them are kept, so that a further product costs n dot
 * products.
 */
#include "als/als.h"
#include "als/als_system.h"
#include "als/als_terms.h"
#include "als/cholesky.h"
#include "base/failure.h"
#include "base/memory.h"
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
    double *without_factors;        /* x' [n x n_factors], once without_known */
    bool without_known;
    int64_t *waiting; /* items to solve without the formula, [n] */
    double *vector;   /* scratch [n_factors] */
    size_t items_capacity, coefficients_capacity, targets_capacity, without_capacity, waiting_capacity;
};

pv_status pv_als_row_create(pv_als_row **row, const pv_als_model *model, pv_error *error)
{
    size_t d = (size_t)model->settings.n_factors;
    pv_als_row *created = pv_allocate(1, sizeof *created);
    if (!created) return pv_fail_memory(error, "a row solver", sizeof *created);
    created->model = *model;
    created->vector = pv_allocate(d, sizeof *created->vector);
    bool complete = pv_als_system_init(&created->system, d) && pv_als_system_init(&created->without, d);
    if (!complete || !created->vector) {
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
    free(row->without_factors);
    free(row->waiting);
    pv_release(row->vector);
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

/* Build and solve `system` for the items kept in the row, with the ridge of n items. */
static bool solve_system(pv_als_system *system, const pv_als_row *row, int64_t n)
{
    const pv_als_background background = {row->model.gram, pv_als_background_weight(&row->model.settings)};
    const pv_rows rows = {.values = row->model.product_factors,
                          .stride = n_factors_of(row),
                          .index = row->items,
                          .count = (size_t)row->n};
    pv_als_system_build(system, &background, ridge_of(row, n), &rows, row->coefficients, row->targets);
    return pv_als_system_solve(system);
}

pv_status pv_als_row_solve(pv_als_row *row, const int32_t *items, const double *weights, int64_t n, pv_error *error)
{
    if (!reserve_items(row, (size_t)n)) return pv_fail_memory(error, "a history", (uint64_t)n * 20);
    row->n = n;
    row->n_targets = 0;
    row->without_known = false;
    if (n > 0) memcpy(row->items, items, (size_t)n * sizeof *items);
    for (int64_t k = 0; k < n; ++k) {
        row->coefficients[k] = pv_als_coefficient(&row->model.settings, weights[k]);
        row->targets[k] = pv_als_target(weights[k]);
        row->n_targets += weights[k] > 0.0;
    }
    memset(row->system.solution, 0, n_factors_of(row) * sizeof(double));
    if (row->n_targets == 0 || solve_system(&row->system, row, n)) return PV_OK;
    row->n = row->n_targets = 0;
    memset(row->system.solution, 0, n_factors_of(row) * sizeof(double));
    return pv_fail(error, PV_E_INTERNAL, "the row system of a history of %lld products has no finite solution",
                   (long long)n);
}

const double *pv_als_row_factors(const pv_als_row *row)
{
    return row->system.solution;
}

/* x' of item k from B's factorization; false when the denominator is too small. `z` = B^-1 b. */
static bool remove_by_formula(double *x, const pv_als_row *row, int64_t k, const double *z)
{
    size_t d = n_factors_of(row);
    const float *y = product_row(row, row->items[k]);
    double c = row->coefficients[k], t = row->targets[k], *v = row->vector;
    for (size_t i = 0; i < d; ++i) v[i] = (double)y[i];
    pv_cholesky_solve(v, row->without.factor, d);
    double g = pv_als_score(v, y, (int32_t)d), score = pv_als_score(z, y, (int32_t)d);
    double denominator = 1.0 - c * g;
    if (!(denominator > SMALLEST_DENOMINATOR)) return false;
    double along = c * (score - t * g) / denominator - t;
    for (size_t i = 0; i < d; ++i) x[i] = z[i] + along * v[i];
    return true;
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
    return row->n_targets == 1 && row->targets[k] > 0.0;
}

/* B = H with the ridge of one item fewer, factored, and z = B^-1 b in its solution. False when B is singular. */
static bool shorten_ridge(pv_als_row *row)
{
    size_t d = n_factors_of(row);
    pv_als_system *without = &row->without;
    double less = ridge_of(row, row->n) - ridge_of(row, row->n - 1);
    memcpy(without->hessian, row->system.hessian, d * d * sizeof *without->hessian);
    memcpy(without->rhs, row->system.rhs, d * sizeof *without->rhs);
    for (size_t i = 0; i < d; ++i) without->hessian[i * d + i] -= less;
    return pv_als_system_solve(without) && without->jitter == 0.0;
}

/* Fill without_factors. Items that the formula cannot serve wait until B is no longer needed. */
static pv_status solve_without_each(pv_als_row *row, pv_error *error)
{
    size_t d = n_factors_of(row), n = (size_t)row->n, n_waiting = 0;
    if (!pv_reserve((void **)&row->without_factors, &row->without_capacity, n * d, sizeof *row->without_factors) ||
        !pv_reserve((void **)&row->waiting, &row->waiting_capacity, n, sizeof *row->waiting))
        return pv_fail_memory(error, "the effects of a history", n * d * sizeof *row->without_factors);
    bool formula_holds = row->n > 1 && shorten_ridge(row);
    for (int64_t k = 0; k < row->n; ++k) {
        double *x = row->without_factors + (size_t)k * d;
        if (leaves_nothing(row, k))
            memset(x, 0, d * sizeof *x);
        else if (!formula_holds || !remove_by_formula(x, row, k, row->without.solution))
            row->waiting[n_waiting++] = k;
    }
    for (size_t w = 0; w < n_waiting; ++w) {
        int64_t k = row->waiting[w];
        if (!remove_by_solving(row->without_factors + (size_t)k * d, row, k))
            return pv_fail(error, PV_E_INTERNAL, "a history without product row %d has no finite solution",
                           row->items[k]);
    }
    row->without_known = true;
    return PV_OK;
}

/* share[k] = t_k (H^-1 y_target) . y_k: the score is linear in b (Hu, Koren, Volinsky 2008, section 5). */
static void fill_shares(double *share, pv_als_row *row, const float *y_target)
{
    size_t d = n_factors_of(row);
    double *h = row->vector;
    for (size_t i = 0; i < d; ++i) h[i] = (double)y_target[i];
    pv_cholesky_solve(h, row->system.factor, d);
    for (int64_t k = 0; k < row->n; ++k)
        share[k] = row->targets[k] * pv_als_score(h, product_row(row, row->items[k]), (int32_t)d);
}

pv_status pv_als_row_effects(double *score, double *share, double *without, pv_als_row *row, int32_t target,
                             pv_error *error)
{
    size_t d = n_factors_of(row), n = (size_t)row->n;
    if (target < 0 || target >= row->model.n_products)
        return pv_fail(error, PV_E_INTERNAL, "product row %d of %lld", target, (long long)row->model.n_products);
    bool empty = row->n_targets == 0; /* x = 0 with and without any item; no system was built */
    if (without && !empty && !row->without_known) {
        pv_status status = solve_without_each(row, error);
        if (status != PV_OK) return status;
    }
    const float *y = product_row(row, target);
    *score = pv_als_score(row->system.solution, y, (int32_t)d);
    if (share && empty) memset(share, 0, n * sizeof *share);
    if (share && !empty) fill_shares(share, row, y);
    for (size_t k = 0; without && k < n; ++k)
        without[k] = empty ? 0.0 : pv_als_score(row->without_factors + k * d, y, (int32_t)d);
    return PV_OK;
}
