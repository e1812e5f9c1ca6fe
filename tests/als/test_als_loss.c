/* The training loss against its definition. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als_cases.h"
#include <math.h>
#include <stdlib.h>

static double loss_of(const als_case *c, const pv_als_settings *settings, const float *X, const float *Y)
{
    double loss = 0.0;
    pv_threads *threads = als_threads(1);
    assert_int_equal(pv_als_loss(&loss, X, Y, &c->pairs, settings, threads, NULL), PV_OK);
    pv_threads_free(threads);
    return loss;
}

static double one_purchase_one_dislike(int64_t u, int64_t i)
{
    (void)u;
    return i == 0 ? 3.0 : i == 1 ? -2.0 : (double)NAN;
}

static void loss_by_hand(void **state)
{
    (void)state;
    als_case c = als_case_create(1, 3, one_purchase_one_dislike);
    const float X[] = {2.0f}, Y[] = {0.25f, 0.5f, 1.0f}; /* scores 0.5, 1, 2 */
    pv_als_settings settings = {
        .n_factors = 1, .loss = PV_LOSS_IALSPP, .regularization = 0.1, .unobserved_weight = 0.2};
    /* 3 (1-.5)^2 + 2 1^2 + .2 (.25+1+4) + .1 [(2 + .2 3) 4 + (1 + .2 1) (.0625 + .25) + (0 + .2 1) 1] */
    als_assert_close(loss_of(&c, &settings, X, Y), 0.75 + 2.0 + 1.05 + 1.04 + 0.0375 + 0.02, 1e-12);
    settings.loss = PV_LOSS_HKV;
    settings.unobserved_weight = 1.0;
    /* 3 (1-.5)^2 + 2 1^2 + 2^2 + .1 (4 + .0625 + .25 + 1) */
    als_assert_close(loss_of(&c, &settings, X, Y), 0.75 + 2.0 + 4.0 + 0.53125, 1e-12);
    als_case_free(&c);
}

static void loss_equals_the_sum_over_every_pair(void **state)
{
    (void)state;
    double (*const draws[])(int64_t, int64_t) = {als_purchases, als_with_dislikes, als_confidence_one,
                                                 als_confidence_below_one};
    for (size_t k = 0; k < 4; ++k) {
        als_case c = als_case_create(60, 41, draws[k]);
        for (int32_t d = 1; d <= 37; d += 9) {
            float *X = als_random_factors(60, d, 1), *Y = als_random_factors(41, d, 2);
            pv_als_settings ialspp = als_ialspp(d), hkv = als_hkv(d);
            double expected = als_naive_loss(&c, &ialspp, X, Y);
            als_assert_close(loss_of(&c, &ialspp, X, Y), expected, 1e-12 * expected);
            expected = als_naive_loss(&c, &hkv, X, Y);
            als_assert_close(loss_of(&c, &hkv, X, Y), expected, 1e-12 * expected);
            free(X);
            free(Y);
        }
        als_case_free(&c);
    }
}

static void loss_does_not_see_a_rotation(void **state)
{
    (void)state;
    als_case c = als_case_create(50, 30, als_with_dislikes);
    float *X = als_random_factors(50, 12, 1), *Y = als_random_factors(30, 12, 2);
    double *V = als_random_rotation(12, 3);
    float *XV = als_rotate(X, 50, V, 12), *YV = als_rotate(Y, 30, V, 12);
    for (int hkv = 0; hkv < 2; ++hkv) {
        pv_als_settings settings = hkv ? als_hkv(12) : als_ialspp(12);
        double before = loss_of(&c, &settings, X, Y);
        als_assert_close(loss_of(&c, &settings, XV, YV), before, 1e-6 * before);
    }
    for (int64_t u = 0; u < 50; ++u)
        als_assert_close(pv_als_score_stored(XV + u * 12, YV + 12, 12), pv_als_score_stored(X + u * 12, Y + 12, 12),
                         1e-5);
    free(X), free(Y), free(V), free(XV), free(YV);
    als_case_free(&c);
}

static void scores_sum_in_index_order(void **state)
{
    (void)state;
    /* 2^53 + 1 - 2^53 is 0 from the left and 1 in any other order. */
    const float y[] = {1.0f, 1.0f, -1.0f}, stored[] = {0x1p53f, 1.0f, 0x1p53f};
    const double x[] = {0x1p53, 1.0, 0x1p53};
    als_assert_close(pv_als_score(x, y, 3), 0.0, 0.0);
    als_assert_close(pv_als_score_stored(stored, y, 3), 0.0, 0.0);
    const float half[] = {0.5f, 2.0f};
    const double plain[] = {3.0, 0.25};
    als_assert_close(pv_als_score(plain, half, 2), 2.0, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_by_hand),
        cmocka_unit_test(loss_equals_the_sum_over_every_pair),
        cmocka_unit_test(loss_does_not_see_a_rotation),
        cmocka_unit_test(scores_sum_in_index_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
