/* als_prior.c - conjugate gradients on the normal equations of the features, a column a factor. */
#include "als/als_prior.h"
#include "als/als_terms.h"
#include "base/failure.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

enum {
    MOST_STEPS = 10,
    MOST_LAST_STEPS = 200,
    SUMMED_ROWS = 256, /* summed on their own, so that float32 holds sums over all rows of a side */
    MOST_FACTORS = 1024
};
static const double TOLERANCE = 1e-2, LAST_TOLERANCE = 1e-5;

/* --- creation ---------------------------------------------------------------------------------------------------- */

/* The ridge of every row; returns their mean. */
static double fill_ridges(float *ridges, const pv_pairs *pairs, const pv_als_settings *settings)
{
    double sum = 0.0;
    for (int64_t row = 0; row < pairs->n_rows; ++row) {
        double ridge = pv_als_ridge(settings, pairs->row_offsets[row + 1] - pairs->row_offsets[row], pairs->n_columns);
        ridges[row] = (float)ridge;
        sum += ridge;
    }
    return pairs->n_rows > 0 ? sum / (double)pairs->n_rows : 0.0;
}

static void fill_inverse_diagonal(pv_als_prior *prior)
{
    const pv_pairs *by_feature = &prior->by_feature.pairs;
    for (int64_t f = 0; f < by_feature->n_rows; ++f) {
        double sum = prior->penalty;
        for (int64_t k = by_feature->row_offsets[f]; k < by_feature->row_offsets[f + 1]; ++k) {
            double value = (double)by_feature->weights[k];
            sum += (double)prior->ridges[by_feature->columns[k]] * value * value;
        }
        prior->inverse_diagonal[f] = sum > 0.0 ? (float)(1.0 / sum) : 0.0f;
    }
}

pv_status pv_als_prior_init(pv_als_prior *prior, const pv_pairs *features, const pv_pairs *pairs,
                            const pv_als_settings *settings, double strength, pv_threads *threads, pv_error *error)
{
    pv_status status = PV_OK;
    const size_t d = (size_t)settings->n_factors;
    const int64_t n_features = features->n_columns;
    *prior = (pv_als_prior){.features = features};
    PV_TRY(pv_als_transpose_init(&prior->by_feature, features, threads, error));
    PV_TRY(pv_als_chunks_init(&prior->row_chunks, features, error));
    PV_TRY(pv_als_chunks_init(&prior->feature_chunks, &prior->by_feature.pairs, error));
    PV_TRY(pv_als_factors_init(&prior->means, features->n_rows, d, error));
    PV_TRY(pv_als_factors_init(&prior->weights, n_features, d, error));
    PV_TRY(pv_als_factors_init(&prior->residual, n_features, d, error));
    PV_TRY(pv_als_factors_init(&prior->direction, n_features, d, error));
    PV_TRY(pv_als_factors_init(&prior->image, n_features, d, error));
    prior->ridges = pv_allocate((size_t)features->n_rows, sizeof *prior->ridges);
    prior->inverse_diagonal = pv_allocate((size_t)n_features, sizeof *prior->inverse_diagonal);
    prior->column_sums = pv_allocate(4 * prior->weights.stride, sizeof *prior->column_sums);
    if (!prior->ridges || !prior->inverse_diagonal || !prior->column_sums)
        PV_TRY(pv_fail_memory(error, "features", (uint64_t)(features->n_rows + n_features) * sizeof(float)));
    prior->penalty = strength * fill_ridges(prior->ridges, pairs, settings);
    fill_inverse_diagonal(prior);
cleanup:
    return status;
}

void pv_als_prior_deinit(pv_als_prior *prior)
{
    pv_als_transpose_deinit(&prior->by_feature);
    pv_als_chunks_deinit(&prior->row_chunks);
    pv_als_chunks_deinit(&prior->feature_chunks);
    pv_als_factors_deinit(&prior->means);
    pv_als_factors_deinit(&prior->weights);
    pv_als_factors_deinit(&prior->residual);
    pv_als_factors_deinit(&prior->direction);
    pv_als_factors_deinit(&prior->image);
    pv_release(prior->ridges);
    pv_release(prior->inverse_diagonal);
    pv_release(prior->column_sums);
}

/* --- products with F and F' -------------------------------------------------------------------------------------- */

/* means = F from, then rows - that, then times the ridges: each where it is asked for. */
typedef struct row_task {
    pv_als_prior *prior;
    const pv_als_factors *from; /* NULL: 0 */
    const pv_als_factors *rows; /* NULL: no difference */
    bool is_scaled;
} row_task;

static void combine_rows(void *context, size_t turn, unsigned thread)
{
    const row_task *task = context;
    pv_als_prior *prior = task->prior;
    const pv_pairs *features = prior->features;
    const size_t chunk = (size_t)prior->row_chunks.by_size[turn], n = prior->means.stride;
    (void)thread;
    for (int64_t row = prior->row_chunks.bounds[chunk]; row < prior->row_chunks.bounds[chunk + 1]; ++row) {
        float *out = pv_als_factors_row(&prior->means, row);
        const int64_t first = features->row_offsets[row];
        memset(out, 0, n * sizeof *out);
        if (task->from) {
            const pv_rows weights = {.values = task->from->values,
                                     .stride = n,
                                     .index = features->columns + first,
                                     .count = (size_t)(features->row_offsets[row + 1] - first)};
            pv_kernels_get()->add_rows(out, &weights, features->weights + first, n);
        }
        const float *x = task->rows ? pv_als_factors_row(task->rows, row) : NULL;
        const float scale = task->is_scaled ? prior->ridges[row] : 1.0f;
        for (size_t i = 0; i < n; ++i) out[i] = scale * (x ? x[i] - out[i] : out[i]);
    }
}

static void fill_means(pv_als_prior *prior, const pv_als_factors *from, const pv_als_factors *rows, bool is_scaled,
                       pv_threads *threads)
{
    row_task task = {prior, from, rows, is_scaled};
    pv_threads_run(threads, prior->row_chunks.count, combine_rows, &task);
}

/* to = F' means + factor from. */
typedef struct feature_task {
    const pv_als_prior *prior;
    pv_als_factors *to;
    const pv_als_factors *from;
    float factor;
} feature_task;

static void gather_features(void *context, size_t turn, unsigned thread)
{
    const feature_task *task = context;
    const pv_als_prior *prior = task->prior;
    const pv_pairs *by_feature = &prior->by_feature.pairs;
    const size_t chunk = (size_t)prior->feature_chunks.by_size[turn], n = prior->means.stride;
    float sum[MOST_FACTORS];
    (void)thread;
    for (int64_t f = prior->feature_chunks.bounds[chunk]; f < prior->feature_chunks.bounds[chunk + 1]; ++f) {
        float *out = pv_als_factors_row(task->to, f);
        const int64_t last = by_feature->row_offsets[f + 1];
        memset(out, 0, n * sizeof *out);
        for (int64_t k = by_feature->row_offsets[f]; k < last; k += SUMMED_ROWS) {
            const pv_rows rows = {.values = prior->means.values,
                                  .stride = n,
                                  .index = by_feature->columns + k,
                                  .count = last - k < SUMMED_ROWS ? (size_t)(last - k) : SUMMED_ROWS};
            memset(sum, 0, n * sizeof *sum);
            pv_kernels_get()->add_rows(sum, &rows, by_feature->weights + k, n);
            pv_kernels_get()->axpy(out, 1.0f, sum, n);
        }
        pv_kernels_get()->axpy(out, task->factor, pv_als_factors_row(task->from, f), n);
    }
}

static void gather(const pv_als_prior *prior, pv_als_factors *to, const pv_als_factors *from, double factor,
                   pv_threads *threads)
{
    feature_task task = {prior, to, from, (float)factor};
    pv_threads_run(threads, prior->feature_chunks.count, gather_features, &task);
}

/* --- conjugate gradients ----------------------------------------------------------------------------------------- */

/* sums[i] = sum over features f of scale[f] a[f][i] b[f][i], scale NULL = 1; returns their sum. */
static double sum_columns(double *sums, const float *scale, const pv_als_factors *a, const pv_als_factors *b)
{
    const size_t n = a->stride;
    double total = 0.0;
    memset(sums, 0, n * sizeof *sums);
    for (int64_t f = 0; f < a->n_rows; ++f) {
        const float *left = pv_als_factors_row(a, f), *right = pv_als_factors_row(b, f);
        const double factor = scale ? (double)scale[f] : 1.0;
        for (size_t i = 0; i < n; ++i) sums[i] += factor * (double)left[i] * (double)right[i];
    }
    for (size_t i = 0; i < n; ++i) total += sums[i];
    return total;
}

/* direction = residual / diagonal + (after / before) direction. */
static void turn_direction(pv_als_prior *prior, const double *after, const double *before)
{
    const size_t n = prior->weights.stride;
    for (int64_t f = 0; f < prior->weights.n_rows; ++f) {
        float *p = pv_als_factors_row(&prior->direction, f);
        const float *r = pv_als_factors_row(&prior->residual, f);
        for (size_t i = 0; i < n; ++i) {
            const float beta = before[i] > 0.0 ? (float)(after[i] / before[i]) : 0.0f;
            p[i] = prior->inverse_diagonal[f] * r[i] + beta * p[i];
        }
    }
}

/* weights += step direction, residual -= step image, with step = squared / curvature of each column. */
static void advance(pv_als_prior *prior, const double *squared, const double *curvature)
{
    const size_t n = prior->weights.stride;
    for (int64_t f = 0; f < prior->weights.n_rows; ++f) {
        float *weights = pv_als_factors_row(&prior->weights, f), *r = pv_als_factors_row(&prior->residual, f);
        const float *p = pv_als_factors_row(&prior->direction, f), *q = pv_als_factors_row(&prior->image, f);
        for (size_t i = 0; i < n; ++i) {
            const float step = curvature[i] > 0.0 ? (float)(squared[i] / curvature[i]) : 0.0f;
            weights[i] += step * p[i];
            r[i] -= step * q[i];
        }
    }
}

/* residual = F'R(X - F A) - lam_A A; returns the square that it counts as converged at. */
static double start(pv_als_prior *prior, const pv_als_factors *rows, double tolerance, pv_threads *threads)
{
    fill_means(prior, NULL, rows, true, threads);
    gather(prior, &prior->residual, &prior->weights, 0.0, threads);
    const double size = sum_columns(prior->column_sums, prior->inverse_diagonal, &prior->residual, &prior->residual);
    fill_means(prior, &prior->weights, rows, true, threads);
    gather(prior, &prior->residual, &prior->weights, -prior->penalty, threads);
    return tolerance * tolerance * size;
}

void pv_als_prior_learn(pv_als_prior *prior, const pv_als_factors *rows, bool is_last, pv_threads *threads)
{
    const size_t n = prior->weights.stride;
    const int most_steps = is_last ? MOST_LAST_STEPS : MOST_STEPS;
    double *after = prior->column_sums, *before = after + n, *curvature = before + n;
    const double limit = start(prior, rows, is_last ? LAST_TOLERANCE : TOLERANCE, threads);
    double left = sum_columns(after, prior->inverse_diagonal, &prior->residual, &prior->residual);
    memset(before, 0, n * sizeof *before);
    /* Written so that what is not finite ends it and goes on into the rows, where the caller sees it. */
    for (int step = 0; step < most_steps && left > limit; ++step) {
        turn_direction(prior, after, before);
        fill_means(prior, &prior->direction, NULL, true, threads);
        gather(prior, &prior->image, &prior->direction, prior->penalty, threads);
        (void)sum_columns(curvature, NULL, &prior->direction, &prior->image);
        advance(prior, after, curvature);
        memcpy(before, after, n * sizeof *before);
        left = sum_columns(after, prior->inverse_diagonal, &prior->residual, &prior->residual);
    }
    fill_means(prior, &prior->weights, NULL, false, threads);
    prior->is_learned = true;
}

double pv_als_prior_loss(const pv_als_prior *prior)
{
    return prior->penalty * sum_columns(prior->column_sums, NULL, &prior->weights, &prior->weights);
}
