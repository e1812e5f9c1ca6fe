/* The customer's own repeat constant. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/question_case.h"
#include <math.h>
#include "signals/rebuy.h"

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

/* Me: 3 lines of 2 products in 2 orders, the last 3 days ago (P stands twice in one order). Others: 4 lines of 3
 * products: a quarter of them repeats. */
static const purchase_case timed[] = {LINE("me", "P", "2020-01-01"), LINE("me", "P", "2020-01-01"),
                                      LINE("me", "Q", "2020-01-01"), LINE("me", "P", "2020-01-05"),
                                      LINE("a", "P", "2020-01-01"),  LINE("a", "P", "2020-01-02"),
                                      LINE("a", "R", "2020-01-02"),  LINE("b", "R", "2020-01-02")};
static const double coefficients[PV_REBUY_FEATURE_COUNT] = {0.5, -2, 3, -1};

static void learn(const shop_case *c, bool is_learned)
{
    question_case_init(&q, c, PV_SIGNAL_REBUY, 5);
    double *stored = NULL;
    if (is_learned) {
        assert_int_equal(
            pv_tensors_add(&stored, &q.built.tensors, "rebuy.coefficient", PV_F64, PV_REBUY_FEATURE_COUNT, 0, NULL),
            PV_OK);
        for (int f = 0; f < PV_REBUY_FEATURE_COUNT; f++) stored[f] = coefficients[f];
    }
    question_case_fit(&q);
}

static const shop_case shop = {PURCHASES(timed), .as_of = "2020-01-08"};

static void features_are_the_logarithms_of_what_the_customer_did(void **state)
{
    (void)state;
    learn(&shop, true);
    question_case_ask(&q, "me");
    double features[PV_REBUY_FEATURE_COUNT];
    pv_rebuy_features(features, q.bound, &q.question);
    assert_close(features[0], log((1 + 20 * 0.25) / (2 + 20 * 0.75)));
    assert_close(features[1], log(2));
    assert_close(features[2], log(2));
    assert_close(features[3], log(4));
}

static void phi_is_their_weighted_sum_for_what_was_bought(void **state)
{
    (void)state;
    learn(&shop, true);
    question_case_ask(&q, "me");
    const double expected = 0.5 * log(6.0 / 17) - 2 * log(2) + 3 * log(2) - log(4);
    assert_close(phi_of(&q, "P"), expected);
    assert_close(phi_of(&q, "Q"), expected);
    assert_close(phi_of(&q, "R"), 0);
    assert_int_equal(pieces_of(&q, "P"), PV_REBUY_FEATURE_COUNT);
    assert_consistent(&q, 1e-14);
}

static void it_says_how_much_was_bought_before(void **state)
{
    (void)state;
    learn(&shop, true);
    question_case_ask(&q, "me");
    assert_says(&q, "P", true,
                "33 % of your order lines were of products that you had bought before: 2 products in 2 orders, last on "
                "2020-01-05.");
    assert_close(fact_of(&q, "P", "rebuy").number, 1.0 / 3);
    assert_int_equal(fact_of(&q, "P", "orders").integer, 2);
    assert_int_equal(fact_of(&q, "P", "products").integer, 2);
    assert_text(fact_of(&q, "P", "last_date").text, "2020-01-05");
    assert_says(&q, "R", true, NULL);
}

static void before_anything_is_learned_it_says_nothing(void **state)
{
    (void)state;
    learn(&shop, false);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", true, NULL);
    assert_int_equal(pieces_of(&q, "P"), 0);
}

static void without_purchases_all_is_zero(void **state)
{
    (void)state;
    learn(&shop, true);
    question_case_ask(&q, NULL);
    double features[PV_REBUY_FEATURE_COUNT];
    pv_rebuy_features(features, q.bound, &q.question);
    for (int f = 0; f < PV_REBUY_FEATURE_COUNT; f++) assert_close(features[f], 0);
    assert_consistent(&q, 0);
}

static void without_a_product_the_rest_is_counted_anew(void **state)
{
    (void)state;
    learn(&shop, true);
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "P"); /* one line, one order, 7 days ago */
    assert_close(phi_of(&q, "Q"), 0.5 * log(5.0 / 16) - log(8));
    assert_close(phi_of(&q, "P"), 0);
}

static void a_shop_with_orders_but_no_time_knows_no_days(void **state)
{
    (void)state;
    static const purchase_case ordered[] = {LINE("me", "P", .order = "1"), LINE("me", "P", .order = "2"),
                                            LINE("a", "P", .order = "3")};
    learn(&(const shop_case){PURCHASES(ordered)}, true);
    question_case_ask(&q, "me"); /* others repeat nothing */
    assert_close(phi_of(&q, "P"), 0.5 * log(1.0 / 21) - 2 * log(2));
    assert_says(&q, "P", true,
                "50 % of your order lines were of products that you had bought before: 1 product in 2 orders.");
}

static void a_simple_shop_is_silent(void **state)
{
    (void)state;
    static const purchase_case counted[] = {LINE("a", "P", .count = 3), LINE("me", "P", .count = 2)};
    learn(&(const shop_case){PURCHASES(counted)}, true);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", true, NULL);
    assert_string_equal(q.signal->silent(q.shop), "the purchases have neither time nor order");
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    learn(&shop, true);
    double *stored = tensor_data(&q.built.tensors, "rebuy.coefficient");
    stored[2] = (double)INFINITY;
    assert_bind_refused(&q, "rebuy.coefficient");
    stored[2] = 0;
    int64_t *lines = tensor_data(&q.built.tensors, "rebuy.lines");
    lines[1] = lines[0] + 1;
    assert_bind_refused(&q, "rebuy.lines");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(features_are_the_logarithms_of_what_the_customer_did),
        TEST(phi_is_their_weighted_sum_for_what_was_bought),
        TEST(it_says_how_much_was_bought_before),
        TEST(before_anything_is_learned_it_says_nothing),
        TEST(without_purchases_all_is_zero),
        TEST(without_a_product_the_rest_is_counted_anew),
        TEST(a_shop_with_orders_but_no_time_knows_no_days),
        TEST(a_simple_shop_is_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
