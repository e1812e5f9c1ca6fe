/* als_fit.c - alternating least squares: users given products, products given users, again and again.
 *
 * Every sum that crosses rows (Gram matrices, loss) is taken over pieces fixed by the data and in their order; a row is
 * solved by one thread from inputs that no one writes meanwhile. So the bits do not depend on the number of threads.
 */
#include "als/als.h"
#include "als/als_loss.h"
#include "als/als_row_update.h"
#include "als/als_terms.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/timestamp.h"
#include <math.h>

enum { CG_STEPS = 3 };

/* One of the two sides. */
typedef struct side {
    const char *name; /* for messages */
    const pv_pairs *pairs;
    pv_als_chunks chunks;
    pv_als_factors factors;
    double *gram; /* of `factors`, [n_factors x n_factors] */
} side;

typedef struct fit {
    const pv_als_settings *settings;
    pv_threads *threads;
    pv_als_transpose by_product;
    side users, products;
    double *gram_partials, *loss_partials;
    float *background_float;
    pv_als_scratch *scratch; /* [threads] */
    unsigned n_scratch;
} fit;

static pv_status side_init(side *s, const char *name, const pv_pairs *pairs, size_t n_factors, pv_error *error)
{
    pv_status status = PV_OK;
    s->name = name;
    s->pairs = pairs;
    PV_TRY(pv_als_chunks_init(&s->chunks, pairs, error));
    PV_TRY(pv_als_factors_init(&s->factors, pairs->n_rows, n_factors, error));
    s->gram = pv_allocate(n_factors * n_factors, sizeof *s->gram);
    if (!s->gram) PV_TRY(pv_fail_memory(error, "a Gram matrix", n_factors * n_factors * sizeof *s->gram));
cleanup:
    return status;
}

static void side_deinit(side *s)
{
    pv_als_chunks_deinit(&s->chunks);
    pv_als_factors_deinit(&s->factors);
    pv_release(s->gram);
}

static int64_t longest_row(const pv_pairs *pairs)
{
    int64_t longest = 0;
    for (int64_t row = 0; row < pairs->n_rows; ++row) {
        int64_t length = pairs->row_offsets[row + 1] - pairs->row_offsets[row];
        if (length > longest) longest = length;
    }
    return longest;
}

static pv_status init_scratch(fit *f, size_t n_factors, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t of_users = longest_row(f->users.pairs), of_products = longest_row(f->products.pairs);
    int64_t longest = of_users > of_products ? of_users : of_products;
    unsigned n_threads = pv_threads_count(f->threads);
    f->scratch = pv_allocate(n_threads, sizeof *f->scratch);
    if (!f->scratch) PV_TRY(pv_fail_memory(error, "the row solvers", n_threads * sizeof *f->scratch));
    f->n_scratch = n_threads;
    for (unsigned t = 0; t < n_threads; ++t) PV_TRY(pv_als_scratch_init(&f->scratch[t], n_factors, longest, error));
cleanup:
    return status;
}

static pv_status fit_init(fit *f, const pv_pairs *by_user, const pv_als_settings *settings, pv_threads *threads,
                          pv_error *error)
{
    pv_status status = PV_OK;
    size_t d = (size_t)settings->n_factors, stride = pv_kernel_padded(d), n_partials = pv_als_gram_partials(d);
    *f = (fit){.settings = settings, .threads = threads};
    PV_TRY(pv_als_transpose_init(&f->by_product, by_user, error));
    PV_TRY(side_init(&f->users, "user", by_user, d, error));
    PV_TRY(side_init(&f->products, "product", &f->by_product.pairs, d, error));
    f->gram_partials = pv_allocate(n_partials, sizeof *f->gram_partials);
    f->loss_partials = pv_allocate(f->users.chunks.count, sizeof *f->loss_partials);
    f->background_float = pv_allocate(stride * stride, sizeof *f->background_float);
    if (!f->gram_partials || !f->loss_partials || !f->background_float)
        PV_TRY(pv_fail_memory(error, "partial sums of training", n_partials * sizeof *f->gram_partials));
    PV_TRY(init_scratch(f, d, error));
cleanup:
    return status;
}

static void fit_deinit(fit *f)
{
    for (unsigned t = 0; t < f->n_scratch; ++t) pv_als_scratch_deinit(&f->scratch[t]);
    pv_release(f->scratch);
    pv_release(f->background_float);
    pv_release(f->loss_partials);
    pv_release(f->gram_partials);
    side_deinit(&f->products);
    side_deinit(&f->users);
    pv_als_transpose_deinit(&f->by_product);
}

static void update_gram(fit *f, side *s)
{
    pv_als_gram_of(s->gram, f->gram_partials, &s->factors, f->threads);
}

typedef struct draw_task {
    const side *products;
    uint64_t seed;
} draw_task;

static void draw_chunk(void *context, size_t chunk, unsigned thread)
{
    const draw_task *task = context;
    const side *products = task->products;
    size_t d = products->factors.n_factors;
    double deviation = 0.1 / sqrt((double)d);
    (void)thread;
    for (int64_t row = products->chunks.bounds[chunk]; row < products->chunks.bounds[chunk + 1]; ++row) {
        float *y = pv_als_factors_row(&products->factors, row);
        for (size_t i = 0; i < d; ++i) y[i] = (float)(deviation * pv_random_normal(task->seed, (uint64_t)row, i));
    }
}

static void draw_products(fit *f)
{
    draw_task task = {.products = &f->products, .seed = f->settings->seed};
    pv_threads_run(f->threads, f->products.chunks.count, draw_chunk, &task);
    update_gram(f, &f->products);
}

typedef struct half_task {
    pv_als_half half;
    const side *solved;
    pv_als_scratch *scratch; /* [threads] */
} half_task;

static void solve_chunk(void *context, size_t chunk, unsigned thread)
{
    const half_task *task = context;
    pv_als_scratch *scratch = &task->scratch[thread];
    const pv_als_chunks *chunks = &task->solved->chunks;
    for (int64_t row = chunks->bounds[chunk]; row < chunks->bounds[chunk + 1]; ++row) {
        float *x = pv_als_factors_row(&task->solved->factors, row);
        if (!pv_als_update_row(x, &task->half, row, scratch) && row < scratch->failed_row) scratch->failed_row = row;
    }
}

/* Solve every row of `solved` given `fixed`, whose Gram matrix is up to date. */
static pv_status half_step(fit *f, side *solved, const side *fixed, pv_als_method method, pv_error *error)
{
    half_task task = {.solved = solved, .scratch = f->scratch};
    task.half = (pv_als_half){.settings = f->settings,
                              .pairs = solved->pairs,
                              .fixed = &fixed->factors,
                              .background = {fixed->gram, pv_als_background_weight(f->settings)},
                              .background_float = f->background_float,
                              .method = method,
                              .cg_steps = CG_STEPS};
    pv_als_background_round(f->background_float, &task.half.background, fixed->factors.n_factors);
    pv_threads_run(f->threads, solved->chunks.count, solve_chunk, &task);
    int64_t failed_row = INT64_MAX;
    for (unsigned t = 0; t < f->n_scratch; ++t)
        if (f->scratch[t].failed_row < failed_row) failed_row = f->scratch[t].failed_row;
    if (failed_row == INT64_MAX) return PV_OK;
    return pv_fail_at(error, PV_E_INPUT, failed_row,
                      "the factors of %s row %lld are not finite: weights or regularization too large", solved->name,
                      (long long)failed_row);
}

static double current_loss(const fit *f)
{
    pv_als_loss_input input = {.settings = f->settings,
                               .by_user = f->users.pairs,
                               .user_chunks = &f->users.chunks,
                               .product_offsets = f->by_product.row_offsets,
                               .X = &f->users.factors,
                               .Y = &f->products.factors,
                               .user_gram = f->users.gram,
                               .product_gram = f->products.gram,
                               .partials = f->loss_partials};
    return pv_als_loss_of(&input, f->threads);
}

static pv_status iterate(fit *f, pv_als_iteration_done *done, void *context, pv_error *error)
{
    pv_status status = PV_OK;
    pv_als_method method = f->settings->solver == PV_SOLVER_CHOLESKY ? PV_ALS_EXACT : PV_ALS_CG;
    for (int32_t iteration = 1; iteration <= f->settings->iterations; ++iteration) {
        double start = pv_clock_seconds();
        PV_TRY(half_step(f, &f->users, &f->products, method, error));
        update_gram(f, &f->users);
        PV_TRY(half_step(f, &f->products, &f->users, method, error));
        update_gram(f, &f->products);
        double loss = current_loss(f);
        if (!isfinite(loss))
            PV_TRY(pv_fail(error, PV_E_INPUT, "the training loss of iteration %d is not finite: weights too large",
                           iteration));
        if (done && done(context, iteration, loss, pv_clock_seconds() - start) != 0)
            PV_TRY(pv_fail(error, PV_E_INTERRUPTED, "training interrupted after iteration %d", iteration));
    }
cleanup:
    return status;
}

pv_status pv_als_fit(float *X, float *Y, const pv_pairs *by_user, const pv_als_settings *settings, pv_threads *threads,
                     pv_als_iteration_done *done, void *context, pv_error *error)
{
    fit f;
    pv_status status = PV_OK;
    PV_TRY(fit_init(&f, by_user, settings, threads, error));
    draw_products(&f);
    PV_TRY(iterate(&f, done, context, error));
    PV_TRY(half_step(&f, &f.users, &f.products, PV_ALS_EXACT, error));
    pv_als_factors_write(X, &f.users.factors);
    pv_als_factors_write(Y, &f.products.factors);
cleanup:
    fit_deinit(&f);
    return status;
}
