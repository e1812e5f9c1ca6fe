/* als_eigen_row.c - see als_eigen_row.h. */
#include "als/als_eigen_row.h"
#include "als/als_terms.h"
#include "base/failure.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

enum {
    PACKED_BYTES = 1 << 20,   /* rows beyond are long: their passes would come from the third-level cache */
    IN_PLACE_BYTES = 1 << 17, /* neighbours that stay near after the first pass are not copied at all */
    LONG_BLOCK = 256,         /* neighbour rows of a long row taken at a time */
    COUPLED_ROWS = 48,        /* rows multiplied with the coupling at a time */
    MOST_REFINEMENTS = 4      /* of the last pass; none is usual */
};

/* The last pass aims below the promised 1e-6, so that rounding x to float32 stays within it. */
static const double AIMED_RESIDUAL = 2.5e-7, PROMISED_RESIDUAL = 8e-7;

pv_status pv_als_eigen_scratch_init(pv_als_eigen_scratch *scratch, size_t n_factors, int64_t longest_row,
                                    pv_error *error)
{
    size_t n = pv_kernel_padded(n_factors), capacity = PACKED_BYTES / (n * sizeof(float));
    if (capacity > (size_t)longest_row) capacity = (size_t)longest_row;
    if (capacity < 2 * LONG_BLOCK) capacity = 2 * LONG_BLOCK;
    *scratch = (pv_als_eigen_scratch){.capacity = capacity, .failed_row = INT64_MAX};
    scratch->packed = pv_allocate(capacity, n * sizeof *scratch->packed);
    scratch->coefficients = pv_allocate(capacity, sizeof *scratch->coefficients);
    scratch->targets = pv_allocate(capacity, sizeof *scratch->targets);
    scratch->dots = pv_allocate(capacity, sizeof *scratch->dots);
    scratch->vectors = pv_allocate(9 * n, sizeof *scratch->vectors);
    scratch->couplings = pv_allocate(COUPLED_ROWS, n * sizeof *scratch->couplings);
    scratch->wide = pv_allocate(n * n + n, sizeof *scratch->wide);
    bool complete = pv_als_system_init(&scratch->system, n_factors) && scratch->packed && scratch->coefficients &&
                    scratch->targets && scratch->dots && scratch->vectors && scratch->couplings && scratch->wide;
    if (complete) return PV_OK;
    return pv_fail_memory(error, "one thread's row solver", PACKED_BYTES + 5 * n * n * sizeof(double));
}

void pv_als_eigen_scratch_deinit(pv_als_eigen_scratch *scratch)
{
    pv_release(scratch->packed);
    pv_release(scratch->coefficients);
    pv_release(scratch->targets);
    pv_release(scratch->dots);
    pv_release(scratch->vectors);
    pv_release(scratch->couplings);
    pv_release(scratch->wide);
    pv_als_system_deinit(&scratch->system);
}

/* c_k and t_k of pairs [first, first + n); whether any has a target. */
static bool set_terms(pv_als_eigen_scratch *scratch, const pv_als_eigen_half *half, int64_t first, size_t n)
{
    const float *weights = half->pairs->weights + first;
    const float counted = half->settings->loss == PV_LOSS_HKV ? 1.0f : 0.0f;
    float any = 0.0f;
    for (size_t k = 0; k < n; ++k) {
        float target = weights[k] > 0.0f ? weights[k] : 0.0f;
        scratch->coefficients[k] = fabsf(weights[k]) - counted;
        scratch->targets[k] = target;
        any = target > any ? target : any;
    }
    return any > 0.0f;
}

/* The neighbours of pairs [first, first + n) where they stand. */
static pv_rows neighbours_of(const pv_als_eigen_half *half, int64_t first, size_t n)
{
    return (pv_rows){.values = half->fixed->values,
                     .stride = half->fixed->stride,
                     .index = half->pairs->columns + first,
                     .count = n};
}

/* The same side by side in the buffer. */
static pv_rows pack(pv_als_eigen_scratch *scratch, const pv_als_eigen_half *half, int64_t first, size_t n)
{
    const pv_rows neighbours = neighbours_of(half, first, n);
    pv_kernels_get()->pack(scratch->packed, &neighbours, half->fixed->stride);
    return (pv_rows){.values = scratch->packed, .stride = half->fixed->stride, .count = n};
}

/* sum_k c s^2 - 2 t s + t over the dots at hand. */
static double observed_loss(const pv_als_eigen_scratch *scratch, size_t n)
{
    double sum = 0.0;
    for (size_t k = 0; k < n; ++k) {
        double s = (double)scratch->dots[k], t = (double)scratch->targets[k];
        sum += ((double)scratch->coefficients[k] * s - 2.0 * t) * s + t;
    }
    return sum;
}

static double ridge_of(const pv_als_eigen_half *half, int64_t row)
{
    int64_t n_pairs = half->pairs->row_offsets[row + 1] - half->pairs->row_offsets[row];
    return pv_als_ridge(half->settings, n_pairs, half->pairs->n_columns);
}

/* --- exact rows -------------------------------------------------------------------------------------------------- */

/* x [stride] from H (lower triangle) and b in `system`, whose background and prior are still missing. */
static bool solve_dense(float *x, const double *system, const pv_als_eigen_half *half, int64_t row,
                        pv_als_eigen_scratch *scratch)
{
    size_t d = half->basis->n_factors, n = half->basis->stride;
    double ridge = ridge_of(half, row);
    const float *mean = pv_als_mean_of(half->means, row);
    double *H = scratch->system.hessian;
    for (size_t i = 0; i < d; ++i) {
        for (size_t j = 0; j <= i; ++j)
            H[i * d + j] = H[j * d + i] = system[i * n + j] + half->basis->weight * half->basis->gram[i * n + j];
        H[i * d + i] += ridge;
        scratch->system.rhs[i] = system[n * n + i] + (mean ? ridge * (double)mean[i] : 0.0);
    }
    if (!pv_als_system_solve(&scratch->system)) return false;
    for (size_t i = 0; i < d; ++i) x[i] = (float)scratch->system.solution[i];
    for (size_t i = d; i < n; ++i) x[i] = 0.0f;
    return true;
}

/* The same sums as pv_als_eigen_add_pairs() in float64: for the last pass and for weights that float32 cannot hold the
 * sums of. */
static void add_pairs_wide(double *system, const pv_als_eigen_half *half, int64_t first, int64_t last)
{
    size_t d = half->basis->n_factors, n = half->basis->stride;
    double *b = system + n * n, coefficients[LONG_BLOCK];
    for (int64_t k = first; k < last; k += LONG_BLOCK) {
        size_t count = last - k < LONG_BLOCK ? (size_t)(last - k) : LONG_BLOCK;
        const pv_rows rows = {.values = half->fixed->values,
                              .stride = half->fixed->stride,
                              .index = half->pairs->columns + k,
                              .count = count};
        for (size_t r = 0; r < count; ++r) {
            const float *row = pv_rows_at(&rows, r);
            double weight = (double)half->pairs->weights[k + (int64_t)r], target = pv_als_target(weight);
            coefficients[r] = pv_als_coefficient(half->settings, weight);
            for (size_t i = 0; i < d; ++i) b[i] += target * (double)row[i];
        }
        pv_kernels_get()->add_outer(system, &rows, coefficients, n);
    }
}

static bool solve_exact(float *x, const pv_als_eigen_half *half, int64_t row, pv_als_eigen_scratch *scratch)
{
    size_t n = half->basis->stride;
    memset(scratch->wide, 0, (n * n + n) * sizeof *scratch->wide);
    add_pairs_wide(scratch->wide, half, half->pairs->row_offsets[row], half->pairs->row_offsets[row + 1]);
    return solve_dense(x, scratch->wide, half, row, scratch);
}

/* --- conjugate gradients ----------------------------------------------------------------------------------------- */

/* The row at hand. */
typedef struct row_problem {
    const pv_als_basis *basis;
    double ridge;
    const float *mean; /* NULL: 0 */
    pv_row_system system;
} row_problem;

/* gradient [n] = H x - b in float64, in the last pass, where the background is exactly diagonal; returns its norm. */
static double wide_gradient(double *gradient, const float *x, const row_problem *problem)
{
    const pv_row_system *system = &problem->system;
    size_t n = system->n;
    double squared = 0.0;
    for (size_t i = 0; i < n; ++i)
        gradient[i] = (problem->basis->weight * problem->basis->gram[i * n + i] + problem->ridge) * (double)x[i];
    for (size_t i = 0; problem->mean && i < n; ++i) gradient[i] -= problem->ridge * (double)problem->mean[i];
    pv_kernels_get()->project_wide(gradient, &system->rows, system->coefficients, system->targets, x, n);
    for (size_t i = 0; i < n; ++i) squared += gradient[i] * gradient[i];
    return sqrt(squared);
}

/* Go on from x until the promise of the last pass holds. False when float32 does not get there. */
static bool refine(float *x, const row_problem *problem, double size_of_b, pv_als_eigen_scratch *scratch)
{
    const pv_kernels *kernels = pv_kernels_get();
    pv_row_system rest = problem->system;
    size_t n = rest.n;
    float *correction = scratch->vectors + 6 * n, *start = correction + n;
    rest.targets = NULL;
    rest.coupling = start;
    for (int turn = 0;; ++turn) {
        double size = wide_gradient(scratch->wide, x, problem);
        if (size <= PROMISED_RESIDUAL * size_of_b) return true;
        if (turn == MOST_REFINEMENTS || !isfinite(size)) return false;
        for (size_t i = 0; i < n; ++i) start[i] = (float)scratch->wide[i];
        memset(correction, 0, n * sizeof *correction);
        float limit = (float)(AIMED_RESIDUAL * size_of_b);
        kernels->conjugate_gradients(correction, scratch->dots, scratch->vectors, &rest, 2 * n, limit * limit);
        kernels->axpy(x, 1.0f, correction, n);
    }
}

/* To the promised residual: x [stride] holds where to start from. */
static bool solve_to_tolerance(float *x, const row_problem *problem, pv_als_eigen_scratch *scratch, double *observed)
{
    const pv_kernels *kernels = pv_kernels_get();
    const pv_row_system *system = &problem->system;
    size_t n = system->n;
    float *b = scratch->vectors;
    memset(b, 0, n * sizeof *b);
    kernels->add_rows(b, &system->rows, system->targets, n);
    if (problem->mean) kernels->axpy(b, (float)problem->ridge, problem->mean, n);
    double size_of_b = sqrt((double)kernels->dot(b, b, n));
    float limit = (float)(AIMED_RESIDUAL * size_of_b);
    kernels->conjugate_gradients(x, scratch->dots, scratch->vectors, system, 2 * n, limit * limit);
    *observed += observed_loss(scratch, system->rows.count);
    return refine(x, problem, size_of_b, scratch);
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

/* Take x_new over into the row. False when it is not finite. */
static bool accept(pv_als_row_sums *sums, const pv_als_eigen_half *half, int64_t row, const float *x_new, double ridge)
{
    size_t n = half->basis->stride;
    float *x = pv_als_factors_row(half->solved, row), relaxation = (float)half->relaxation;
    if (!isfinite(pv_kernels_get()->dot(x_new, x_new, n))) return false;
    if (relaxation == 0.0f)
        memcpy(x, x_new, n * sizeof *x);
    else
        for (size_t i = 0; i < n; ++i) x[i] = x_new[i] + relaxation * (x_new[i] - x[i]);
    sums->ridge += ridge * pv_als_squared_distance(x, pv_als_mean_of(half->means, row), n);
    return true;
}

static void fail_row(pv_als_eigen_scratch *scratch, int64_t row)
{
    if (row < scratch->failed_row) scratch->failed_row = row;
}

/* out = coupling - ridge mean: what the first residual of conjugate gradients takes in. */
static const float *add_prior(float *out, const float *coupling, const float *mean, float ridge, size_t n)
{
    if (coupling)
        memcpy(out, coupling, n * sizeof *out);
    else
        memset(out, 0, n * sizeof *out);
    pv_kernels_get()->axpy(out, -ridge, mean, n);
    return out;
}

static void solve_short_row(pv_als_row_sums *sums, const pv_als_eigen_half *half, int64_t row, const float *coupling,
                            pv_als_eigen_scratch *scratch)
{
    const pv_als_basis *basis = half->basis;
    int64_t first = half->pairs->row_offsets[row];
    size_t count = (size_t)(half->pairs->row_offsets[row + 1] - first), n = basis->stride;
    float *x = pv_als_factors_row(half->solved, row);
    double ridge = ridge_of(half, row);
    const float *mean = pv_als_mean_of(half->means, row);
    if (!set_terms(scratch, half, first, count) && !mean) {
        memset(x, 0, n * sizeof *x);
        return;
    }
    if (mean) coupling = add_prior(scratch->vectors + 8 * n, coupling, mean, (float)ridge, n);
    float *x_new = scratch->vectors + 4 * n, *diagonal = x_new + n, added = (float)ridge;
    for (size_t i = 0; i < n; ++i) {
        float sum = basis->diagonal[i] + added;
        diagonal[i] = sum > basis->floor ? sum : basis->floor;
    }
    memcpy(x_new, x, n * sizeof *x);
    const row_problem problem = {.basis = basis,
                                 .ridge = ridge,
                                 .mean = mean,
                                 .system = {.rows = count * n * sizeof(float) <= IN_PLACE_BYTES
                                                        ? neighbours_of(half, first, count)
                                                        : pack(scratch, half, first, count),
                                            .coefficients = scratch->coefficients,
                                            .targets = scratch->targets,
                                            .diagonal = diagonal,
                                            .coupling = coupling,
                                            .n = n}};
    bool solved = true;
    if (half->cg_steps > 0) {
        pv_kernels_get()->conjugate_gradients(x_new, scratch->dots, scratch->vectors, &problem.system, half->cg_steps,
                                              0.0f);
        if (half->is_loss_wanted) sums->observed += observed_loss(scratch, count);
    } else {
        solved = solve_to_tolerance(x_new, &problem, scratch, &sums->observed);
    }
    if (solved && accept(sums, half, row, x_new, ridge)) return;
    if (!solve_exact(x_new, half, row, scratch) || !accept(sums, half, row, x_new, ridge)) fail_row(scratch, row);
}

void pv_als_eigen_add_pairs(double *system, pv_als_row_sums *sums, const pv_als_eigen_half *half, const float *x,
                            int64_t first, int64_t last, pv_als_eigen_scratch *scratch)
{
    const pv_kernels *kernels = pv_kernels_get();
    size_t n = half->basis->stride;
    float *scaled = scratch->packed + LONG_BLOCK * n, *b = scratch->vectors, *ignored = b + n;
    for (int64_t k = first; k < last; k += LONG_BLOCK) {
        size_t count = last - k < LONG_BLOCK ? (size_t)(last - k) : LONG_BLOCK;
        set_terms(scratch, half, k, count);
        const pv_rows packed = pack(scratch, half, k, count);
        for (size_t r = 0; r < count; ++r)
            for (size_t i = 0; i < n; ++i) scaled[r * n + i] = scratch->coefficients[r] * scratch->packed[r * n + i];
        kernels->add_products(system, scaled, scratch->packed, count, n);
        memset(b, 0, 2 * n * sizeof *b);
        kernels->add_rows(b, &packed, scratch->targets, n);
        for (size_t i = 0; i < n; ++i) system[n * n + i] += (double)b[i];
        if (!half->is_loss_wanted) continue;
        kernels->project(ignored, scratch->dots, &packed, scratch->coefficients, NULL, x, n);
        sums->observed += observed_loss(scratch, count);
    }
}

void pv_als_eigen_finish_long_row(pv_als_row_sums *sums, double *systems, size_t n_pieces,
                                  const pv_als_eigen_half *half, int64_t row, pv_als_eigen_scratch *scratch)
{
    size_t n = half->basis->stride;
    float *x_new = scratch->vectors + 4 * n;
    double ridge = ridge_of(half, row);
    bool is_last_pass = half->cg_steps == 0;
    for (size_t piece = 1; piece < n_pieces; ++piece)
        for (size_t i = 0; i < n * n + n; ++i) systems[i] += systems[piece * (n * n + n) + i];
    bool solved =
        !is_last_pass && solve_dense(x_new, systems, half, row, scratch) && accept(sums, half, row, x_new, ridge);
    if (solved) return;
    if (!solve_exact(x_new, half, row, scratch) || !accept(sums, half, row, x_new, ridge)) fail_row(scratch, row);
}

static void solve_long_row(pv_als_row_sums *sums, const pv_als_eigen_half *half, int64_t row,
                           pv_als_eigen_scratch *scratch)
{
    size_t n = half->basis->stride;
    memset(scratch->wide, 0, (n * n + n) * sizeof *scratch->wide);
    pv_als_eigen_add_pairs(scratch->wide, sums, half, pv_als_factors_row(half->solved, row),
                           half->pairs->row_offsets[row], half->pairs->row_offsets[row + 1], scratch);
    pv_als_eigen_finish_long_row(sums, scratch->wide, 1, half, row, scratch);
}

void pv_als_eigen_solve_rows(pv_als_row_sums *sums, const pv_als_eigen_half *half, int64_t first, int64_t last,
                             int64_t longest, pv_als_eigen_scratch *scratch)
{
    const pv_als_basis *basis = half->basis;
    const int64_t *offsets = half->pairs->row_offsets;
    for (int64_t block = first; block < last; block += COUPLED_ROWS) {
        int64_t end = last - block < COUPLED_ROWS ? last : block + COUPLED_ROWS;
        if (basis->is_coupled)
            pv_kernels_get()->multiply(scratch->couplings, pv_als_factors_row(half->solved, block),
                                       (size_t)(end - block), basis->coupling, basis->stride);
        for (int64_t row = block; row < end; ++row) {
            const float *coupling =
                basis->is_coupled ? scratch->couplings + (size_t)(row - block) * basis->stride : NULL;
            int64_t n_pairs = offsets[row + 1] - offsets[row];
            if (n_pairs <= (int64_t)scratch->capacity)
                solve_short_row(sums, half, row, coupling, scratch);
            else if (n_pairs <= longest)
                solve_long_row(sums, half, row, scratch);
        }
    }
}
