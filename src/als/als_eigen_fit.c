/* als_eigen_fit.c - see als_eigen_fit.h.
 *
 * Sums over rows are taken chunk by chunk and added in the order of the chunks, rows that are shared by threads piece
 * by piece: cuts depend on the data alone, so the bits do not depend on the number of threads.
 */
#include "als/als_eigen_fit.h"
#include "als/als_eigen_row.h"
#include "als/als_terms.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CG_STEPS = 1, /* from random products a better solution is not worth its price */
    CG_STEPS = 2,
    RELAXED_FROM = 3, /* the first iteration that overshoots */
    SHARED_PIECES = 16,
    SHARES_OF_PAIRS = 64 /* rows with more than one such share of all pairs are split between threads */
};

static const double RELAXATION = 0.6;
static const double COUPLING_TOLERANCE = 0.1;

typedef struct eigen_fit {
    const pv_als_settings *settings;
    pv_threads *threads;
    pv_als_side *users, *products;
    pv_als_basis basis;
    pv_als_eigen_scratch *scratch; /* [n_scratch] */
    unsigned n_scratch;
    pv_als_row_sums *sums; /* [chunks], later [SHARED_PIECES] */
    double *pieces;        /* [SHARED_PIECES][stride x stride + stride] */
    int64_t longest;       /* rows up to this many pairs are solved by one thread */
    double relaxation;
    int32_t iteration; /* of the half step; one more than there are for the last pass */
} eigen_fit;

static int64_t count_pairs(const pv_pairs *pairs)
{
    return pairs->row_offsets[pairs->n_rows];
}

static pv_status fit_init(eigen_fit *f, pv_error *error)
{
    pv_status status = PV_OK;
    size_t d = (size_t)f->settings->n_factors, n = pv_kernel_padded(d);
    int64_t of_users = pv_als_longest_row(f->users->pairs), of_products = pv_als_longest_row(f->products->pairs);
    int64_t longest = of_users > of_products ? of_users : of_products;
    size_t most_chunks =
        f->users->chunks.count > f->products->chunks.count ? f->users->chunks.count : f->products->chunks.count;
    unsigned n_threads = pv_threads_count(f->threads);
    PV_TRY(pv_als_basis_init(&f->basis, d, pv_als_background_weight(f->settings), error));
    f->sums = pv_allocate(most_chunks + SHARED_PIECES, sizeof *f->sums);
    f->scratch = pv_allocate(n_threads, sizeof *f->scratch);
    if (!f->sums || !f->scratch) PV_TRY(pv_fail_memory(error, "the row solvers", n_threads * sizeof *f->scratch));
    for (; f->n_scratch < n_threads; ++f->n_scratch)
        PV_TRY(pv_als_eigen_scratch_init(&f->scratch[f->n_scratch], d, longest, error));
    f->longest = count_pairs(f->users->pairs) / SHARES_OF_PAIRS;
    if (f->longest < (int64_t)f->scratch[0].capacity) f->longest = (int64_t)f->scratch[0].capacity;
    if (longest > f->longest) {
        f->pieces = pv_allocate(SHARED_PIECES, (n * n + n) * sizeof *f->pieces);
        if (!f->pieces) PV_TRY(pv_fail_memory(error, "shared rows", SHARED_PIECES * n * n * sizeof *f->pieces));
    }
cleanup:
    return status;
}

static void fit_deinit(eigen_fit *f)
{
    for (unsigned t = 0; t < f->n_scratch; ++t) pv_als_eigen_scratch_deinit(&f->scratch[t]);
    pv_release(f->scratch);
    pv_release(f->sums);
    pv_release(f->pieces);
    pv_als_basis_deinit(&f->basis);
}

/* --- one half step ----------------------------------------------------------------------------------------------- */

typedef struct half_task {
    pv_als_eigen_half half;
    eigen_fit *fit;
    const pv_als_side *solved;
    int64_t row; /* that is shared */
} half_task;

static void solve_chunk(void *context, size_t turn, unsigned thread)
{
    half_task *task = context;
    size_t chunk = (size_t)task->solved->chunks.by_size[turn];
    const int64_t *bounds = task->solved->chunks.bounds;
    pv_als_row_sums sums = {0};
    pv_als_eigen_solve_rows(&sums, &task->half, bounds[chunk], bounds[chunk + 1], task->fit->longest,
                            &task->fit->scratch[thread]);
    task->fit->sums[chunk] = sums;
}

static void add_piece(void *context, size_t piece, unsigned thread)
{
    half_task *task = context;
    eigen_fit *f = task->fit;
    size_t n = f->basis.stride;
    int64_t first = task->half.pairs->row_offsets[task->row], last = task->half.pairs->row_offsets[task->row + 1];
    int64_t size = (last - first + SHARED_PIECES - 1) / SHARED_PIECES, from = first + size * (int64_t)piece;
    double *system = f->pieces + piece * (n * n + n);
    pv_als_row_sums sums = {0};
    memset(system, 0, (n * n + n) * sizeof *system);
    if (from < last)
        pv_als_eigen_add_pairs(system, &sums, &task->half, pv_als_factors_row(task->half.solved, task->row), from,
                               last - from < size ? last : from + size, &f->scratch[thread]);
    f->sums[piece] = sums;
}

/* Rows too long for one thread, one after the other. */
static void solve_shared_rows(pv_als_row_sums *total, half_task *task)
{
    eigen_fit *f = task->fit;
    const pv_pairs *pairs = task->half.pairs;
    for (int64_t row = 0; f->pieces && row < pairs->n_rows; ++row) {
        if (pairs->row_offsets[row + 1] - pairs->row_offsets[row] <= f->longest) continue;
        task->row = row;
        pv_threads_run(f->threads, SHARED_PIECES, add_piece, task);
        for (size_t piece = 0; piece < SHARED_PIECES; ++piece) total->observed += f->sums[piece].observed;
        pv_als_eigen_finish_long_row(total, f->pieces, SHARED_PIECES, &task->half, row, &f->scratch[0]);
    }
}

static pv_status check_rows(const eigen_fit *f, const pv_als_side *solved, pv_error *error)
{
    int64_t failed_row = INT64_MAX;
    for (unsigned t = 0; t < f->n_scratch; ++t)
        if (f->scratch[t].failed_row < failed_row) failed_row = f->scratch[t].failed_row;
    return failed_row == INT64_MAX ? PV_OK : pv_als_side_fail(solved, failed_row, error);
}

/* The smallest ridge of any row of a side, the one that hides least of the coupling. */
static double smallest_ridge(const eigen_fit *f, const pv_als_side *solved)
{
    return pv_als_ridge(f->settings, 0, solved->pairs->n_columns);
}

/* The weights of a side's features follow its rows. */
static void rotate_prior(const eigen_fit *f, pv_als_side *side)
{
    if (side->prior && side->prior->is_learned && !f->basis.is_coupled)
        pv_als_basis_rotate(&f->basis, &side->prior->weights, f->threads);
}

/* Solve every row of `solved` given `fixed`, whose Gram matrix was measured. cg_steps 0: the last pass. */
static pv_status half_step(eigen_fit *f, pv_als_side *solved, pv_als_side *fixed, size_t cg_steps, double relaxation,
                           pv_als_row_sums *total, pv_error *error)
{
    half_task task = {.fit = f, .solved = solved};
    double tolerance = cg_steps == 0 ? 0.0 : COUPLING_TOLERANCE;
    *total = (pv_als_row_sums){0};
    task.half = (pv_als_eigen_half){.settings = f->settings,
                                    .pairs = solved->pairs,
                                    .fixed = &fixed->factors,
                                    .solved = &solved->factors,
                                    .basis = &f->basis,
                                    .cg_steps = cg_steps,
                                    .is_loss_wanted = solved == f->users,
                                    .relaxation = relaxation};
    if (!pv_als_basis_prepare(&f->basis, &fixed->factors, &solved->factors, smallest_ridge(f, solved), tolerance,
                              f->threads))
        return pv_fail(error, PV_E_INPUT, "the factors of the %ss are not finite: weights too large", fixed->name);
    rotate_prior(f, fixed);
    rotate_prior(f, solved);
    task.half.means = pv_als_side_learn(solved, f->iteration, cg_steps == 0, f->threads);
    total->ridge = pv_als_side_prior_loss(solved);
    pv_threads_run(f->threads, solved->chunks.count, solve_chunk, &task);
    for (size_t chunk = 0; chunk < solved->chunks.count; ++chunk) {
        total->observed += f->sums[chunk].observed;
        total->ridge += f->sums[chunk].ridge;
    }
    solve_shared_rows(total, &task);
    return check_rows(f, solved, error);
}

/* --- iterations -------------------------------------------------------------------------------------------------- */

/* <X'X, Y'Y> = sum over all u, i of s^2, both in the same basis. */
static double all_pairs(const double *user_gram, const double *product_gram, size_t size)
{
    double sum = 0.0;
    for (size_t i = 0; i < size; ++i) sum += user_gram[i] * product_gram[i];
    return sum;
}

/* The loss a finished iteration left behind becomes known in the first pass of the next half step over the users. */
typedef struct finished {
    int32_t iteration;
    double background; /* a0 <X'X, Y'Y> */
    double ridge, seconds;
    double loss; /* of the iteration before it */
} finished;

static pv_status report(finished *last, eigen_fit *f, double observed, pv_als_iteration_done *done, void *context,
                        pv_error *error)
{
    double loss = observed + last->background + last->ridge;
    if (!isfinite(loss))
        return pv_fail(error, PV_E_INPUT, "the training loss of iteration %d is not finite: weights too large",
                       last->iteration);
    if (last->iteration > 1 && loss > last->loss) f->relaxation *= 0.5;
    last->loss = loss;
    if (done && done(context, last->iteration, loss, last->seconds) != 0)
        return pv_fail(error, PV_E_INTERRUPTED, "training interrupted after iteration %d", last->iteration);
    return PV_OK;
}

static pv_status iterate(eigen_fit *f, pv_als_iteration_done *done, void *context, pv_error *error)
{
    pv_status status = PV_OK;
    size_t size = f->basis.stride * f->basis.stride;
    double *user_gram = pv_allocate(size, sizeof *user_gram);
    finished last = {0};
    if (!user_gram) PV_TRY(pv_fail_memory(error, "a Gram matrix", size * sizeof *user_gram));
    pv_als_basis_measure(&f->basis, &f->products->factors, f->threads);
    for (int32_t iteration = 1; iteration <= f->settings->iterations; ++iteration) {
        double start = pv_clock_seconds();
        pv_als_row_sums users, products;
        size_t steps = iteration == 1 ? FIRST_CG_STEPS : CG_STEPS;
        f->iteration = iteration;
        bool is_relaxed = iteration >= RELAXED_FROM && iteration < f->settings->iterations;
        PV_TRY(half_step(f, f->users, f->products, steps, is_relaxed ? f->relaxation : 0.0, &users, error));
        if (iteration > 1) PV_TRY(report(&last, f, users.observed, done, context, error));
        pv_als_basis_measure(&f->basis, &f->users->factors, f->threads);
        PV_TRY(half_step(f, f->products, f->users, steps, is_relaxed ? f->relaxation : 0.0, &products, error));
        memcpy(user_gram, f->basis.gram, size * sizeof *user_gram);
        pv_als_basis_measure(&f->basis, &f->products->factors, f->threads);
        last.iteration = iteration;
        last.background = f->basis.weight * all_pairs(user_gram, f->basis.gram, size);
        last.ridge = users.ridge + products.ridge;
        last.seconds = pv_clock_seconds() - start;
    }
    pv_als_row_sums users;
    f->iteration = f->settings->iterations + 1;
    PV_TRY(half_step(f, f->users, f->products, 0, 0.0, &users, error));
    if (last.iteration > 0) PV_TRY(report(&last, f, users.observed, done, context, error));
cleanup:
    pv_release(user_gram);
    return status;
}

pv_status pv_als_eigen_fit(pv_als_side *users, pv_als_side *products, const pv_als_settings *settings,
                           pv_threads *threads, pv_als_iteration_done *done, void *context, pv_error *error)
{
    pv_status status = PV_OK;
    eigen_fit f = {
        .settings = settings, .threads = threads, .users = users, .products = products, .relaxation = RELAXATION};
    PV_TRY(fit_init(&f, error));
    PV_TRY(iterate(&f, done, context, error));
cleanup:
    fit_deinit(&f);
    return status;
}
