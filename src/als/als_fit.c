/* als_fit.c - alternating least squares: users given products, products given users, again and again.
 *
 * Every sum that crosses rows (Gram matrices, loss) is taken over pieces fixed by the data and in their order; a row is
 * solved by one thread from inputs that no one writes meanwhile. So the bits do not depend on the number of threads.
 */
#include "als/als.h"
#include "als/als_eigen_fit.h"
#include "als/als_loss.h"
#include "als/als_row_update.h"
#include "als/als_terms.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/timestamp.h"
#include <math.h>
#include <string.h>

enum { CG_STEPS = 3 };

typedef struct fit {
    const pv_als_settings *settings;
    pv_threads *threads;
    pv_als_transpose by_product;
    pv_als_side users, products;
} fit;

/* What `cg` and `cholesky` need beside. */
typedef struct plain_fit {
    fit *base;
    double *user_gram, *product_gram; /* X'X, Y'Y, [n_factors x n_factors] */
    double *gram_partials, *loss_partials;
    float *background_float;
    pv_als_scratch *scratch; /* [n_scratch] */
    unsigned n_scratch;
} plain_fit;

static pv_status init_scratch(plain_fit *f, size_t n_factors, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t of_users = pv_als_longest_row(f->base->users.pairs),
            of_products = pv_als_longest_row(f->base->products.pairs);
    int64_t longest = of_users > of_products ? of_users : of_products;
    unsigned n_threads = pv_threads_count(f->base->threads);
    f->scratch = pv_allocate(n_threads, sizeof *f->scratch);
    if (!f->scratch) PV_TRY(pv_fail_memory(error, "the row solvers", n_threads * sizeof *f->scratch));
    f->n_scratch = n_threads;
    for (unsigned t = 0; t < n_threads; ++t) PV_TRY(pv_als_scratch_init(&f->scratch[t], n_factors, longest, error));
cleanup:
    return status;
}

static pv_status plain_init(plain_fit *f, fit *base, pv_error *error)
{
    pv_status status = PV_OK;
    size_t d = (size_t)base->settings->n_factors, stride = pv_kernel_padded(d), n_partials = pv_als_gram_partials(d);
    *f = (plain_fit){.base = base};
    f->user_gram = pv_allocate(d * d, sizeof *f->user_gram);
    f->product_gram = pv_allocate(d * d, sizeof *f->product_gram);
    f->gram_partials = pv_allocate(n_partials, sizeof *f->gram_partials);
    f->loss_partials = pv_allocate(base->users.chunks.count, sizeof *f->loss_partials);
    f->background_float = pv_allocate(stride * stride, sizeof *f->background_float);
    if (!f->user_gram || !f->product_gram || !f->gram_partials || !f->loss_partials || !f->background_float)
        PV_TRY(pv_fail_memory(error, "partial sums of training", n_partials * sizeof *f->gram_partials));
    PV_TRY(init_scratch(f, d, error));
cleanup:
    return status;
}

static void plain_deinit(plain_fit *f)
{
    for (unsigned t = 0; t < f->n_scratch; ++t) pv_als_scratch_deinit(&f->scratch[t]);
    pv_release(f->scratch);
    pv_release(f->background_float);
    pv_release(f->loss_partials);
    pv_release(f->gram_partials);
    pv_release(f->product_gram);
    pv_release(f->user_gram);
}

typedef struct draw_task {
    const pv_als_side *products;
    uint64_t seed;
} draw_task;

static void draw_chunk(void *context, size_t chunk, unsigned thread)
{
    const draw_task *task = context;
    const pv_als_side *products = task->products;
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
}

typedef struct half_task {
    pv_als_half half;
    const pv_als_side *solved;
    pv_als_scratch *scratch; /* [threads] */
} half_task;

static void solve_chunk(void *context, size_t turn, unsigned thread)
{
    const half_task *task = context;
    pv_als_scratch *scratch = &task->scratch[thread];
    const pv_als_chunks *chunks = &task->solved->chunks;
    size_t chunk = (size_t)chunks->by_size[turn];
    for (int64_t row = chunks->bounds[chunk]; row < chunks->bounds[chunk + 1]; ++row) {
        float *x = pv_als_factors_row(&task->solved->factors, row);
        if (!pv_als_update_row(x, &task->half, row, scratch) && row < scratch->failed_row) scratch->failed_row = row;
    }
}

/* Solve every row of `solved` given `fixed`, whose Gram matrix is up to date. The last pass comes after the iterations.
 */
static pv_status half_step(plain_fit *f, pv_als_side *solved, const pv_als_side *fixed, const double *gram,
                           int32_t iteration, pv_error *error)
{
    bool is_last = iteration > f->base->settings->iterations;
    bool is_exact = is_last || f->base->settings->solver == PV_SOLVER_CHOLESKY;
    half_task task = {.solved = solved, .scratch = f->scratch};
    task.half = (pv_als_half){.settings = f->base->settings,
                              .pairs = solved->pairs,
                              .fixed = &fixed->factors,
                              .background = {gram, pv_als_background_weight(f->base->settings)},
                              .background_float = f->background_float,
                              .means = pv_als_side_learn(solved, iteration, is_last, f->base->threads),
                              .method = is_exact ? PV_ALS_EXACT : PV_ALS_CG,
                              .cg_steps = CG_STEPS};
    pv_als_background_round(f->background_float, &task.half.background, fixed->factors.n_factors);
    pv_threads_run(f->base->threads, solved->chunks.count, solve_chunk, &task);
    int64_t failed_row = INT64_MAX;
    for (unsigned t = 0; t < f->n_scratch; ++t)
        if (f->scratch[t].failed_row < failed_row) failed_row = f->scratch[t].failed_row;
    return failed_row == INT64_MAX ? PV_OK : pv_als_side_fail(solved, failed_row, error);
}

static const pv_als_factors *means_of(const pv_als_side *side)
{
    return side->prior && side->prior->is_learned ? &side->prior->means : NULL;
}

static double current_loss(const plain_fit *f)
{
    const pv_als_side *users = &f->base->users, *products = &f->base->products;
    pv_als_loss_input input = {.settings = f->base->settings,
                               .by_user = users->pairs,
                               .user_chunks = &users->chunks,
                               .product_offsets = f->base->by_product.row_offsets,
                               .X = &users->factors,
                               .Y = &products->factors,
                               .user_means = means_of(users),
                               .product_means = means_of(products),
                               .user_gram = f->user_gram,
                               .product_gram = f->product_gram,
                               .partials = f->loss_partials};
    return pv_als_loss_of(&input, f->base->threads) + pv_als_side_prior_loss(users) + pv_als_side_prior_loss(products);
}

static pv_status iterate(plain_fit *f, pv_als_iteration_done *done, void *context, pv_error *error)
{
    pv_status status = PV_OK;
    fit *base = f->base;
    pv_als_side *users = &base->users, *products = &base->products;
    pv_als_gram_of(f->product_gram, f->gram_partials, &products->factors, base->threads);
    for (int32_t iteration = 1; iteration <= base->settings->iterations; ++iteration) {
        double start = pv_clock_seconds();
        PV_TRY(half_step(f, users, products, f->product_gram, iteration, error));
        pv_als_gram_of(f->user_gram, f->gram_partials, &users->factors, base->threads);
        PV_TRY(half_step(f, products, users, f->user_gram, iteration, error));
        pv_als_gram_of(f->product_gram, f->gram_partials, &products->factors, base->threads);
        double loss = current_loss(f);
        if (!isfinite(loss))
            PV_TRY(pv_fail(error, PV_E_INPUT, "the training loss of iteration %d is not finite: weights too large",
                           iteration));
        if (done && done(context, iteration, loss, pv_clock_seconds() - start) != 0)
            PV_TRY(pv_fail(error, PV_E_INTERRUPTED, "training interrupted after iteration %d", iteration));
    }
    PV_TRY(half_step(f, users, products, f->product_gram, base->settings->iterations + 1, error));
cleanup:
    return status;
}

static pv_status fit_plain(fit *base, pv_als_iteration_done *done, void *context, pv_error *error)
{
    plain_fit f;
    pv_status status = PV_OK;
    PV_TRY(plain_init(&f, base, error));
    PV_TRY(iterate(&f, done, context, error));
cleanup:
    plain_deinit(&f);
    return status;
}

/* The prior of one side, where there are features and they are to be used. */
static pv_status add_prior(pv_als_side *side, pv_als_prior *prior, const pv_als_features *features, double strength,
                           const pv_als_settings *settings, pv_threads *threads, pv_error *error)
{
    if (!features || features->rows.n_columns == 0 || !(strength > 0.0)) return PV_OK;
    side->prior = prior;
    return pv_als_prior_init(prior, &features->rows, side->pairs, settings, strength, threads, error);
}

static void write_weights(const pv_als_features *features, const pv_als_side *side, size_t n_factors)
{
    if (!features) return;
    memset(features->weights, 0, (size_t)features->rows.n_columns * n_factors * sizeof *features->weights);
    if (side->prior) pv_als_factors_write(features->weights, &side->prior->weights);
}

pv_status pv_als_fit_with_features(float *X, float *Y, const pv_als_features *user_features,
                                   const pv_als_features *product_features, const pv_pairs *by_user,
                                   const pv_als_settings *settings, pv_threads *threads, pv_als_iteration_done *done,
                                   void *context, pv_error *error)
{
    size_t d = (size_t)settings->n_factors;
    fit f = {.settings = settings, .threads = threads};
    pv_als_prior user_prior = {0}, product_prior = {0};
    pv_status status = PV_OK;
    PV_TRY(pv_als_transpose_init(&f.by_product, by_user, threads, error));
    PV_TRY(pv_als_side_init(&f.users, "user", by_user, X, d, error));
    PV_TRY(pv_als_side_init(&f.products, "product", &f.by_product.pairs, Y, d, error));
    PV_TRY(
        add_prior(&f.users, &user_prior, user_features, settings->user_side_regularization, settings, threads, error));
    PV_TRY(add_prior(&f.products, &product_prior, product_features, settings->product_side_regularization, settings,
                     threads, error));
    draw_products(&f);
    if (settings->solver == PV_SOLVER_AUTO)
        PV_TRY(pv_als_eigen_fit(&f.users, &f.products, settings, threads, done, context, error));
    else
        PV_TRY(fit_plain(&f, done, context, error));
    pv_als_factors_write(X, &f.users.factors);
    pv_als_factors_write(Y, &f.products.factors);
    write_weights(user_features, &f.users, d);
    write_weights(product_features, &f.products, d);
cleanup:
    pv_als_prior_deinit(&user_prior);
    pv_als_prior_deinit(&product_prior);
    pv_als_side_deinit(&f.users);
    pv_als_side_deinit(&f.products);
    pv_als_transpose_deinit(&f.by_product);
    return status;
}

pv_status pv_als_fit(float *X, float *Y, const pv_pairs *by_user, const pv_als_settings *settings, pv_threads *threads,
                     pv_als_iteration_done *done, void *context, pv_error *error)
{
    return pv_als_fit_with_features(X, Y, NULL, NULL, by_user, settings, threads, done, context, error);
}
