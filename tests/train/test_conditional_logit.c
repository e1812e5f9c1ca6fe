/* Weights from choices: against solutions known in closed form, bounds, samples, and threads. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "train/conditional_logit.h"
#include <math.h>
#include <string.h>

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance)) fail_msg("%.12g is not within %g of %.12g", a, tolerance, b);
}

/* One feature, two alternatives a set, x = 1 chosen in 3 of 4 sets: w solves 1 / (1 + e^-w) = 3/4 up to the ridge. */
static const int64_t pairs_offsets[] = {0, 2, 4, 6, 8};
static const float pairs_features[] = {1, 0, 1, 0, 1, 0, 1, 0};
static const double ones[] = {1, 1, 1, 1};
static const int32_t groups[] = {0, 1, 2, 3};

static pv_choice_sets pairs(const uint8_t *is_chosen)
{
    return (pv_choice_sets){.n_sets = 4,
                            .offsets = pairs_offsets,
                            .n_features = 1,
                            .features = pairs_features,
                            .is_chosen = is_chosen,
                            .customer_weight = ones,
                            .group = groups};
}

static void the_weight_gives_the_share_that_was_chosen(void **state)
{
    (void)state;
    static const uint8_t is_chosen[] = {1, 0, 1, 0, 1, 0, 0, 1};
    const pv_choice_sets sets = pairs(is_chosen);
    const pv_logit_settings settings = {.ridge = 1e-9};
    pv_logit_fit fit;
    assert_int_equal(pv_conditional_logit(&fit, &sets, &settings, NULL, NULL), PV_OK);
    assert_near(fit.weights[0], log(3), 1e-6);
    assert_near(fit.objective, -(3 * log(0.75) + log(0.25)) / 4, 1e-8);
}

static void a_weight_is_not_negative_unless_it_is_free(void **state)
{
    (void)state;
    static const uint8_t is_chosen[] = {0, 1, 0, 1, 0, 1, 1, 0};
    const bool is_free = true;
    const pv_choice_sets sets = pairs(is_chosen);
    pv_logit_settings settings = {.ridge = 1e-9};
    pv_logit_fit fit;
    assert_int_equal(pv_conditional_logit(&fit, &sets, &settings, NULL, NULL), PV_OK);
    assert_true(fit.weights[0] == 0);
    settings.is_free = &is_free;
    assert_int_equal(pv_conditional_logit(&fit, &sets, &settings, NULL, NULL), PV_OK);
    assert_near(fit.weights[0], -log(3), 1e-6);
}

static void a_feature_left_out_stays_at_zero(void **state)
{
    (void)state;
    static const uint8_t is_chosen[] = {1, 0, 1, 0, 1, 0, 0, 1};
    const bool is_left_out = true;
    const pv_choice_sets sets = pairs(is_chosen);
    const pv_logit_settings settings = {.ridge = 1e-9, .is_left_out = &is_left_out};
    pv_logit_fit fit;
    assert_int_equal(pv_conditional_logit(&fit, &sets, &settings, NULL, NULL), PV_OK);
    assert_true(fit.weights[0] == 0);
}

/* A sampled alternative that stands for three weighs as three. */
static void sampled_alternatives_count_for_what_they_stand_for(void **state)
{
    (void)state;
    static const uint8_t is_chosen[] = {1, 0, 1, 0, 1, 0, 0, 1};
    const float stands_for_three = (float)log(3);
    const float log_sampled[] = {0, stands_for_three, 0, stands_for_three, 0, stands_for_three, 0, stands_for_three};
    pv_choice_sets sets = pairs(is_chosen);
    sets.log_sampled = log_sampled;
    const pv_logit_settings settings = {.ridge = 1e-9};
    pv_logit_fit fit;
    assert_int_equal(pv_conditional_logit(&fit, &sets, &settings, NULL, NULL), PV_OK);
    assert_near(fit.weights[0], log(9), 1e-5);
}

/* --- many sets with known weights -------------------------------------------------------------------------------- */

enum { SETS = 3000, ALTERNATIVES = 12, FEATURES = 4 };
static const double truth[FEATURES] = {1.5, 0, 0.7, -0.5};
static int64_t offsets[SETS + 1];
static float features[SETS * ALTERNATIVES * FEATURES];
static uint8_t chosen[SETS * ALTERNATIVES];
static double weights[SETS];
static int32_t companies[SETS];

static void draw_set(int64_t set)
{
    double p[ALTERNATIVES], sum = 0;
    for (int a = 0; a < ALTERNATIVES; a++) {
        const int64_t k = set * ALTERNATIVES + a;
        double score = 0;
        for (int f = 0; f < FEATURES; f++) {
            features[k * FEATURES + f] = (float)pv_random_normal(1, (uint64_t)f, (uint64_t)k);
            score += truth[f] * (double)features[k * FEATURES + f];
        }
        sum += p[a] = exp(score);
    }
    double place = pv_random_uniform(2, 0, (uint64_t)set) * sum;
    int a = 0;
    while (a + 1 < ALTERNATIVES && place >= p[a]) place -= p[a++];
    chosen[set * ALTERNATIVES + a] = 1;
}

static pv_choice_sets drawn_sets(void)
{
    memset(chosen, 0, sizeof chosen);
    for (int64_t set = 0; set < SETS; set++) {
        offsets[set + 1] = (set + 1) * ALTERNATIVES;
        weights[set] = 1;
        companies[set] = (int32_t)(set / 2);
        draw_set(set);
    }
    return (pv_choice_sets){.n_sets = SETS,
                            .offsets = offsets,
                            .n_features = FEATURES,
                            .features = features,
                            .is_chosen = chosen,
                            .customer_weight = weights,
                            .group = companies};
}

static void planted_weights_are_found_and_lie_in_their_intervals(void **state)
{
    (void)state;
    static const bool is_free[FEATURES] = {false, false, false, true};
    const pv_choice_sets sets = drawn_sets();
    const pv_logit_settings settings = {.ridge = 1e-6, .is_free = is_free};
    pv_logit_fit fit;
    assert_int_equal(pv_conditional_logit(&fit, &sets, &settings, NULL, NULL), PV_OK);
    assert_int_equal(pv_conditional_logit_infer(&fit, &sets, &settings, 7, NULL, NULL), PV_OK);
    for (int f = 0; f < FEATURES; f++) {
        assert_near(fit.weights[f], truth[f], 0.12);
        assert_true(fit.low[f] <= fit.weights[f] && fit.weights[f] <= fit.high[f]);
        assert_true(fit.high[f] - fit.low[f] < 0.3);
    }
    assert_true(fit.low[0] > 1 && fit.low[1] == 0);
    assert_true(fit.loss_without[0] > fit.loss_without[2] && fit.loss_without[2] > 0.01);
    assert_near(fit.loss_without[1], 0, 1e-3);
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    const pv_choice_sets sets = drawn_sets();
    const pv_logit_settings settings = {.ridge = 1e-3};
    pv_logit_fit one, three;
    pv_threads *threads = NULL;
    assert_int_equal(pv_threads_create(&threads, 3, NULL), PV_OK);
    assert_int_equal(pv_conditional_logit(&one, &sets, &settings, NULL, NULL), PV_OK);
    assert_int_equal(pv_conditional_logit(&three, &sets, &settings, threads, NULL), PV_OK);
    assert_memory_equal(one.weights, three.weights, sizeof one.weights);
    pv_threads_free(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_weight_gives_the_share_that_was_chosen),
        cmocka_unit_test(a_weight_is_not_negative_unless_it_is_free),
        cmocka_unit_test(a_feature_left_out_stays_at_zero),
        cmocka_unit_test(sampled_alternatives_count_for_what_they_stand_for),
        cmocka_unit_test(planted_weights_are_found_and_lie_in_their_intervals),
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
