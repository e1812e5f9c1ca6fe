/* A customer's own frequency of a product. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/question_case.h"

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

#define LEARN(purchases, ...)                                                                                          \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, PV_SIGNAL_HABIT, 5);                                                          \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* As of 2020-12-26: orders of 360 days ago (weight 1/4: P on two lines, Q) and of 180 days ago (weight 1/2: Q). */
static const purchase_case timed[] = {LINE("me", "P", "2020-01-01"), LINE("me", "P", "2020-01-01"),
                                      LINE("me", "Q", "2020-01-01"), LINE("me", "Q", "2020-06-29"),
                                      LINE("other", "R", "2020-06-29")};

static void phi_is_the_faded_share_of_orders_with_the_product(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-12-26");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0.25 / 0.75);
    assert_close(phi_of(&q, "Q"), 1);
    assert_close(phi_of(&q, "R"), 0);
    assert_consistent(&q, 1e-15);
}

static void evidence_is_one_dated_piece_an_order(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-12-26");
    question_case_ask(&q, "me");
    pv_pieces pieces;
    assert_int_equal(q.signal->evidence(&pieces, q.prepared, product_of(q.shop, "Q"), NULL), PV_OK);
    assert_int_equal(pieces.n, 2);
    assert_int_equal(pieces.items[0].time, time_of("2020-01-01"));
    assert_close(pieces.items[0].phi, 0.25 / 0.75);
    assert_int_equal(pieces.items[1].time, time_of("2020-06-29"));
    assert_close(pieces.items[1].phi, 0.5 / 0.75);
    assert_int_equal(pieces_of(&q, "P"), 1); /* two lines, one order */
}

static void it_says_in_how_many_orders_and_when_last(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-12-26");
    question_case_ask(&q, "me");
    assert_says(&q, "Q", true, "You bought this in 2 of your 2 orders, last on 2020-06-29.");
    assert_says(&q, "P", true, "You bought this in 1 of your 2 orders, last on 2020-01-01.");
    assert_int_equal(fact_of(&q, "P", "orders_with").integer, 1);
    assert_int_equal(fact_of(&q, "P", "orders").integer, 2);
    assert_text(fact_of(&q, "P", "last_date").text, "2020-01-01");
    assert_says(&q, "R", true, NULL);
}

static void purchases_at_the_date_or_later_do_not_count(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-12-26");
    question_case_ask_at(&q, "me", "2020-06-29");
    assert_close(phi_of(&q, "P"), 1); /* one order is left, and it has both */
    assert_close(phi_of(&q, "Q"), 1);
    assert_int_equal(fact_of(&q, "Q", "orders").integer, 1);
    assert_text(fact_of(&q, "Q", "last_date").text, "2020-01-01");
}

static void without_a_product_its_orders_count_no_more(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-12-26");
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "Q"); /* the order of June had nothing else */
    assert_close(phi_of(&q, "Q"), 0);
    assert_close(phi_of(&q, "P"), 1);
    question_case_ask_without(&q, "P");
    assert_close(phi_of(&q, "P"), 0);
    assert_consistent(&q, 0);
}

static void with_orders_but_no_time_nothing_fades(void **state)
{
    (void)state;
    static const purchase_case ordered[] = {LINE("me", "P", .order = "1"), LINE("me", "Q", .order = "1"),
                                            LINE("me", "Q", .order = "2"), LINE("me", "R", .order = "3")};
    LEARN(ordered, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "Q"), 2.0 / 3);
    assert_says(&q, "Q", true, "You bought this in 2 of your 3 orders.");
    assert_int_equal(fact_of(&q, "Q", "last_date").kind, PV_FACT_NULL);
    assert_consistent(&q, 1e-15);
}

static void in_a_simple_shop_it_is_the_share_of_the_purchases(void **state)
{
    (void)state;
    static const purchase_case counted[] = {LINE("me", "P", .count = 3), LINE("me", "Q", .count = 0.5),
                                            LINE("me", "P", .count = 0.5), LINE("other", "Q", .count = 9)};
    LEARN(counted, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 3.5 / 4);
    assert_says(&q, "P", true, "You bought this 3.50 times, out of 4 purchases in all.");
    assert_close(fact_of(&q, "P", "orders_with").number, 3.5);
    assert_int_equal(fact_of(&q, "P", "orders").integer, 4);
    assert_consistent(&q, 1e-15);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_faded_share_of_orders_with_the_product), TEST(evidence_is_one_dated_piece_an_order),
        TEST(it_says_in_how_many_orders_and_when_last),          TEST(purchases_at_the_date_or_later_do_not_count),
        TEST(without_a_product_its_orders_count_no_more),        TEST(with_orders_but_no_time_nothing_fades),
        TEST(in_a_simple_shop_it_is_the_share_of_the_purchases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
