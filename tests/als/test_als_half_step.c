/* One half step against a dense float64 solver. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als_cases.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { USERS = 40, PRODUCTS = 61, MANY_STEPS = 200 };

static double (*const draws[])(int64_t, int64_t) = {als_purchases, als_with_dislikes, als_confidence_one,
                                                    als_confidence_below_one};

static double first_of_two(int64_t u, int64_t i)
{
    (void)u;
    return i == 0 ? 3.0 : (double)NAN;
}

static void half_step_by_hand(void **state)
{
    (void)state;
    als_case c = als_case_create(1, 2, first_of_two);
    const float Y[] = {1.0f, 2.0f};
    float x = 0.0f;
    pv_als_settings settings = {
        .n_factors = 1, .loss = PV_LOSS_IALSPP, .regularization = 0.1, .unobserved_weight = 0.5};
    als_half_step(&x, &c, &settings, Y, PV_ALS_EXACT, 0);
    als_assert_close((double)x, 3.0 / 5.7, 1e-7); /* H = .5 (1 + 4) + 3 + .1 (1 + .5 2) */
    settings.loss = PV_LOSS_HKV;
    x = 0.0f;
    als_half_step(&x, &c, &settings, Y, PV_ALS_EXACT, 0);
    als_assert_close((double)x, 3.0 / 7.1, 1e-7); /* H = 3 + 4 + .1 */
    als_case_free(&c);
}

/* Every row against Gaussian elimination, relative to the row's length; its residual in float64 as well. */
static void check_rows(const float *X, const als_case *c, const pv_als_settings *settings, const float *Y,
                       double tolerance, double residual_tolerance)
{
    int32_t d = settings->n_factors;
    double *H = calloc((size_t)(d * d), sizeof *H), *b = calloc((size_t)d, sizeof *b),
           *x = calloc((size_t)d, sizeof *x);
    for (int64_t u = 0; u < c->pairs.n_rows; ++u) {
        als_naive_system(H, b, c, settings, Y, u);
        double residual = 0.0, target = 0.0, length = 0.0, distance = 0.0;
        for (int32_t f = 0; f < d; ++f) {
            double r = -b[f];
            for (int32_t g = 0; g < d; ++g) r += H[f * d + g] * (double)X[u * d + g];
            residual += r * r;
            target += b[f] * b[f];
        }
        if (!(sqrt(residual) <= residual_tolerance * sqrt(target)))
            fail_msg("user %lld: relative residual %g of %g", (long long)u, sqrt(residual / target), sqrt(target));
        als_naive_solve(x, H, b, d);
        for (int32_t f = 0; f < d; ++f) {
            length += x[f] * x[f];
            distance += (x[f] - (double)X[u * d + f]) * (x[f] - (double)X[u * d + f]);
        }
        assert_true(sqrt(distance) <= tolerance * sqrt(length));
    }
    free(H), free(b), free(x);
}

static void compare_with_elimination(pv_als_method method, double tolerance, double residual_tolerance)
{
    for (size_t k = 0; k < 4; ++k) {
        als_case c = als_case_create(USERS, PRODUCTS, draws[k]);
        for (int hkv = 0; hkv < 2; ++hkv) {
            for (int32_t d = 2; d <= 71; d += 23) { /* 71: more factors than products */
                pv_als_settings settings = hkv ? als_hkv(d) : als_ialspp(d);
                float *X = als_random_factors(USERS, d, 1), *Y = als_random_factors(PRODUCTS, d, 2);
                /* Twice: float32 steps are as accurate as the row that they start from is small. */
                for (int start = 0; start < 2; ++start) als_half_step(X, &c, &settings, Y, method, MANY_STEPS);
                check_rows(X, &c, &settings, Y, tolerance, residual_tolerance);
                free(X), free(Y);
            }
        }
        als_case_free(&c);
    }
}

static void exact_rows_equal_gaussian_elimination(void **state)
{
    (void)state;
    compare_with_elimination(PV_ALS_EXACT, 6e-8, 1e-6);
}

static void many_steps_of_cg_equal_gaussian_elimination(void **state)
{
    (void)state;
    compare_with_elimination(PV_ALS_CG, 1e-3, 1e-3); /* b cancels in some rows, and is a float32 sum */
}

/* Conjugate directions end after as many steps as there are factors; steepest descent would be far away still. */
static void cg_ends_after_as_many_steps_as_factors(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_purchases);
    for (int hkv = 0; hkv < 2; ++hkv) {
        pv_als_settings settings = hkv ? als_hkv(8) : als_ialspp(8);
        float X[USERS * 8] = {0}, *Y = als_random_factors(PRODUCTS, 8, 2);
        als_half_step(X, &c, &settings, Y, PV_ALS_CG, 8);
        check_rows(X, &c, &settings, Y, 1e-3, 1e-3); /* float32 loses some conjugacy */
        free(Y);
    }
    als_case_free(&c);
}

static double all_but_the_first_user(int64_t u, int64_t i)
{
    return u == 0 ? (double)NAN : als_purchases(u, i);
}

static double long_history(int64_t u, int64_t i)
{
    (void)u;
    return i % 2 == 0 ? 1.0 + (double)(i % 7) : (double)NAN;
}

/* 9,000 neighbours of 16 factors are more than the packing buffer takes. */
static void cg_reads_long_histories_in_place(void **state)
{
    (void)state;
    als_case c = als_case_create(1, 18000, long_history);
    pv_als_settings settings = als_ialspp(5);
    float *X = als_random_factors(1, 5, 1), *Y = als_random_factors(18000, 5, 2);
    als_half_step(X, &c, &settings, Y, PV_ALS_CG, 20);
    check_rows(X, &c, &settings, Y, 1e-3, 1e-3);
    free(X), free(Y);
    als_case_free(&c);
}

static double only_dislikes(int64_t u, int64_t i)
{
    double weight = als_purchases(u, i);
    return u == 0 ? -weight : weight;
}

static void rows_without_a_purchase_are_exactly_zero(void **state)
{
    (void)state;
    double (*const empties[])(int64_t, int64_t) = {all_but_the_first_user, only_dislikes};
    for (size_t k = 0; k < 2; ++k) {
        als_case c = als_case_create(3, 30, empties[k]);
        for (int method = 0; method < 2; ++method) {
            pv_als_settings settings = als_ialspp(7);
            float *X = als_random_factors(3, 7, 1), *Y = als_random_factors(30, 7, 2);
            als_half_step(X, &c, &settings, Y, method ? PV_ALS_EXACT : PV_ALS_CG, 3);
            for (int32_t f = 0; f < 7; ++f) assert_true(X[f] == 0.0f);
            assert_true(X[7] != 0.0f);
            free(X), free(Y);
        }
        als_case_free(&c);
    }
}

/* Solving and rotating commute: rows are defined by scores alone. */
static void half_step_commutes_with_a_rotation(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_with_dislikes);
    double *V = als_random_rotation(20, 5);
    for (int hkv = 0; hkv < 2; ++hkv) {
        pv_als_settings settings = hkv ? als_hkv(20) : als_ialspp(20);
        float *X = als_random_factors(USERS, 20, 1), *Y = als_random_factors(PRODUCTS, 20, 2);
        float *XV = als_rotate(X, USERS, V, 20), *YV = als_rotate(Y, PRODUCTS, V, 20);
        als_half_step(X, &c, &settings, Y, PV_ALS_EXACT, 0);
        als_half_step(XV, &c, &settings, YV, PV_ALS_EXACT, 0);
        float *expected = als_rotate(X, USERS, V, 20);
        for (size_t k = 0; k < USERS * 20; ++k) als_assert_close((double)XV[k], (double)expected[k], 2e-6);
        free(X), free(Y), free(XV), free(YV), free(expected);
    }
    free(V);
    als_case_free(&c);
}

static double confidence_three(int64_t u, int64_t i)
{
    return 3.0 * als_confidence_one(u, i);
}

static double weight_two(int64_t u, int64_t i)
{
    return 2.0 * als_confidence_one(u, i);
}

/* hkv with confidence 3 everywhere has the curvature of ialspp with weight 2, A0 1 and the same ridge, and 3/2 of its
 * right-hand side. */
static void losses_agree_where_they_are_the_same(void **state)
{
    (void)state;
    als_case confident = als_case_create(USERS, PRODUCTS, confidence_three);
    als_case weighted = als_case_create(USERS, PRODUCTS, weight_two);
    pv_als_settings hkv = als_hkv(10), ialspp = als_ialspp(10);
    float *Y = als_random_factors(PRODUCTS, 10, 2);
    float X_hkv[USERS * 10] = {0}, X_ialspp[USERS * 10] = {0};
    ialspp.unobserved_weight = 1.0;
    for (int64_t u = 0; u < USERS; ++u) {
        double n = (double)(weighted.row_offsets[u + 1] - weighted.row_offsets[u]);
        ialspp.regularization = hkv.regularization / (n + (double)PRODUCTS);
        memset(X_hkv, 0, sizeof X_hkv);
        memset(X_ialspp, 0, sizeof X_ialspp);
        als_half_step(X_hkv, &confident, &hkv, Y, PV_ALS_EXACT, 0);
        als_half_step(X_ialspp, &weighted, &ialspp, Y, PV_ALS_EXACT, 0);
        for (int32_t f = 0; f < 10; ++f)
            als_assert_close((double)X_hkv[u * 10 + f], 1.5 * (double)X_ialspp[u * 10 + f], 1e-6);
    }
    free(Y);
    als_case_free(&confident);
    als_case_free(&weighted);
}

/* From the optimum, from near it and from far away. */
static void no_row_update_raises_the_loss(void **state)
{
    (void)state;
    als_case c = als_case_create(USERS, PRODUCTS, als_with_dislikes);
    for (int kind = 0; kind < 4; ++kind) {
        pv_als_settings settings = kind & 1 ? als_hkv(24) : als_ialspp(24);
        pv_als_method method = kind & 2 ? PV_ALS_EXACT : PV_ALS_CG;
        settings.regularization *= 1e-4;
        float *X = als_random_factors(USERS, 24, 1), *Y = als_random_factors(PRODUCTS, 24, 2);
        double before = als_naive_loss(&c, &settings, X, Y);
        for (int repeat = 0; repeat < 30; ++repeat) {
            als_half_step(X, &c, &settings, Y, method, 3);
            double after = als_naive_loss(&c, &settings, X, Y);
            assert_true(after <= before * (1.0 + 1e-14));
            before = after;
        }
        free(X), free(Y);
    }
    als_case_free(&c);
}

static double overwhelming_weight(int64_t u, int64_t i)
{
    double weight = als_purchases(u, i);
    return i % 5 == 0 ? 1e30 * weight : weight;
}

/* float32 overflows on the way to these rows; float64 takes over. */
static void cg_survives_weights_beyond_float32(void **state)
{
    (void)state;
    als_case c = als_case_create(4, 30, overwhelming_weight);
    pv_als_settings settings = als_hkv(6);
    float *X = als_random_factors(4, 6, 1), *Y = als_random_factors(30, 6, 2);
    for (size_t k = 0; k < 30 * 6; ++k) Y[k] *= 1e6f;
    als_half_step(X, &c, &settings, Y, PV_ALS_CG, 3);
    for (size_t k = 0; k < 4 * 6; ++k) assert_true(isfinite(X[k]));
    for (int64_t u = 0; u < 4; ++u) /* what weighs that much is met */
        for (int64_t i = 0; i < 30; i += 5)
            if (!isnan(c.dense[u * 30 + i])) als_assert_close(pv_als_score_stored(X + u * 6, Y + i * 6, 6), 1.0, 1e-3);
    free(X), free(Y);
    als_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_step_by_hand),
        cmocka_unit_test(exact_rows_equal_gaussian_elimination),
        cmocka_unit_test(many_steps_of_cg_equal_gaussian_elimination),
        cmocka_unit_test(cg_ends_after_as_many_steps_as_factors),
        cmocka_unit_test(cg_reads_long_histories_in_place),
        cmocka_unit_test(rows_without_a_purchase_are_exactly_zero),
        cmocka_unit_test(half_step_commutes_with_a_rotation),
        cmocka_unit_test(losses_agree_where_they_are_the_same),
        cmocka_unit_test(no_row_update_raises_the_loss),
        cmocka_unit_test(cg_survives_weights_beyond_float32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
