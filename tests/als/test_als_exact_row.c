/* The float64 row: solution, shares, and what removing an item does, against solving again without it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als_cases.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCTS = 90 };

/* A model of random products and the gram that goes with it; free gram and product_factors. */
static pv_als_model random_model(pv_als_settings settings)
{
    pv_threads *threads = als_threads(1);
    size_t d = (size_t)settings.n_factors;
    double *gram = malloc(d * d * sizeof *gram);
    float *Y = als_random_factors(PRODUCTS, settings.n_factors, 6);
    assert_int_equal(pv_als_gram(gram, Y, PRODUCTS, settings.n_factors, threads, NULL), PV_OK);
    pv_threads_free(threads);
    return (pv_als_model){
        .settings = settings, .n_users = 1, .n_products = PRODUCTS, .product_factors = Y, .gram = gram};
}

static void random_model_free(pv_als_model *model)
{
    free((void *)(uintptr_t)model->gram);
    free((void *)(uintptr_t)model->product_factors);
}

static const float *product_row(const pv_als_model *model, int32_t product)
{
    return model->product_factors + product * model->settings.n_factors;
}

/* Of the user in the next checks, [d]; NULL: 0. */
static const double *prior_mean;

/* R (n + A0 m), hkv R. */
static double ridge_of(const pv_als_settings *settings, int64_t n)
{
    if (settings->loss == PV_LOSS_HKV) return settings->regularization;
    return settings->regularization * ((double)n + settings->unobserved_weight * (double)PRODUCTS);
}

/* x of a history by the dense float64 solver. */
static void solve_naively(double *x, const pv_als_model *model, const int32_t *items, const double *weights, int64_t n)
{
    int32_t d = model->settings.n_factors;
    double *H = malloc((size_t)(d * d) * sizeof *H), *b = malloc((size_t)d * sizeof *b), dense[PRODUCTS];
    bool any = false;
    for (int i = 0; i < PRODUCTS; ++i) dense[i] = (double)NAN;
    for (int64_t k = 0; k < n; ++k) {
        dense[items[k]] = weights[k];
        any = any || weights[k] > 0.0;
    }
    als_case one = {.dense = dense, .pairs = {.n_rows = 1, .n_columns = PRODUCTS}};
    als_naive_system(H, b, &one, &model->settings, model->product_factors, 0);
    for (int32_t f = 0; prior_mean && f < d; ++f) b[f] += ridge_of(&model->settings, n) * prior_mean[f];
    als_naive_solve(x, H, b, d);
    for (int32_t f = 0; f < d && !any && !prior_mean; ++f) x[f] = 0.0;
    free(H), free(b);
}

static double naive_score(const pv_als_model *model, const int32_t *items, const double *weights, int64_t n,
                          int32_t target)
{
    int32_t d = model->settings.n_factors;
    double *x = malloc((size_t)d * sizeof *x);
    solve_naively(x, model, items, weights, n);
    double s = pv_als_score(x, model->product_factors + target * d, d);
    free(x);
    return s;
}

/* The mean in two features: the one at its 16ths and what they leave. */
static double feature_shares(pv_als_row *row, const pv_als_model *model, int32_t target)
{
    static const int32_t features[] = {0, 1};
    static const float values[] = {16.0f, 0.5f};
    const int32_t d = model->settings.n_factors;
    float weights[2 * 19];
    double share[2];
    if (!prior_mean) return 0.0;
    for (int32_t f = 0; f < d; ++f) {
        weights[f] = (float)(prior_mean[f] / 64.0);
        weights[d + f] = (float)(prior_mean[f] * 1.5);
    }
    pv_als_row_feature_shares(share, row, product_row(model, target), weights, features, values, 2);
    als_assert_close(share[1], 3.0 * share[0], 1e-12 * (1.0 + fabs(share[1])));
    return share[0] + share[1];
}

/* Score, sum of shares and every removal for some targets. */
static void check_effects(const pv_als_model *model, const int32_t *items, const double *weights, int64_t n)
{
    double share[PRODUCTS], without[PRODUCTS], left_weights[PRODUCTS];
    int32_t left_items[PRODUCTS];
    pv_als_row *row = NULL;
    assert_int_equal(pv_als_row_create(&row, model, NULL), PV_OK);
    assert_int_equal(pv_als_row_solve(row, items, weights, n, prior_mean, NULL), PV_OK);
    for (int32_t target = 0; target < PRODUCTS; target += 11) {
        double score = 77.0, sum = 0.0;
        assert_int_equal(pv_als_row_effects(&score, share, without, row, product_row(model, target), NULL), PV_OK);
        double expected = naive_score(model, items, weights, n, target);
        als_assert_close(score, expected, 1e-9 * fmax(1.0, fabs(expected)));
        for (int64_t k = 0; k < n; ++k) {
            sum += share[k];
            if (weights[k] <= 0.0) assert_true(share[k] == 0.0);
            int64_t n_left = 0;
            for (int64_t other = 0; other < n; ++other) {
                if (other == k) continue;
                left_items[n_left] = items[other];
                left_weights[n_left++] = weights[other];
            }
            expected = n_left == 0 && !prior_mean ? 0.0 : naive_score(model, left_items, left_weights, n_left, target);
            als_assert_close(without[k], expected, 1e-9 * fmax(1.0, fabs(expected)));
        }
        als_assert_close(sum + feature_shares(row, model, target), score, 1e-9 * fmax(1.0, fabs(score)));
    }
    pv_als_row_free(row);
}

/* Every 90 / n-th product; a fifth of the weights negative where dislikes are asked for. */
static int64_t make_history(int32_t *items, double *weights, int64_t n, double scale, bool dislikes)
{
    for (int64_t k = 0; k < n; ++k) {
        items[k] = (int32_t)(k * PRODUCTS / n);
        weights[k] = scale * (1.0 + 0.37 * (double)(k % 5));
        if (dislikes && k % 5 == 2) weights[k] = -weights[k];
    }
    return n;
}

static void effects_equal_solving_again(void **state)
{
    (void)state;
    static const int64_t lengths[] = {1, 2, 5, 16, 40, 90};
    static const double scales[] = {0.25, 1.0, 30.0};
    int32_t items[PRODUCTS];
    double weights[PRODUCTS];
    for (int kind = 0; kind < 4; ++kind) {
        for (int32_t d = 3; d <= 19; d += 16) {
            pv_als_model model = random_model(kind & 1 ? als_hkv(d) : als_ialspp(d));
            for (size_t l = 0; l < 6; ++l)
                for (size_t s = 0; s < 3; ++s) {
                    int64_t n = make_history(items, weights, lengths[l], scales[s], kind & 2);
                    check_effects(&model, items, weights, n);
                }
            random_model_free(&model);
        }
    }
}

/* lam follows the length of the history, so a removal changes what the prior adds too; without a purchase the prior
 * alone remains. Means are multiples of 1 / 64, which float32 holds. */
static void a_prior_mean_is_part_of_every_answer(void **state)
{
    (void)state;
    static const int64_t lengths[] = {0, 1, 2, 16, 90};
    int32_t items[PRODUCTS];
    double weights[PRODUCTS], mean[19];
    for (int32_t f = 0; f < 19; ++f) mean[f] = (f % 7 - 3) / 4.0;
    prior_mean = mean;
    for (int kind = 0; kind < 4; ++kind) {
        for (int32_t d = 3; d <= 19; d += 16) {
            pv_als_model model = random_model(kind & 1 ? als_hkv(d) : als_ialspp(d));
            for (size_t l = 0; l < 5; ++l)
                check_effects(&model, items, weights, make_history(items, weights, lengths[l], 1.0, kind & 2));
            random_model_free(&model);
        }
    }
    prior_mean = NULL;
}

static void confidence_one_puts_nothing_into_the_curvature(void **state)
{
    (void)state;
    pv_als_model model = random_model(als_hkv(6));
    const int32_t items[] = {4, 7, 50};
    const double ones[] = {1.0, 1.0, 1.0}, below[] = {0.3, 1.0, 0.3};
    check_effects(&model, items, ones, 3);
    check_effects(&model, items, below, 3);
    random_model_free(&model);
}

/* One item outweighs all else by 1e8: 1 - c g is below the formula's reach. */
static void an_overwhelming_item_is_removed_exactly(void **state)
{
    (void)state;
    const int32_t items[] = {4, 7, 50, 51};
    const double weights[] = {1.0, 1e8, 2.0, -1.0};
    for (int hkv = 0; hkv < 2; ++hkv) {
        pv_als_model model = random_model(hkv ? als_hkv(6) : als_ialspp(6));
        double without[4], score;
        pv_als_row *row = NULL;
        assert_int_equal(pv_als_row_create(&row, &model, NULL), PV_OK);
        assert_int_equal(pv_als_row_solve(row, items, weights, 4, NULL, NULL), PV_OK);
        assert_int_equal(pv_als_row_effects(&score, NULL, without, row, product_row(&model, 9), NULL), PV_OK);
        const int32_t left_items[] = {4, 50, 51};
        const double left_weights[] = {1.0, 2.0, -1.0};
        als_assert_close(without[1], naive_score(&model, left_items, left_weights, 3, 9), 1e-12);
        pv_als_row_free(row);
        random_model_free(&model);
    }
}

/* R = A0 = 0 and fewer items than factors: H is singular; the smallest jitter solves it. */
static void singular_systems_give_finite_answers(void **state)
{
    (void)state;
    pv_als_settings settings = als_ialspp(12);
    settings.regularization = settings.unobserved_weight = 0.0;
    pv_als_model model = random_model(settings);
    const int32_t items[] = {4, 7, 50};
    const double weights[] = {1.0, 3.0, 2.0};
    double share[3], without[3], score;
    pv_als_row *row = NULL;
    assert_int_equal(pv_als_row_create(&row, &model, NULL), PV_OK);
    assert_int_equal(pv_als_row_solve(row, items, weights, 3, NULL, NULL), PV_OK);
    for (int k = 0; k < 3; ++k) {
        assert_int_equal(pv_als_row_effects(&score, share, without, row, product_row(&model, items[k]), NULL), PV_OK);
        als_assert_close(score, 1.0, 1e-6); /* nothing holds these scores back */
        als_assert_close(share[0] + share[1] + share[2], score, 1e-3);
        for (int other = 0; other < 3; ++other) {
            assert_true(isfinite(without[other]));
            if (other != k) als_assert_close(without[other], 1.0, 1e-6);
        }
    }
    pv_als_row_free(row);
    random_model_free(&model);
}

static void empty_histories_and_dislikes_alone_score_zero(void **state)
{
    (void)state;
    pv_als_model model = random_model(als_ialspp(5));
    const int32_t items[] = {3, 8};
    const double dislikes[] = {-1.0, -2.0};
    double share[2] = {77.0, 77.0}, without[2] = {77.0, 77.0}, score = 77.0;
    pv_als_row *row = NULL;
    assert_int_equal(pv_als_row_create(&row, &model, NULL), PV_OK);
    assert_int_equal(pv_als_row_solve(row, NULL, NULL, 0, NULL, NULL), PV_OK);
    assert_int_equal(pv_als_row_effects(&score, share, without, row, product_row(&model, 1), NULL), PV_OK);
    assert_true(score == 0.0 && share[0] == 77.0);
    assert_int_equal(pv_als_row_solve(row, items, dislikes, 2, NULL, NULL), PV_OK);
    for (int f = 0; f < 5; ++f) assert_true(pv_als_row_factors(row)[f] == 0.0);
    assert_int_equal(pv_als_row_effects(&score, share, without, row, product_row(&model, 1), NULL), PV_OK);
    assert_true(score == 0.0 && share[0] == 0.0 && share[1] == 0.0 && without[0] == 0.0 && without[1] == 0.0);
    pv_als_row_free(row);
    random_model_free(&model);
}

/* The only purchase beside a dislike: without it nothing is left to aim at. */
static void removing_the_only_purchase_scores_zero(void **state)
{
    (void)state;
    pv_als_model model = random_model(als_hkv(5));
    const int32_t items[] = {3, 8};
    const double weights[] = {-1.5, 1.7};
    double without[2], score;
    pv_als_row *row = NULL;
    assert_int_equal(pv_als_row_create(&row, &model, NULL), PV_OK);
    assert_int_equal(pv_als_row_solve(row, items, weights, 2, NULL, NULL), PV_OK);
    assert_int_equal(pv_als_row_effects(&score, NULL, without, row, product_row(&model, 8), NULL), PV_OK);
    assert_true(score > 0.0);
    assert_true(without[1] == 0.0);
    assert_true(without[0] > 0.0 && without[0] != score);
    pv_als_row_free(row);
    random_model_free(&model);
}

static void a_row_can_be_solved_again_and_again(void **state)
{
    (void)state;
    pv_als_model model = random_model(als_ialspp(8));
    int32_t items[PRODUCTS];
    double weights[PRODUCTS], share[PRODUCTS], without[PRODUCTS], score, again;
    pv_als_row *row = NULL;
    assert_int_equal(pv_als_row_create(&row, &model, NULL), PV_OK);
    const int32_t two[] = {1, 2};
    const double ones[] = {1.0, 1.0};
    assert_int_equal(pv_als_row_solve(row, two, ones, 2, NULL, NULL), PV_OK);
    assert_int_equal(pv_als_row_effects(&score, share, without, row, product_row(&model, 5), NULL), PV_OK);
    double first_share = share[1], first_without = without[1];
    int64_t n = make_history(items, weights, 60, 2.0, true);
    assert_int_equal(pv_als_row_solve(row, items, weights, n, NULL, NULL), PV_OK);
    assert_int_equal(pv_als_row_effects(&again, share, without, row, product_row(&model, 5), NULL), PV_OK);
    assert_true(again != score);
    assert_true(weights[0] > 0.0);
    als_assert_close(without[0], naive_score(&model, items + 1, weights + 1, n - 1, 5), 1e-9);
    assert_int_equal(pv_als_row_solve(row, two, ones, 2, NULL, NULL), PV_OK);
    assert_int_equal(pv_als_row_effects(&again, share, without, row, product_row(&model, 5), NULL), PV_OK);
    assert_true(again == score && share[1] == first_share && without[1] == first_without);
    pv_als_row_free(row);
    random_model_free(&model);
}

/* What training stored for its users is what the exact row gives for their histories, to 1e-5 and better. */
static void stored_users_agree_with_exact_rows(void **state)
{
    (void)state;
    als_case c = als_case_create(40, PRODUCTS, als_with_dislikes);
    pv_als_settings settings = als_ialspp(14);
    float X[40 * 14], Y[PRODUCTS * 14];
    double gram[14 * 14], weights[PRODUCTS];
    pv_threads *threads = als_threads(2);
    pv_als_row *row = NULL;
    assert_int_equal(pv_als_fit(X, Y, &c.pairs, &settings, threads, NULL, NULL, NULL), PV_OK);
    assert_int_equal(pv_als_gram(gram, Y, PRODUCTS, 14, threads, NULL), PV_OK);
    pv_als_model model = {settings, 40, PRODUCTS, X, Y, gram};
    assert_int_equal(pv_als_row_create(&row, &model, NULL), PV_OK);
    for (int64_t u = 0; u < 40; ++u) {
        int64_t first = c.row_offsets[u], n = c.row_offsets[u + 1] - first;
        for (int64_t k = 0; k < n; ++k) weights[k] = (double)c.weights[first + k];
        assert_int_equal(pv_als_row_solve(row, c.columns + first, weights, n, NULL, NULL), PV_OK);
        for (int64_t i = 0; i < PRODUCTS; ++i)
            als_assert_close(pv_als_score(pv_als_row_factors(row), Y + i * 14, 14),
                             pv_als_score_stored(X + u * 14, Y + i * 14, 14), 1e-6);
    }
    pv_als_row_free(row);
    pv_threads_free(threads);
    als_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_equal_solving_again),
        cmocka_unit_test(a_prior_mean_is_part_of_every_answer),
        cmocka_unit_test(confidence_one_puts_nothing_into_the_curvature),
        cmocka_unit_test(an_overwhelming_item_is_removed_exactly),
        cmocka_unit_test(singular_systems_give_finite_answers),
        cmocka_unit_test(empty_histories_and_dislikes_alone_score_zero),
        cmocka_unit_test(removing_the_only_purchase_scores_zero),
        cmocka_unit_test(a_row_can_be_solved_again_and_again),
        cmocka_unit_test(stored_users_agree_with_exact_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
