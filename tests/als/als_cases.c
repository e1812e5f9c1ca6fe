#include "als_cases.h"
#include "als/als_terms.h"
#include "base/random.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

als_case als_case_create(int64_t n_users, int64_t n_products, double (*draw)(int64_t u, int64_t i))
{
    size_t n_cells = (size_t)(n_users * n_products);
    als_case c = {.dense = malloc(n_cells * sizeof(double)),
                  .row_offsets = calloc((size_t)n_users + 1, sizeof(int64_t)),
                  .columns = malloc(n_cells * sizeof(int32_t)),
                  .weights = malloc(n_cells * sizeof(float))};
    int64_t n = 0;
    for (int64_t u = 0; u < n_users; ++u) {
        for (int64_t i = 0; i < n_products; ++i) {
            double weight = draw(u, i);
            c.dense[u * n_products + i] = isnan(weight) ? (double)NAN : (double)(float)weight;
            if (isnan(weight)) continue;
            c.columns[n] = (int32_t)i;
            c.weights[n++] = (float)weight;
        }
        c.row_offsets[u + 1] = n;
    }
    c.pairs = (pv_pairs){n_users, n_products, c.row_offsets, c.columns, c.weights};
    return c;
}

void als_case_free(als_case *c)
{
    free(c->dense);
    free(c->row_offsets);
    free(c->columns);
    free(c->weights);
}

static const als_case *transposed;

static double draw_transposed(int64_t u, int64_t i)
{
    return transposed->dense[i * transposed->pairs.n_columns + u];
}

als_case als_case_transpose(const als_case *c)
{
    transposed = c;
    return als_case_create(c->pairs.n_columns, c->pairs.n_rows, draw_transposed);
}

static bool is_observed(int64_t u, int64_t i)
{
    return pv_random_uniform(11, (uint64_t)u, (uint64_t)i) < 1.0 / 6.0;
}

double als_purchases(int64_t u, int64_t i)
{
    return is_observed(u, i) ? 0.5 + 4.5 * pv_random_uniform(12, (uint64_t)u, (uint64_t)i) : (double)NAN;
}

double als_with_dislikes(int64_t u, int64_t i)
{
    double sign = pv_random_uniform(13, (uint64_t)u, (uint64_t)i) < 0.2 ? -1.0 : 1.0;
    return sign * als_purchases(u, i);
}

double als_confidence_one(int64_t u, int64_t i)
{
    return is_observed(u, i) ? 1.0 : (double)NAN;
}

double als_confidence_below_one(int64_t u, int64_t i)
{
    return is_observed(u, i) ? 0.3 : (double)NAN;
}

float *als_random_factors(int64_t n_rows, int32_t n_factors, uint64_t stream)
{
    size_t n = (size_t)(n_rows * n_factors);
    float *values = malloc(n * sizeof *values);
    for (size_t k = 0; k < n; ++k) values[k] = (float)(0.4 * pv_random_normal(21, stream, k));
    return values;
}

double *als_random_rotation(int32_t n, uint64_t stream)
{
    double *V = malloc((size_t)(n * n) * sizeof *V);
    for (int32_t i = 0; i < n; ++i) {
        for (int32_t j = 0; j < n; ++j) V[i * n + j] = pv_random_normal(22, stream, (uint64_t)(i * n + j));
        for (int pass = 0; pass < 2; ++pass) /* Gram and Schmidt, twice */
            for (int32_t k = 0; k < i; ++k) {
                double along = 0.0;
                for (int32_t j = 0; j < n; ++j) along += V[i * n + j] * V[k * n + j];
                for (int32_t j = 0; j < n; ++j) V[i * n + j] -= along * V[k * n + j];
            }
        double square = 0.0;
        for (int32_t j = 0; j < n; ++j) square += V[i * n + j] * V[i * n + j];
        for (int32_t j = 0; j < n; ++j) V[i * n + j] /= sqrt(square);
    }
    return V;
}

float *als_rotate(const float *factors, int64_t n_rows, const double *rotation, int32_t n)
{
    float *rotated = malloc((size_t)(n_rows * n) * sizeof *rotated);
    for (int64_t row = 0; row < n_rows; ++row)
        for (int32_t j = 0; j < n; ++j) {
            double sum = 0.0;
            for (int32_t i = 0; i < n; ++i) sum += (double)factors[row * n + i] * rotation[i * n + j];
            rotated[row * n + j] = (float)sum;
        }
    return rotated;
}

static double score(const float *x, const float *y, int32_t d)
{
    double sum = 0.0;
    for (int32_t f = 0; f < d; ++f) sum += (double)x[f] * (double)y[f];
    return sum;
}

static int64_t count_observed(const double *weights, int64_t n, int64_t stride)
{
    int64_t observed = 0;
    for (int64_t i = 0; i < n; ++i) observed += !isnan(weights[i * stride]);
    return observed;
}

static double naive_ridge(const pv_als_settings *settings, int64_t n_observed, int64_t n_other)
{
    if (settings->loss == PV_LOSS_HKV) return settings->regularization;
    return settings->regularization * ((double)n_observed + settings->unobserved_weight * (double)n_other);
}

static double naive_pair_loss(const pv_als_settings *settings, double weight, double s)
{
    double target = weight >= 0.0 ? 1.0 : 0.0;
    double observed = isnan(weight) ? 0.0 : fabs(weight) * (target - s) * (target - s);
    if (settings->loss == PV_LOSS_HKV) return isnan(weight) ? s * s : observed;
    return observed + settings->unobserved_weight * s * s;
}

double als_naive_loss(const als_case *c, const pv_als_settings *settings, const float *X, const float *Y)
{
    int64_t n_users = c->pairs.n_rows, n_products = c->pairs.n_columns;
    int32_t d = settings->n_factors;
    double loss = 0.0;
    for (int64_t u = 0; u < n_users; ++u)
        for (int64_t i = 0; i < n_products; ++i)
            loss += naive_pair_loss(settings, c->dense[u * n_products + i], score(X + u * d, Y + i * d, d));
    for (int64_t u = 0; u < n_users; ++u) {
        int64_t n = count_observed(c->dense + u * n_products, n_products, 1);
        loss += naive_ridge(settings, n, n_products) * score(X + u * d, X + u * d, d);
    }
    for (int64_t i = 0; i < n_products; ++i) {
        int64_t n = count_observed(c->dense + i, n_users, n_products);
        loss += naive_ridge(settings, n, n_users) * score(Y + i * d, Y + i * d, d);
    }
    return loss;
}

void als_naive_system(double *H, double *b, const als_case *c, const pv_als_settings *settings, const float *Y,
                      int64_t u)
{
    int64_t n_products = c->pairs.n_columns;
    const double *weights = c->dense + u * n_products;
    int32_t d = settings->n_factors;
    double ridge = naive_ridge(settings, count_observed(weights, n_products, 1), n_products);
    for (int32_t f = 0; f < d; ++f) {
        b[f] = 0.0;
        for (int32_t g = 0; g < d; ++g) H[f * d + g] = f == g ? ridge : 0.0;
    }
    for (int64_t i = 0; i < n_products; ++i) {
        const float *y = Y + i * d;
        double curvature = settings->loss == PV_LOSS_HKV
                               ? (isnan(weights[i]) ? 1.0 : fabs(weights[i]))
                               : settings->unobserved_weight + (isnan(weights[i]) ? 0.0 : fabs(weights[i]));
        for (int32_t f = 0; f < d; ++f) {
            if (weights[i] > 0.0) b[f] += weights[i] * (double)y[f];
            for (int32_t g = 0; g < d; ++g) H[f * d + g] += curvature * (double)y[f] * (double)y[g];
        }
    }
}

void als_naive_solve(double *x, double *H, double *b, int32_t d)
{
    for (int32_t k = 0; k < d; ++k) {
        int32_t pivot = k;
        for (int32_t i = k + 1; i < d; ++i)
            if (fabs(H[i * d + k]) > fabs(H[pivot * d + k])) pivot = i;
        for (int32_t j = 0; j < d; ++j) {
            double swapped = H[k * d + j];
            H[k * d + j] = H[pivot * d + j];
            H[pivot * d + j] = swapped;
        }
        double swapped = b[k];
        b[k] = b[pivot];
        b[pivot] = swapped;
        for (int32_t i = k + 1; i < d; ++i) {
            double factor = H[i * d + k] / H[k * d + k];
            for (int32_t j = k; j < d; ++j) H[i * d + j] -= factor * H[k * d + j];
            b[i] -= factor * b[k];
        }
    }
    for (int32_t i = d; i-- > 0;) {
        double sum = b[i];
        for (int32_t j = i + 1; j < d; ++j) sum -= H[i * d + j] * x[j];
        x[i] = sum / H[i * d + i];
    }
}

void als_half_step(float *X, const als_case *c, const pv_als_settings *settings, const float *Y, pv_als_method method,
                   int cg_steps)
{
    size_t d = (size_t)settings->n_factors, stride = pv_kernel_padded(d);
    pv_als_factors solved = {0}, fixed = {0};
    pv_als_scratch scratch = {0};
    double *gram = calloc(d * d, sizeof *gram);
    float *background = calloc(stride * stride, sizeof *background);
    pv_threads *threads = als_threads(1);
    assert_int_equal(pv_als_factors_init(&solved, c->pairs.n_rows, d, NULL), PV_OK);
    assert_int_equal(pv_als_factors_init(&fixed, c->pairs.n_columns, d, NULL), PV_OK);
    assert_int_equal(pv_als_scratch_init(&scratch, d, c->pairs.n_columns, NULL), PV_OK);
    assert_int_equal(pv_als_gram(gram, Y, c->pairs.n_columns, (int32_t)d, threads, NULL), PV_OK);
    pv_als_factors_read(&solved, X);
    pv_als_factors_read(&fixed, Y);
    pv_als_half half = {.settings = settings,
                        .pairs = &c->pairs,
                        .fixed = &fixed,
                        .background = {gram, pv_als_background_weight(settings)},
                        .background_float = background,
                        .method = method,
                        .cg_steps = cg_steps};
    pv_als_background_round(background, &half.background, d);
    for (int64_t u = 0; u < c->pairs.n_rows; ++u)
        assert_true(pv_als_update_row(pv_als_factors_row(&solved, u), &half, u, &scratch));
    pv_als_factors_write(X, &solved);
    pv_threads_free(threads);
    free(background);
    free(gram);
    pv_als_scratch_deinit(&scratch);
    pv_als_factors_deinit(&fixed);
    pv_als_factors_deinit(&solved);
}

pv_als_settings als_ialspp(int32_t n_factors)
{
    return (pv_als_settings){.n_factors = n_factors,
                             .iterations = 10,
                             .loss = PV_LOSS_IALSPP,
                             .regularization = 0.03,
                             .unobserved_weight = 0.2,
                             .solver = PV_SOLVER_CHOLESKY,
                             .seed = 42};
}

pv_als_settings als_hkv(int32_t n_factors)
{
    pv_als_settings settings = als_ialspp(n_factors);
    settings.loss = PV_LOSS_HKV;
    settings.regularization = 0.5;
    settings.unobserved_weight = 1.0;
    return settings;
}

void als_assert_close(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) fail_msg("%.17g is not %.17g within %g", actual, expected, tolerance);
}

pv_threads *als_threads(unsigned n)
{
    pv_threads *threads = NULL;
    assert_int_equal(pv_threads_create(&threads, n, NULL), PV_OK);
    return threads;
}
