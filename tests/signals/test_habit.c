/* A customer's own frequency of a product. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/question_case.h"
#include <math.h>

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
        question_case_init(&q, &learned, PV_SIGNAL_HABIT, 1);                                                          \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* Mine: R, P, R, P. The other one's five orders: P again in 2 of the 4 after the first with it, X in 2 of 3; in all 4
 * of 7. */
static const purchase_case timed[] = {
    LINE("me", "R", "2020-01-01"), LINE("me", "P", "2020-01-02"), LINE("me", "P", "2020-01-02"),
    LINE("me", "R", "2020-01-03"), LINE("me", "P", "2020-01-04"), LINE("a", "P", "2020-01-01"),
    LINE("a", "P", "2020-01-02"),  LINE("a", "X", "2020-01-02"),  LINE("a", "P", "2020-01-03"),
    LINE("a", "X", "2020-01-04"),  LINE("a", "X", "2020-01-05")};

static void phi_is_the_share_of_orders_since_the_first_drawn_to_what_is_usual(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-02-01");
    question_case_ask(&q, "me");
    const double average = 4.0 / 7, usual = (2 + 20 * average) / (4 + 20);
    assert_close(phi_of(&q, "P"), log((1 + 6 * usual) / (2 + 6) / 0.01));   /* 2 of 3 orders */
    assert_close(phi_of(&q, "R"), log((1 + 6 * average) / (3 + 6) / 0.01)); /* 2 of 4, bought by nobody else */
    assert_close(phi_of(&q, "X"), 0);
    assert_consistent(&q, 1e-14);
}

static void below_k_buyers_the_average_product_is_usual(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(timed), .as_of = "2020-02-01"};
    question_case_init(&q, &c, PV_SIGNAL_HABIT, 2);
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), log((1 + 6 * 4.0 / 7) / (2 + 6) / 0.01));
}

/* Nobody orders anything twice: one order is no habit, however small the constant. */
static void a_rate_below_the_constant_is_no_evidence(void **state)
{
    (void)state;
    static const purchase_case once[] = {LINE("me", "P", "2020-01-01"), LINE("a", "P", "2020-01-01"),
                                         LINE("a", "Q", "2020-01-02")};
    LEARN(once, .as_of = "2020-02-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_consistent(&q, 0);
    assert_says(&q, "P", true, "You bought this in 1 of your 1 order, last on 2020-01-01.");
}

static void evidence_is_one_dated_piece_an_order(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-02-01");
    question_case_ask(&q, "me");
    pv_pieces pieces;
    assert_int_equal(q.signal->evidence(&pieces, q.prepared, product_of(q.shop, "P"), NULL), PV_OK);
    assert_int_equal(pieces.n, 2); /* three lines, two orders */
    assert_int_equal(pieces.items[0].time, time_of("2020-01-02"));
    assert_int_equal(pieces.items[1].time, time_of("2020-01-04"));
    for (int k = 0; k < 2; k++) assert_close(pieces.items[k].phi, phi_of(&q, "P") / 2);
}

static void it_says_in_how_many_orders_and_when_last(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-02-01");
    question_case_ask(&q, "me");
    assert_says(&q, "P", true, "You bought this in 2 of your 4 orders, last on 2020-01-04.");
    assert_int_equal(fact_of(&q, "P", "orders_with").integer, 2);
    assert_int_equal(fact_of(&q, "P", "orders").integer, 4);
    assert_text(fact_of(&q, "P", "last_date").text, "2020-01-04");
    assert_says(&q, "X", true, NULL);
}

static void purchases_at_the_date_or_later_do_not_count(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-02-01");
    question_case_ask_at(&q, "me", "2020-01-04");
    assert_close(phi_of(&q, "P"), log(6 * (2 + 80.0 / 7) / 24 / (1 + 6) / 0.01)); /* 1 of 2 orders */
    assert_int_equal(fact_of(&q, "P", "orders").integer, 3);
    assert_text(fact_of(&q, "P", "last_date").text, "2020-01-02");
}

static void without_a_product_its_orders_count_no_more(void **state)
{
    (void)state;
    LEARN(timed, .as_of = "2020-02-01");
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "P");
    assert_close(phi_of(&q, "P"), 0);
    assert_close(phi_of(&q, "R"), log((1 + 6 * 4.0 / 7) / (1 + 6) / 0.01)); /* 2 of 2 orders are left */
    assert_consistent(&q, 1e-14);
}

static void with_orders_but_no_time_it_is_the_share_of_the_orders(void **state)
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
        TEST(phi_is_the_share_of_orders_since_the_first_drawn_to_what_is_usual),
        TEST(below_k_buyers_the_average_product_is_usual),
        TEST(a_rate_below_the_constant_is_no_evidence),
        TEST(evidence_is_one_dated_piece_an_order),
        TEST(it_says_in_how_many_orders_and_when_last),
        TEST(purchases_at_the_date_or_later_do_not_count),
        TEST(without_a_product_its_orders_count_no_more),
        TEST(with_orders_but_no_time_it_is_the_share_of_the_orders),
        TEST(in_a_simple_shop_it_is_the_share_of_the_purchases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
