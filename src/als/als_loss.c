/* als_loss.c - the training loss: observed pairs one by one, all pairs by two Gram matrices, the ridge. */
#include "als/als_loss.h"
#include "als/als_prior.h"
#include "als/als_terms.h"
#include "base/failure.h"
#include "base/memory.h"

/* |row - mean|^2. */
static double squared_distance(const pv_als_factors *rows, const pv_als_factors *means, int64_t row)
{
    const float *x = pv_als_factors_row(rows, row), *mean = pv_als_mean_of(means, row);
    return mean ? pv_als_squared_distance(x, mean, rows->stride) : pv_kernels_get()->dot_wide(x, x, rows->stride);
}

/* What user u adds: sum_obs |w| (target - s)^2 (hkv: - s^2, which the sum over all pairs counted) and its ridge. */
static double user_loss(const pv_als_loss_input *input, int64_t u)
{
    const pv_kernels *kernels = pv_kernels_get();
    const pv_pairs *pairs = input->by_user;
    size_t stride = input->X->stride;
    const float *x = pv_als_factors_row(input->X, u);
    int64_t first = pairs->row_offsets[u], last = pairs->row_offsets[u + 1];
    double counted = input->settings->loss == PV_LOSS_HKV ? 1.0 : 0.0;
    double sum = pv_als_ridge(input->settings, last - first, pairs->n_columns) *
                 squared_distance(input->X, input->user_means, u);
    for (int64_t k = first; k < last; ++k) {
        double s = kernels->dot_wide(x, pv_als_factors_row(input->Y, pairs->columns[k]), stride);
        double weight = (double)pairs->weights[k], miss = (weight > 0.0 ? 1.0 : 0.0) - s;
        sum += fabs(weight) * miss * miss - counted * s * s;
    }
    return sum;
}

static void add_chunk(void *context, size_t chunk, unsigned thread)
{
    const pv_als_loss_input *input = context;
    (void)thread;
    double sum = 0.0;
    for (int64_t u = input->user_chunks->bounds[chunk]; u < input->user_chunks->bounds[chunk + 1]; ++u)
        sum += user_loss(input, u);
    input->partials[chunk] = sum;
}

static double product_ridge(const pv_als_loss_input *input)
{
    const pv_als_factors *Y = input->Y;
    double sum = 0.0;
    for (int64_t i = 0; i < Y->n_rows; ++i) {
        int64_t n_pairs = input->product_offsets[i + 1] - input->product_offsets[i];
        sum += pv_als_ridge(input->settings, n_pairs, input->X->n_rows) * squared_distance(Y, input->product_means, i);
    }
    return sum;
}

double pv_als_loss_of(const pv_als_loss_input *input, pv_threads *threads)
{
    size_t d = input->X->n_factors;
    pv_als_loss_input task = *input;
    pv_threads_run(threads, input->user_chunks->count, add_chunk, &task);
    double all_pairs = 0.0; /* sum over all u, i of s^2 = <X'X, Y'Y> */
    for (size_t i = 0; i < d * d; ++i) all_pairs += input->user_gram[i] * input->product_gram[i];
    double loss = pv_als_background_weight(input->settings) * all_pairs;
    for (size_t chunk = 0; chunk < input->user_chunks->count; ++chunk) loss += input->partials[chunk];
    return loss + product_ridge(input);
}

pv_status pv_als_loss(double *loss, const float *X, const float *Y, const pv_pairs *by_user,
                      const pv_als_settings *settings, pv_threads *threads, pv_error *error)
{
    size_t d = (size_t)settings->n_factors, n_gram_partials = pv_als_gram_partials(d);
    size_t n_scratch = 2 * d * d + n_gram_partials;
    pv_als_factors users = {0}, products = {0};
    pv_als_chunks chunks = {0};
    int64_t *product_offsets = NULL;
    double *scratch = NULL, *partials = NULL;
    pv_status status = PV_OK;
    PV_TRY(pv_als_factors_init(&users, by_user->n_rows, d, error));
    PV_TRY(pv_als_factors_init(&products, by_user->n_columns, d, error));
    PV_TRY(pv_als_chunks_init(&chunks, by_user, error));
    product_offsets = pv_allocate((size_t)by_user->n_columns + 1, sizeof *product_offsets);
    scratch = pv_allocate(n_scratch, sizeof *scratch);
    partials = pv_allocate(chunks.count, sizeof *partials);
    if (!product_offsets || !scratch || !partials)
        PV_TRY(pv_fail_memory(error, "the training loss", n_scratch * sizeof *scratch));

    pv_als_factors_read(&users, X);
    pv_als_factors_read(&products, Y);
    pv_als_column_offsets(product_offsets, by_user);
    double *user_gram = scratch, *product_gram = user_gram + d * d, *gram_partials = product_gram + d * d;
    pv_als_gram_of(user_gram, gram_partials, &users, threads);
    pv_als_gram_of(product_gram, gram_partials, &products, threads);
    pv_als_loss_input input = {.settings = settings,
                               .by_user = by_user,
                               .user_chunks = &chunks,
                               .product_offsets = product_offsets,
                               .X = &users,
                               .Y = &products,
                               .user_gram = user_gram,
                               .product_gram = product_gram,
                               .partials = partials};
    *loss = pv_als_loss_of(&input, threads);
cleanup:
    pv_release(partials);
    pv_release(scratch);
    pv_release(product_offsets);
    pv_als_chunks_deinit(&chunks);
    pv_als_factors_deinit(&products);
    pv_als_factors_deinit(&users);
    return status;
}
