/* Features of users and products: the ridge regression, the rows it pulls, what a fit promises with them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als_cases.h"
#include "als/als_prior.h"
#include "als/als_terms.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { USERS = 60, PRODUCTS = 45, FEATURES = 7, D = 12 };

/* Feature 0 is common, the last one nobody's; every fifth row has none; values differ. */
static double draw_feature(int64_t row, int64_t feature)
{
    if (row % 5 == 4 || feature == FEATURES - 1) return (double)NAN;
    if (feature == 0) return row % 3 ? 1.0 : (double)NAN;
    return row % (FEATURES - 2) == feature - 1 ? 1.0 - 0.25 * (double)(row % 3) : (double)NAN;
}

static double draw_no_feature(int64_t row, int64_t feature)
{
    (void)row, (void)feature;
    return (double)NAN;
}

typedef struct fitted {
    float X[USERS * D], Y[PRODUCTS * D], A[FEATURES * D], B[FEATURES * D];
    double losses[20];
} fitted;

static int keep_loss(void *context, int32_t iteration, double loss, double seconds)
{
    (void)seconds;
    ((fitted *)context)->losses[iteration - 1] = loss;
    return 0;
}

static pv_als_settings with_strength(pv_als_settings settings, pv_solver solver, double strength)
{
    settings.solver = solver;
    settings.user_side_regularization = settings.product_side_regularization = strength;
    return settings;
}

static fitted *fit(const als_case *c, const als_case *users, const als_case *products, const pv_als_settings *settings,
                   unsigned n_threads)
{
    fitted *f = calloc(1, sizeof *f);
    pv_threads *threads = als_threads(n_threads);
    const pv_als_features user_features = {users->pairs, f->A}, product_features = {products->pairs, f->B};
    assert_non_null(f);
    assert_int_equal(pv_als_fit_with_features(f->X, f->Y, &user_features, &product_features, &c->pairs, settings,
                                              threads, keep_loss, f, NULL),
                     PV_OK);
    pv_threads_free(threads);
    return f;
}

static double ridge_of(const als_case *c, const pv_als_settings *settings, int64_t u)
{
    return pv_als_ridge(settings, c->row_offsets[u + 1] - c->row_offsets[u], c->pairs.n_columns);
}

/* mean [D] = A'f of a row, by definition. */
static void naive_mean(double *mean, const als_case *features, const float *A, int64_t row)
{
    for (int i = 0; i < D; ++i) mean[i] = 0.0;
    for (int64_t f = 0; f < FEATURES; ++f)
        for (int i = 0; i < D; ++i)
            if (!isnan(features->dense[row * FEATURES + f]))
                mean[i] += features->dense[row * FEATURES + f] * (double)A[f * D + i];
}

/* Column `factor` of A by the dense normal equations. */
static void naive_regression(double *a, const als_case *c, const als_case *features, const pv_als_settings *settings,
                             double strength, const float *X, int factor)
{
    double M[FEATURES * FEATURES] = {0}, b[FEATURES] = {0}, mean_ridge = 0.0;
    for (int64_t u = 0; u < USERS; ++u) mean_ridge += ridge_of(c, settings, u) / (double)USERS;
    for (int64_t f = 0; f < FEATURES; ++f) {
        M[f * FEATURES + f] = strength * mean_ridge;
        for (int64_t u = 0; u < USERS; ++u) {
            double value = features->dense[u * FEATURES + f], weighted = ridge_of(c, settings, u) * value;
            if (isnan(value)) continue;
            b[f] += weighted * (double)X[u * D + factor];
            for (int64_t g = 0; g < FEATURES; ++g)
                if (!isnan(features->dense[u * FEATURES + g]))
                    M[f * FEATURES + g] += weighted * features->dense[u * FEATURES + g];
        }
    }
    als_naive_solve(a, M, b, FEATURES);
}

static void weights_are_the_ridge_regression_of_the_rows(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_purchases);
    als_case features = als_case_create(USERS, FEATURES, draw_feature);
    pv_threads *threads = als_threads(2);
    float *X = als_random_factors(USERS, D, 3);
    for (int hkv = 0; hkv < 2; ++hkv) {
        pv_als_settings settings = hkv ? als_hkv(D) : als_ialspp(D);
        pv_als_factors rows = {0};
        pv_als_prior prior = {0};
        assert_int_equal(pv_als_factors_init(&rows, USERS, D, NULL), PV_OK);
        pv_als_factors_read(&rows, X);
        assert_int_equal(pv_als_prior_init(&prior, &features.pairs, &c.pairs, &settings, 3.0, threads, NULL), PV_OK);
        pv_als_prior_learn(&prior, &rows, true, threads);
        for (int i = 0; i < D; ++i) {
            double a[FEATURES];
            naive_regression(a, &c, &features, &settings, 3.0, X, i);
            for (int64_t f = 0; f < FEATURES; ++f)
                als_assert_close((double)pv_als_factors_row(&prior.weights, f)[i], a[f], 1e-4);
        }
        assert_true(pv_als_mean_of(&prior.means, 4) == NULL && pv_als_mean_of(&prior.means, 5) != NULL);
        pv_als_prior_deinit(&prior);
        pv_als_factors_deinit(&rows);
    }
    free(X);
    pv_threads_free(threads);
    als_case_free(&features);
    als_case_free(&c);
}

/* Every stored user solves its own system with the prior of the stored weights: the gradient of the loss is 0. */
static void users_are_exact_given_products_and_weights(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_with_dislikes);
    als_case users = als_case_create(USERS, FEATURES, draw_feature);
    als_case products = als_case_create(PRODUCTS, FEATURES, draw_feature);
    for (int kind = 0; kind < 6; ++kind) {
        pv_als_settings settings = with_strength(kind & 1 ? als_hkv(D) : als_ialspp(D), (pv_solver)(kind / 2), 2.0);
        fitted *f = fit(&c, &users, &products, &settings, 2);
        double moved = 0.0;
        for (int64_t u = 0; u < USERS; ++u) {
            double H[D * D], b[D], x[D], mean[D];
            als_naive_system(H, b, &c, &settings, f->Y, u);
            naive_mean(mean, &users, f->A, u);
            for (int i = 0; i < D; ++i) b[i] += ridge_of(&c, &settings, u) * mean[i];
            als_naive_solve(x, H, b, D);
            for (int i = 0; i < D; ++i) als_assert_close((double)f->X[u * D + i], x[i], 1e-5);
            for (int i = 0; i < D; ++i) moved += fabs(mean[i]);
        }
        assert_true(moved > 1.0);
        free(f);
    }
    als_case_free(&products);
    als_case_free(&users);
    als_case_free(&c);
}

/* sum lam |row - mean|^2 + lam_A |A|^2 in place of sum lam |row|^2, from the definition. */
static double naive_prior_change(const als_case *c, const als_case *features, const pv_als_settings *settings,
                                 double strength, const float *rows, const float *A)
{
    double change = 0.0, mean_ridge = 0.0, mean[D];
    for (int64_t u = 0; u < c->pairs.n_rows; ++u) {
        naive_mean(mean, features, A, u);
        mean_ridge += ridge_of(c, settings, u) / (double)c->pairs.n_rows;
        for (int i = 0; i < D; ++i)
            change += ridge_of(c, settings, u) * mean[i] * (mean[i] - 2.0 * (double)rows[u * D + i]);
    }
    for (int i = 0; i < FEATURES * D; ++i) change += strength * mean_ridge * (double)A[i] * (double)A[i];
    return change;
}

/* One iteration more is one half step over the products more: with the users given the last loss can be computed. */
static void the_loss_counts_the_prior_and_never_rises_with_exact_rows(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_purchases), by_product = als_case_transpose(&c);
    als_case users = als_case_create(USERS, FEATURES, draw_feature);
    als_case products = als_case_create(PRODUCTS, FEATURES, draw_feature);
    for (int kind = 0; kind < 4; ++kind) {
        pv_als_settings settings =
            with_strength(kind & 1 ? als_hkv(D) : als_ialspp(D), kind & 2 ? PV_SOLVER_AUTO : PV_SOLVER_CHOLESKY, 2.0);
        settings.iterations = 20;
        fitted *f = fit(&c, &users, &products, &settings, 1);
        for (int i = 1; i < 20 && !(kind & 2); ++i) assert_true(f->losses[i] <= f->losses[i - 1] * (1.0 + 1e-6));
        double loss = als_naive_loss(&c, &settings, f->X, f->Y) +
                      naive_prior_change(&c, &users, &settings, 2.0, f->X, f->A) +
                      naive_prior_change(&by_product, &products, &settings, 2.0, f->Y, f->B);
        /* X and A of the last pass are a little better than those that the last loss is of. */
        assert_true(loss <= f->losses[19] * (1.0 + 1e-5));
        als_assert_close(loss, f->losses[19], 0.01 * loss);
        free(f);
    }
    als_case_free(&products);
    als_case_free(&users);
    als_case_free(&by_product);
    als_case_free(&c);
}

static void without_features_the_bits_are_those_of_the_plain_fit(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_with_dislikes);
    als_case none_of_users = als_case_create(USERS, FEATURES, draw_no_feature);
    als_case none_of_products = als_case_create(PRODUCTS, FEATURES, draw_no_feature);
    als_case some_of_users = als_case_create(USERS, FEATURES, draw_feature);
    pv_threads *threads = als_threads(2);
    for (int kind = 0; kind < 6; ++kind) {
        pv_als_settings settings = with_strength(kind & 1 ? als_hkv(D) : als_ialspp(D), (pv_solver)(kind / 2), 2.0);
        float X[USERS * D], Y[PRODUCTS * D];
        assert_int_equal(pv_als_fit(X, Y, &c.pairs, &settings, threads, NULL, NULL, NULL), PV_OK);
        fitted *f = fit(&c, &none_of_users, &none_of_products, &settings, 2);
        assert_memory_equal(f->X, X, sizeof X);
        assert_memory_equal(f->Y, Y, sizeof Y);
        free(f);
        settings = with_strength(settings, settings.solver, 0.0); /* off */
        f = fit(&c, &some_of_users, &none_of_products, &settings, 2);
        assert_memory_equal(f->X, X, sizeof X);
        assert_true(f->A[0] == 0.0f);
        free(f);
    }
    pv_threads_free(threads);
    als_case_free(&some_of_users);
    als_case_free(&none_of_products);
    als_case_free(&none_of_users);
    als_case_free(&c);
}

static void the_number_of_threads_does_not_change_a_bit(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_purchases);
    als_case users = als_case_create(USERS, FEATURES, draw_feature);
    als_case products = als_case_create(PRODUCTS, FEATURES, draw_feature);
    for (int solver = 0; solver < 3; ++solver) {
        pv_als_settings settings = with_strength(als_ialspp(D), (pv_solver)solver, 2.0);
        fitted *one = fit(&c, &users, &products, &settings, 1), *many = fit(&c, &users, &products, &settings, 5);
        assert_memory_equal(one, many, sizeof *one);
        free(one), free(many);
    }
    als_case_free(&products);
    als_case_free(&users);
    als_case_free(&c);
}

/* Two kinds of users buy two halves of the products; the last user of each kind has bought nothing. */
static double draw_two_kinds(int64_t u, int64_t i)
{
    if (u >= USERS - 2) return (double)NAN;
    return u % 2 == i % 2 && (u * 7 + i * 3) % 5 ? 1.0 : (double)NAN;
}

static double draw_kind(int64_t u, int64_t feature)
{
    return u % 2 == feature ? 1.0 : (double)NAN;
}

static void a_user_without_purchases_gets_the_taste_of_its_kind(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, draw_two_kinds);
    als_case users = als_case_create(USERS, FEATURES, draw_kind);
    als_case products = als_case_create(PRODUCTS, FEATURES, draw_no_feature);
    for (int kind = 0; kind < 6; ++kind) {
        pv_als_settings settings = with_strength(kind & 1 ? als_hkv(D) : als_ialspp(D), (pv_solver)(kind / 2), 1.0);
        settings.iterations = 15;
        fitted *f = fit(&c, &users, &products, &settings, 1);
        for (int64_t u = USERS - 2; u < USERS; ++u) {
            double worst_own = 1e9, best_other = -1e9;
            for (int64_t i = 0; i < PRODUCTS; ++i) {
                double s = pv_als_score_stored(f->X + u * D, f->Y + i * D, D);
                if (u % 2 == i % 2) worst_own = fmin(worst_own, s);
                if (u % 2 != i % 2) best_other = fmax(best_other, s);
            }
            assert_true(worst_own > 0.0 && worst_own > 2.0 * best_other);
        }
        free(f);
    }
    als_case_free(&products);
    als_case_free(&users);
    als_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_the_ridge_regression_of_the_rows),
        cmocka_unit_test(users_are_exact_given_products_and_weights),
        cmocka_unit_test(the_loss_counts_the_prior_and_never_rises_with_exact_rows),
        cmocka_unit_test(without_features_the_bits_are_those_of_the_plain_fit),
        cmocka_unit_test(the_number_of_threads_does_not_change_a_bit),
        cmocka_unit_test(a_user_without_purchases_gets_the_taste_of_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
