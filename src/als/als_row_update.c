/* als_row_update.c - one row of one half step: conjugate gradients on packed neighbour rows, or Cholesky. */
#include "als/als_row_update.h"
#include "als/als_terms.h"
#include "base/failure.h"
#include "base/memory.h"
#include <float.h>
#include <math.h>
#include <string.h>

/* Neighbour rows stay in the second-level cache between the passes over them. */
enum { PACKED_BYTES = 512 * 1024 };

void pv_als_background_round(float *out, const pv_als_background *background, size_t n_factors)
{
    size_t stride = pv_kernel_padded(n_factors);
    memset(out, 0, stride * stride * sizeof *out);
    for (size_t i = 0; i < n_factors; ++i)
        for (size_t j = 0; j < n_factors; ++j)
            out[i * stride + j] = (float)(background->weight * background->gram[i * n_factors + j]);
}

pv_status pv_als_scratch_init(pv_als_scratch *scratch, size_t n_factors, int64_t max_pairs, pv_error *error)
{
    size_t stride = pv_kernel_padded(n_factors), n_pairs = (size_t)max_pairs;
    size_t most_rows = PACKED_BYTES / (stride * sizeof *scratch->packed);
    *scratch = (pv_als_scratch){.packed_rows = n_pairs < most_rows ? n_pairs : most_rows, .failed_row = INT64_MAX};
    scratch->coefficients = pv_allocate(n_pairs, sizeof *scratch->coefficients);
    scratch->targets = pv_allocate(n_pairs, sizeof *scratch->targets);
    scratch->coefficients_float = pv_allocate(n_pairs, sizeof *scratch->coefficients_float);
    scratch->targets_float = pv_allocate(n_pairs, sizeof *scratch->targets_float);
    scratch->packed = pv_allocate(scratch->packed_rows, stride * sizeof *scratch->packed);
    scratch->vectors = pv_allocate(6 * stride, sizeof *scratch->vectors);
    scratch->wide_vectors = pv_allocate(2 * n_factors, sizeof *scratch->wide_vectors);
    bool complete = pv_als_system_init(&scratch->system, n_factors) && scratch->coefficients && scratch->targets &&
                    scratch->coefficients_float && scratch->targets_float && scratch->packed && scratch->vectors &&
                    scratch->wide_vectors;
    if (complete) return PV_OK;
    return pv_fail_memory(error, "one thread's row solver", 24 * n_pairs + PACKED_BYTES + 16 * n_factors * n_factors);
}

void pv_als_scratch_deinit(pv_als_scratch *scratch)
{
    pv_als_system_deinit(&scratch->system);
    pv_release(scratch->coefficients);
    pv_release(scratch->targets);
    pv_release(scratch->coefficients_float);
    pv_release(scratch->targets_float);
    pv_release(scratch->packed);
    pv_release(scratch->vectors);
    pv_release(scratch->wide_vectors);
}

/* The row at hand: its neighbours in the fixed side, its c_k and t_k (in the scratch) and its ridge. */
typedef struct row_problem {
    const pv_als_half *half;
    pv_als_scratch *scratch;
    pv_rows neighbours;
    double ridge;
    const float *mean; /* NULL: 0 */
} row_problem;

/* False when no pair has a target and the mean is 0: b = 0 and so x = 0. */
static bool set_terms(row_problem *problem, int64_t row)
{
    const pv_als_half *half = problem->half;
    pv_als_scratch *scratch = problem->scratch;
    int64_t first = half->pairs->row_offsets[row];
    size_t n = (size_t)(half->pairs->row_offsets[row + 1] - first);
    const float *weights = half->pairs->weights + first;
    bool any_target = false;
    for (size_t k = 0; k < n; ++k) {
        double weight = (double)weights[k];
        scratch->coefficients[k] = pv_als_coefficient(half->settings, weight);
        scratch->targets[k] = pv_als_target(weight);
        any_target = any_target || weight > 0.0;
    }
    problem->neighbours = (pv_rows){.values = half->fixed->values,
                                    .stride = half->fixed->stride,
                                    .index = half->pairs->columns + first,
                                    .count = n};
    problem->ridge = pv_als_ridge(half->settings, (int64_t)n, half->pairs->n_columns);
    problem->mean = pv_als_mean_of(half->means, row);
    return any_target || problem->mean;
}

static bool is_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if (!isfinite(x[i])) return false;
    return true;
}

/* out = G v, [n], G full symmetric. */
static void multiply_gram(double *restrict out, const double *restrict gram, const double *restrict v, size_t n)
{
    for (size_t i = 0; i < n; ++i) out[i] = 0.0;
    for (size_t k = 0; k < n; ++k)
        for (size_t i = 0; i < n; ++i) out[i] += v[k] * gram[k * n + i];
}

/* Change of the row's part of the loss from x0 to x1, (x1 - x0)'(H (x1 + x0) - 2 b), in float64 from differences, so
 * that its sign is right where the two losses agree in all but their last digits. */
static double objective_change(const row_problem *problem, const float *x0, const float *x1)
{
    const pv_als_background *background = &problem->half->background;
    const pv_als_scratch *scratch = problem->scratch;
    const pv_kernels *kernels = pv_kernels_get();
    size_t d = problem->half->fixed->n_factors, stride = problem->half->fixed->stride;
    double *sum = scratch->wide_vectors, *gram_sum = sum + d, change = 0.0;
    for (size_t i = 0; i < d; ++i) sum[i] = (double)x1[i] + (double)x0[i];
    multiply_gram(gram_sum, background->gram, sum, d);
    for (size_t i = 0; i < d; ++i)
        change += ((double)x1[i] - (double)x0[i]) * (background->weight * gram_sum[i] + problem->ridge * sum[i]);
    for (size_t i = 0; problem->mean && i < d; ++i)
        change -= 2.0 * problem->ridge * (double)problem->mean[i] * ((double)x1[i] - (double)x0[i]);
    for (size_t k = 0; k < problem->neighbours.count; ++k) {
        const float *y = pv_rows_at(&problem->neighbours, k);
        double s0 = kernels->dot_wide(x0, y, stride), s1 = kernels->dot_wide(x1, y, stride);
        change += (s1 - s0) * (scratch->coefficients[k] * (s1 + s0) - 2.0 * scratch->targets[k]);
    }
    return change;
}

/* x_new [stride] by Cholesky. */
static bool solve_exact(float *x_new, const row_problem *problem)
{
    pv_als_scratch *scratch = problem->scratch;
    pv_als_system *system = &scratch->system;
    size_t d = system->n_factors, stride = problem->half->fixed->stride;
    pv_als_system_build(system, &problem->half->background, problem->ridge, &problem->neighbours, scratch->coefficients,
                        scratch->targets);
    for (size_t i = 0; problem->mean && i < d; ++i) system->rhs[i] += problem->ridge * (double)problem->mean[i];
    if (!pv_als_system_solve(system)) return false;
    memset(x_new, 0, stride * sizeof *x_new);
    for (size_t i = 0; i < d; ++i) x_new[i] = (float)system->solution[i];
    return is_finite(x_new, d);
}

/* out = H v - sum t y, or H v when targets is NULL. */
static void multiply_hessian(float *out, const float *v, const float *targets, const row_problem *problem)
{
    const pv_kernels *kernels = pv_kernels_get();
    size_t n = problem->half->fixed->stride;
    kernels->multiply_symmetric(out, problem->half->background_float, v, n);
    kernels->axpy(out, (float)problem->ridge, v, n);
    kernels->project(out, NULL, &problem->neighbours, problem->scratch->coefficients_float, targets, v, n);
}

/* 1 / diagonal of H; 0 where it is not positive, which leaves that coordinate out. */
static void invert_diagonal(float *inverse, const row_problem *problem)
{
    size_t n = problem->half->fixed->stride;
    for (size_t i = 0; i < n; ++i) inverse[i] = problem->half->background_float[i * n + i] + (float)problem->ridge;
    pv_kernels_get()->add_squares(inverse, &problem->neighbours, problem->scratch->coefficients_float, n);
    for (size_t i = 0; i < n; ++i) inverse[i] = inverse[i] > 0.0f ? 1.0f / inverse[i] : 0.0f;
}

/* Bring the neighbour rows next to each other and the terms to float32. */
static void pack(row_problem *problem)
{
    pv_als_scratch *scratch = problem->scratch;
    size_t n = problem->neighbours.count, stride = problem->half->fixed->stride;
    for (size_t k = 0; k < n; ++k) {
        scratch->coefficients_float[k] = (float)scratch->coefficients[k];
        scratch->targets_float[k] = (float)scratch->targets[k];
    }
    if (n > scratch->packed_rows) return;
    pv_kernels_get()->pack(scratch->packed, &problem->neighbours, stride);
    problem->neighbours = (pv_rows){.values = scratch->packed, .stride = stride, .count = n};
}

/* out = inverse * r; returns r . out. */
static float precondition(float *out, const float *inverse, const float *r, size_t n)
{
    for (size_t i = 0; i < n; ++i) out[i] = inverse[i] * r[i];
    return pv_kernels_get()->dot(r, out, n);
}

/* x_new [stride] by conjugate gradients from x. False when float32 overflowed on the way. */
static bool solve_cg(float *x_new, const float *x, row_problem *problem)
{
    const pv_kernels *kernels = pv_kernels_get();
    size_t n = problem->half->fixed->stride;
    float *r = x_new + n, *z = r + n, *p = z + n, *Hp = p + n, *inverse = Hp + n;
    pack(problem);
    invert_diagonal(inverse, problem);
    memcpy(x_new, x, n * sizeof *x);
    multiply_hessian(r, x, problem->scratch->targets_float, problem);
    if (problem->mean) kernels->axpy(r, -(float)problem->ridge, problem->mean, n);
    for (size_t i = 0; i < n; ++i) r[i] = -r[i];
    float rz = precondition(z, inverse, r, n);
    memcpy(p, z, n * sizeof *p);
    /* Below FLT_MIN products lose their digits, and steps could lead anywhere. */
    for (int step = 0; step < problem->half->cg_steps && rz > FLT_MIN; ++step) {
        multiply_hessian(Hp, p, NULL, problem);
        float curvature = kernels->dot(p, Hp, n);
        if (!isfinite(curvature)) return false;
        if (curvature <= 0.0f) break; /* H is singular along p to float32 precision */
        kernels->axpy(x_new, rz / curvature, p, n);
        kernels->axpy(r, -(rz / curvature), Hp, n);
        float rz_before = rz;
        rz = precondition(z, inverse, r, n);
        for (size_t i = 0; i < n; ++i) p[i] = z[i] + rz / rz_before * p[i];
    }
    return isfinite(rz) && is_finite(x_new, n);
}

bool pv_als_update_row(float *x, const pv_als_half *half, int64_t row, pv_als_scratch *scratch)
{
    row_problem problem = {.half = half, .scratch = scratch};
    float *x_new = scratch->vectors;
    size_t stride = half->fixed->stride;
    if (!set_terms(&problem, row)) {
        memset(x, 0, stride * sizeof *x);
        return true;
    }
    bool solved = half->method == PV_ALS_CG && solve_cg(x_new, x, &problem);
    /* Weights that float32 cannot hold squares of may still have a row in float64. */
    if (!solved && !solve_exact(x_new, &problem)) return false;
    if (objective_change(&problem, x, x_new) <= 0.0) memcpy(x, x_new, stride * sizeof *x);
    return true;
}
