/* Training as a whole. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als_cases.h"
#include "base/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITERATIONS = 64 };

typedef struct fitted {
    float *X, *Y;
    double losses[MOST_ITERATIONS];
    int n_losses;
    int stop_after; /* 0: never */
    pv_status status;
    pv_error error;
} fitted;

static int note_loss(void *context, int32_t iteration, double loss, double seconds)
{
    fitted *f = context;
    assert_int_equal(iteration, f->n_losses + 1);
    assert_true(seconds >= 0.0);
    f->losses[f->n_losses++] = loss;
    return f->n_losses == f->stop_after;
}

/* Fit with X and Y full of a mark before. */
static fitted fit(const als_case *c, const pv_als_settings *settings, unsigned n_threads, int stop_after)
{
    size_t d = (size_t)settings->n_factors;
    size_t n_x = (size_t)c->pairs.n_rows * d, n_y = (size_t)c->pairs.n_columns * d;
    fitted f = {.X = malloc(n_x * sizeof(float)), .Y = malloc(n_y * sizeof(float)), .stop_after = stop_after};
    for (size_t k = 0; k < n_x; ++k) f.X[k] = 77.0f;
    for (size_t k = 0; k < n_y; ++k) f.Y[k] = 77.0f;
    pv_threads *threads = als_threads(n_threads);
    f.status = pv_als_fit(f.X, f.Y, &c->pairs, settings, threads, note_loss, &f, &f.error);
    pv_threads_free(threads);
    return f;
}

static void fitted_free(fitted *f)
{
    free(f->X);
    free(f->Y);
}

static bool all_finite(const float *values, size_t n)
{
    for (size_t k = 0; k < n; ++k)
        if (!isfinite(values[k])) return false;
    return true;
}

static double (*const draws[])(int64_t, int64_t) = {als_purchases, als_with_dislikes, als_confidence_one,
                                                    als_confidence_below_one};

static const pv_solver all_solvers[] = {PV_SOLVER_CHOLESKY, PV_SOLVER_CG, PV_SOLVER_AUTO};

/* Of the solvers that do not overshoot. */
static void loss_never_rises(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; ++k) {
        als_case c = als_case_create(70, 45, draws[k]);
        for (int kind = 0; kind < 8; ++kind) {
            pv_als_settings settings = kind & 1 ? als_hkv(12) : als_ialspp(12);
            settings.solver = kind & 2 ? PV_SOLVER_CHOLESKY : PV_SOLVER_CG;
            settings.regularization *= kind & 4 ? 1e-3 : 1.0;
            settings.iterations = 60;
            fitted f = fit(&c, &settings, 1, 0);
            assert_int_equal(f.status, PV_OK);
            assert_int_equal(f.n_losses, 60);
            for (int t = 1; t < 60; ++t) assert_true(f.losses[t] <= f.losses[t - 1] * (1.0 + 1e-13));
            double last = als_naive_loss(&c, &settings, f.X, f.Y);
            assert_true(last <= f.losses[59] * (1.0 + 1e-13)); /* after the last pass over the users */
            fitted_free(&f);
        }
        als_case_free(&c);
    }
}

/* One iteration by hand from the drawn products: users, then products, then the loss from its definition. */
static void an_iteration_is_two_half_steps_and_its_loss_is_reported(void **state)
{
    (void)state;
    als_case c = als_case_create(30, 20, als_with_dislikes), by_product = als_case_transpose(&c);
    for (int kind = 0; kind < 4; ++kind) {
        pv_als_settings settings = kind & 1 ? als_hkv(5) : als_ialspp(5);
        settings.solver = kind & 2 ? PV_SOLVER_CG : PV_SOLVER_CHOLESKY;
        pv_als_method method = kind & 2 ? PV_ALS_CG : PV_ALS_EXACT;
        float X[30 * 5] = {0};
        settings.iterations = 0;
        fitted start = fit(&c, &settings, 1, 0);
        als_half_step(X, &c, &settings, start.Y, method, 3);
        als_half_step(start.Y, &by_product, &settings, X, method, 3);
        double expected = als_naive_loss(&c, &settings, X, start.Y);
        settings.iterations = 1;
        fitted one = fit(&c, &settings, 1, 0);
        als_assert_close(one.losses[0], expected, 1e-12 * expected);
        assert_memory_equal(one.Y, start.Y, 20 * 5 * sizeof(float));
        fitted_free(&start);
        fitted_free(&one);
    }
    als_case_free(&c);
    als_case_free(&by_product);
}

/* Largest |H x - b| / |b| over all users, in float64 from the definition. */
static double worst_residual(const als_case *c, const pv_als_settings *settings, const float *X, const float *Y)
{
    int32_t d = settings->n_factors;
    double *H = calloc((size_t)(d * d), sizeof *H), *b = calloc((size_t)d, sizeof *b), worst = 0.0;
    for (int64_t u = 0; u < c->pairs.n_rows; ++u) {
        als_naive_system(H, b, c, settings, Y, u);
        double residual = 0.0, target = 0.0;
        for (int32_t f = 0; f < d; ++f) {
            double r = -b[f];
            for (int32_t g = 0; g < d; ++g) r += H[f * d + g] * (double)X[u * d + g];
            residual += r * r;
            target += b[f] * b[f];
        }
        if (target > 0.0) worst = fmax(worst, sqrt(residual / target));
    }
    free(H), free(b);
    return worst;
}

static void last_pass_solves_every_user(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; ++k) {
        als_case c = als_case_create(50, 60, draws[k]);
        for (int kind = 0; kind < 4; ++kind) {
            pv_als_settings settings = kind & 1 ? als_hkv(16) : als_ialspp(16);
            settings.solver = kind & 2 ? PV_SOLVER_AUTO : PV_SOLVER_CHOLESKY;
            for (settings.iterations = 0; settings.iterations < 8; settings.iterations += 7) {
                fitted f = fit(&c, &settings, 1, 0);
                assert_true(worst_residual(&c, &settings, f.X, f.Y) <= 1e-6);
                fitted_free(&f);
            }
        }
        als_case_free(&c);
    }
}

static void bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    static const unsigned counts[] = {2, 3, 7};
    als_case c = als_case_create(700, 90, als_with_dislikes);
    for (int kind = 0; kind < 6; ++kind) {
        pv_als_settings settings = kind & 1 ? als_hkv(21) : als_ialspp(21);
        settings.solver = all_solvers[kind / 2];
        settings.iterations = 3;
        fitted one = fit(&c, &settings, 1, 0);
        for (size_t t = 0; t < 3; ++t) {
            fitted many = fit(&c, &settings, counts[t], 0);
            assert_memory_equal(one.X, many.X, 700 * 21 * sizeof(float));
            assert_memory_equal(one.Y, many.Y, 90 * 21 * sizeof(float));
            assert_memory_equal(one.losses, many.losses, 3 * sizeof(double));
            fitted_free(&many);
        }
        fitted_free(&one);
    }
    als_case_free(&c);
}

/* A pair in seven weighs ten thousand times the others: steps in float32 end at 1.5e-5, which their own sums do not
 * show.
 */
static double very_different(int64_t u, int64_t i)
{
    double weight = als_purchases(u, i);
    return isnan(weight) ? weight : (u + i) % 7 == 0 ? 1e4 * weight : weight;
}

static void the_last_pass_refines_what_float32_leaves(void **state)
{
    (void)state;
    als_case c = als_case_create(60, 300, very_different);
    for (int hkv = 0; hkv < 2; ++hkv) {
        pv_als_settings settings = hkv ? als_hkv(16) : als_ialspp(16);
        settings.solver = PV_SOLVER_AUTO;
        settings.iterations = 3;
        settings.regularization *= 1e-3;
        fitted f = fit(&c, &settings, 1, 0);
        assert_true(worst_residual(&c, &settings, f.X, f.Y) <= 1e-6);
        fitted_free(&f);
    }
    als_case_free(&c);
}

/* Products bought by 1,110 to 1,500 users: at 250 factors some are too long for the buffer of packed rows, and of those
 * some are more than a thread should do alone. */
static double crowded(int64_t u, int64_t i)
{
    return u < 1500 - i % 4 * 130 ? als_with_dislikes(0, 6 * u + i) + 3.0 : (double)NAN;
}

static double crowded_weight(int64_t u, int64_t i)
{
    double weight = crowded(u, i);
    return isnan(weight) && u < 1500 - i % 4 * 130 ? 1.0 : weight;
}

static void long_rows_are_solved_and_shared(void **state)
{
    (void)state;
    als_case c = als_case_create(1500, 60, crowded_weight);
    pv_als_settings settings = als_ialspp(250);
    settings.iterations = 2;
    settings.solver = PV_SOLVER_AUTO;
    fitted one = fit(&c, &settings, 1, 0), three = fit(&c, &settings, 3, 0);
    assert_int_equal(one.status, PV_OK);
    assert_memory_equal(one.X, three.X, 1500 * 250 * sizeof(float));
    assert_memory_equal(one.Y, three.Y, 60 * 250 * sizeof(float));
    assert_memory_equal(one.losses, three.losses, 2 * sizeof(double));
    assert_true(one.losses[1] < one.losses[0]);
    fitted_free(&one);
    fitted_free(&three);
    als_case_free(&c);
}

/* What an iteration reports is the loss of the factors it left; a longer run begins like a shorter one. */
static void automatic_reports_the_loss_and_gets_below_cholesky(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; ++k) {
        als_case c = als_case_create(200, 80, draws[k]);
        for (int hkv = 0; hkv < 2; ++hkv) {
            pv_als_settings settings = hkv ? als_hkv(16) : als_ialspp(16);
            settings.iterations = 15;
            fitted exact = fit(&c, &settings, 2, 0);
            settings.solver = PV_SOLVER_AUTO;
            fitted automatic = fit(&c, &settings, 2, 0);
            assert_int_equal(automatic.n_losses, 15);
            assert_true(automatic.losses[14] <= 1.001 * exact.losses[14]);
            double last = als_naive_loss(&c, &settings, automatic.X, automatic.Y);
            assert_true(last <= automatic.losses[14] * (1.0 + 1e-6));
            assert_true(last >= automatic.losses[14] * (1.0 - 1e-2));
            /* The first two iterations do not overshoot, so a run that ends with the second leaves the factors that a
             * longer one goes on from; it learns their loss in its last pass, the longer one in its third iteration. */
            settings.iterations = 2;
            fitted shorter = fit(&c, &settings, 2, 0);
            assert_memory_equal(shorter.losses, automatic.losses, sizeof(double));
            als_assert_close(shorter.losses[1], automatic.losses[1], 1e-5 * automatic.losses[1]);
            settings.iterations = 60; /* converged: the last pass changes next to nothing */
            fitted longer = fit(&c, &settings, 2, 0);
            als_assert_close(longer.losses[59], als_naive_loss(&c, &settings, longer.X, longer.Y),
                             1e-4 * longer.losses[59]);
            fitted_free(&exact);
            fitted_free(&automatic);
            fitted_free(&shorter);
            fitted_free(&longer);
        }
        als_case_free(&c);
    }
}

static void zero_iterations_draw_the_products_and_solve_the_users(void **state)
{
    (void)state;
    als_case c = als_case_create(20, 25, als_purchases);
    pv_als_settings settings = als_ialspp(4);
    settings.iterations = 0;
    fitted f = fit(&c, &settings, 2, 0);
    assert_int_equal(f.n_losses, 0);
    for (int32_t i = 0; i < 25; ++i)
        for (int32_t k = 0; k < 4; ++k) {
            double drawn = 0.05 * pv_random_normal(42, (uint64_t)i, (uint64_t)k); /* 0.1 / sqrt(4) */
            als_assert_close((double)f.Y[i * 4 + k], drawn, 1e-8);
        }
    fitted_free(&f);
    als_case_free(&c);
}

static void another_seed_starts_elsewhere(void **state)
{
    (void)state;
    als_case c = als_case_create(20, 25, als_purchases);
    pv_als_settings settings = als_ialspp(4);
    fitted first = fit(&c, &settings, 1, 0);
    settings.seed = 43;
    fitted second = fit(&c, &settings, 1, 0);
    assert_memory_not_equal(first.X, second.X, 20 * 4 * sizeof(float));
    fitted_free(&first);
    fitted_free(&second);
    als_case_free(&c);
}

/* Four groups of users, each of which buys its own fifteen products; a tenth of those pairs is held out. */
static bool same_block(int64_t u, int64_t i)
{
    return u / 20 == i / 15;
}

static bool is_held_out(int64_t u, int64_t i)
{
    return pv_random_uniform(14, (uint64_t)u, (uint64_t)i) < 0.1;
}

static double planted_blocks(int64_t u, int64_t i)
{
    return same_block(u, i) && !is_held_out(u, i) ? 5.0 : (double)NAN;
}

static void planted_blocks_are_found(void **state)
{
    (void)state;
    als_case c = als_case_create(80, 60, planted_blocks);
    for (int kind = 0; kind < 6; ++kind) {
        pv_als_settings settings = kind & 1 ? als_hkv(4) : als_ialspp(4);
        settings.solver = all_solvers[kind / 2];
        settings.iterations = 20;
        settings.regularization = kind & 1 ? 0.1 : 0.001;
        fitted f = fit(&c, &settings, 2, 0);
        for (int64_t u = 0; u < 80; ++u) {
            double lowest_inside = (double)INFINITY, highest_outside = -(double)INFINITY;
            for (int64_t i = 0; i < 60; ++i) {
                double s = pv_als_score_stored(f.X + u * 4, f.Y + i * 4, 4);
                if (same_block(u, i))
                    lowest_inside = fmin(lowest_inside, s); /* held-out pairs too */
                else
                    highest_outside = fmax(highest_outside, fabs(s));
                if (same_block(u, i) && !is_held_out(u, i)) als_assert_close(s, 1.0, 0.15);
            }
            assert_true(lowest_inside > 0.8);
            assert_true(highest_outside < 0.02);
        }
        fitted_free(&f);
    }
    als_case_free(&c);
}

static double always_two(int64_t u, int64_t i)
{
    (void)u, (void)i;
    return 2.0;
}

/* d = 1, R = 0.5: the loss 2 (1 - s)^2 + .2 s^2 + .5 (1 + .2) (x^2 + y^2) is least at x = y, s = (2 - .6) / 2.2. */
static void one_user_and_one_product(void **state)
{
    (void)state;
    als_case c = als_case_create(1, 1, always_two);
    for (int s = 0; s < 3; ++s) {
        pv_als_settings settings = als_ialspp(1);
        settings.regularization = 0.5;
        settings.solver = all_solvers[s];
        settings.iterations = 64;
        fitted f = fit(&c, &settings, 3, 0);
        als_assert_close((double)f.X[0] * (double)f.Y[0], 1.4 / 2.2, 1e-6);
        fitted_free(&f);
    }
    als_case_free(&c);
}

static void no_ridge_and_too_many_factors_stay_finite(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; ++k) {
        als_case c = als_case_create(9, 7, draws[k]);
        for (int kind = 0; kind < 12; ++kind) {
            pv_als_settings settings = kind & 1 ? als_hkv(33) : als_ialspp(33);
            settings.regularization = 0.0;
            settings.unobserved_weight = kind & 2 && !(kind & 1) ? 0.0 : settings.unobserved_weight;
            settings.solver = all_solvers[kind / 4];
            settings.iterations = 12;
            fitted f = fit(&c, &settings, 2, 0);
            assert_int_equal(f.status, PV_OK);
            assert_true(all_finite(f.X, 9 * 33) && all_finite(f.Y, 7 * 33));
            for (int t = 1; t < f.n_losses && settings.solver != PV_SOLVER_AUTO; ++t)
                assert_true(f.losses[t] <= f.losses[t - 1] + 1e-12);
            fitted_free(&f);
        }
        als_case_free(&c);
    }
}

static void cg_comes_close_to_cholesky(void **state)
{
    (void)state;
    als_case c = als_case_create(200, 80, als_purchases);
    for (int hkv = 0; hkv < 2; ++hkv) {
        pv_als_settings settings = hkv ? als_hkv(16) : als_ialspp(16);
        settings.iterations = 15;
        fitted exact = fit(&c, &settings, 2, 0);
        settings.solver = PV_SOLVER_CG;
        fitted cg = fit(&c, &settings, 2, 0);
        assert_true(cg.losses[14] <= 1.01 * exact.losses[14]);
        fitted_free(&exact);
        fitted_free(&cg);
    }
    als_case_free(&c);
}

static void the_caller_can_stop_it(void **state)
{
    (void)state;
    als_case c = als_case_create(20, 25, als_purchases);
    pv_als_settings settings = als_ialspp(4);
    fitted f = fit(&c, &settings, 2, 3);
    assert_int_equal(f.status, PV_E_INTERRUPTED);
    assert_int_equal(f.n_losses, 3);
    assert_true(f.X[0] == 77.0f && f.Y[0] == 77.0f); /* untouched */
    fitted_free(&f);
    als_case_free(&c);
}

static double largest_float_once(int64_t u, int64_t i)
{
    return u == 5 && i == 3 ? 3e38 : als_purchases(u, i);
}

static void the_largest_weight_still_trains(void **state)
{
    (void)state;
    als_case c = als_case_create(9, 8, largest_float_once);
    for (int s = 0; s < 3; ++s) {
        pv_als_settings settings = als_ialspp(2);
        settings.solver = all_solvers[s];
        fitted f = fit(&c, &settings, 1, 0);
        assert_int_equal(f.status, PV_OK);
        als_assert_close(pv_als_score_stored(f.X + 5 * 2, f.Y + 3 * 2, 2), 1.0, 1e-6);
        fitted_free(&f);
    }
    als_case_free(&c);
}

static void rows_without_a_finite_solution_are_an_error_that_names_the_first(void **state)
{
    (void)state;
    als_case c = als_case_create(9, 8, als_purchases);
    pv_als_settings settings = als_ialspp(2);
    settings.regularization = (double)INFINITY;
    for (unsigned n_threads = 1; n_threads <= 3; ++n_threads) {
        fitted f = fit(&c, &settings, n_threads, 0);
        assert_int_equal(f.status, PV_E_INPUT);
        assert_int_equal(f.error.position, 0);
        assert_non_null(strstr(f.error.message, "user row 0"));
        assert_true(f.X[0] == 77.0f && f.Y[0] == 77.0f);
        fitted_free(&f);
    }
    als_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_never_rises),
        cmocka_unit_test(an_iteration_is_two_half_steps_and_its_loss_is_reported),
        cmocka_unit_test(last_pass_solves_every_user),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(the_last_pass_refines_what_float32_leaves),
        cmocka_unit_test(long_rows_are_solved_and_shared),
        cmocka_unit_test(automatic_reports_the_loss_and_gets_below_cholesky),
        cmocka_unit_test(zero_iterations_draw_the_products_and_solve_the_users),
        cmocka_unit_test(another_seed_starts_elsewhere),
        cmocka_unit_test(planted_blocks_are_found),
        cmocka_unit_test(one_user_and_one_product),
        cmocka_unit_test(no_ridge_and_too_many_factors_stay_finite),
        cmocka_unit_test(cg_comes_close_to_cholesky),
        cmocka_unit_test(the_caller_can_stop_it),
        cmocka_unit_test(the_largest_weight_still_trains),
        cmocka_unit_test(rows_without_a_finite_solution_are_an_error_that_names_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
