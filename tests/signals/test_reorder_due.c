/* When a product will be ordered next. */
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

#define LEARN(purchases, min_companies, ...)                                                                           \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, PV_SIGNAL_REORDER_DUE, min_companies);                                        \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* Gaps of others: P 8 and 32 days (a), 16 (b). In powers of two: mean 4, variance 2/3. Z has two buyers and no gap: of
 * four buyers of anything two came back. */
#define ORDERS_OF_OTHERS                                                                                               \
    LINE("a", "P", "2020-01-01"), LINE("a", "P", "2020-01-09"), LINE("a", "P", "2020-02-10"),                          \
        LINE("b", "P", "2020-01-01"), LINE("b", "P", "2020-01-17"), LINE("a", "Z", "2020-01-01"),                      \
        LINE("b", "Z", "2020-01-01")
static const product_case products[] = {PRODUCT("P", .category = "Tools > Saws"), PRODUCT("Q", .category = "Tools"),
                                        PRODUCT("R", .category = "Paint"), PRODUCT("Z", .category = "Paint")};
/* P after 32 days, the last 10 days before the date; Q and R once. */
static const purchase_case timed[] = {ORDERS_OF_OTHERS, LINE("me", "P", "2020-01-01"), LINE("me", "P", "2020-02-02"),
                                      LINE("me", "Q", "2020-02-02"), LINE("me", "R", "2020-02-02")};

static double survival(double days, double mean, double variance)
{
    return 0.5 * erfc((log(days) / log(2.0) - mean) / sqrt(variance) / sqrt(2.0));
}

/* mu = (5 + 2 4) / 3, sigma^2 = ((5 - 13/3)^2 + 2 2/3) / 3 in powers of two; two of two buyers came back, half of all.
 */
static double expected_of_p(double waited)
{
    const double mean = 13.0 / 3, variance = 16.0 / 27, share = (2 + 20 * 0.5) / 22;
    return share * (1 - survival(waited + 90, mean, variance) / survival(waited, mean, variance));
}

static void phi_is_the_chance_of_an_order_within_the_horizon(void **state)
{
    (void)state;
    LEARN(timed, 2, PRODUCTS(products), .as_of = "2020-02-12");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), expected_of_p(10));
    assert_close(phi_of(&q, "Z"), 0); /* not mine */
    assert_consistent(&q, 0);
    assert_close(piece_of(&q, "P", "P"), phi_of(&q, "P"));
}

static void it_says_how_often_and_when_it_is_due(void **state)
{
    (void)state;
    LEARN(timed, 2, PRODUCTS(products), .as_of = "2020-02-12");
    question_case_ask(&q, "me");
    assert_says(&q, "P", true,
                "Ordered about every 20 days, going by your 2 orders and by 2 other customers; the last order was on "
                "2020-02-02, the next is due on 2020-02-22.");
    assert_int_equal(fact_of(&q, "P", "orders").integer, 2);
    assert_int_equal(fact_of(&q, "P", "typical_gap_days").integer, 20);
    assert_text(fact_of(&q, "P", "last_date").text, "2020-02-02");
    assert_int_equal(fact_of(&q, "P", "days_since").integer, 10);
    assert_text(fact_of(&q, "P", "expected_date").text, "2020-02-22");
    assert_text(fact_of(&q, "P", "usual_of").text, "product");
    assert_int_equal(fact_of(&q, "P", "companies").integer, 2);
}

/* Of nobody else's gaps there is a product's, but a category's: that above Saws; Paint has none, so the shop's. */
static void who_ordered_once_is_told_the_gaps_of_others(void **state)
{
    (void)state;
    LEARN(timed, 2, PRODUCTS(products), .as_of = "2020-02-12");
    question_case_ask(&q, "me");
    const double by_others = 1 - survival(100, 4, 2.0 / 3) / survival(10, 4, 2.0 / 3);
    assert_close(phi_of(&q, "Q"), 0.5 * by_others);
    assert_says(&q, "Q", true,
                "You ordered this once, on 2020-02-02; 2 other customers ordered products of this category again, "
                "typically after 16 days; for you that is 2020-02-18.");
    assert_text(fact_of(&q, "Q", "usual_of").text, "category");
    assert_text(fact_of(&q, "Q", "value").text, "Tools");
    assert_close(phi_of(&q, "R"), 0.5 * by_others);
    assert_text(fact_of(&q, "R", "usual_of").text, "shop");
}

/* 101 days are 1.01 typical gaps more than four. */
static void after_four_gaps_it_fades(void **state)
{
    (void)state;
    LEARN(timed, 2, PRODUCTS(products), .as_of = "2020-02-12");
    question_case_ask_at(&q, "me", "2020-05-13");
    assert_close(phi_of(&q, "P"), expected_of_p(101) * exp2(4 - 101 / exp2(13.0 / 3)));
    assert_says(&q, "P", true,
                "Ordered about every 20 days, going by your 2 orders and by 2 other customers; the last order was on "
                "2020-02-02, the next was due on 2020-02-22.");
}

/* Three gaps of 16 days and two of others': 16 days. */
static void who_has_gaps_enough_is_told_its_own(void **state)
{
    (void)state;
    static const purchase_case often[] = {ORDERS_OF_OTHERS, LINE("me", "P", "2020-01-01"),
                                          LINE("me", "P", "2020-01-17"), LINE("me", "P", "2020-02-02"),
                                          LINE("me", "P", "2020-02-18")};
    LEARN(often, 2, .as_of = "2020-03-10");
    question_case_ask(&q, "me");
    assert_says(
        &q, "P", true,
        "You order this about every 16 days; the last order was on 2020-02-18, the next was due on 2020-03-05.");
    assert_int_equal(fact_of(&q, "P", "orders").integer, 4);
}

static void two_orders_of_one_day_are_no_gap(void **state)
{
    (void)state;
    static const purchase_case daily[] = {ORDERS_OF_OTHERS, LINE("me", "P", "2020-02-02 08:00"),
                                          LINE("me", "P", "2020-02-02 17:00")};
    LEARN(daily, 2, .as_of = "2020-02-12");
    question_case_ask(&q, "me");
    assert_int_equal(fact_of(&q, "P", "orders").integer, 1);
    assert_int_equal(fact_of(&q, "P", "typical_gap_days").integer, 16);
}

static void a_regular_customer_is_no_clockwork(void **state)
{
    (void)state;
    static const purchase_case regular[] = {LINE("a", "P", "2020-01-01"), LINE("a", "P", "2020-01-17"),
                                            LINE("me", "P", "2020-01-01"), LINE("me", "P", "2020-01-17")};
    LEARN(regular, 1, .as_of = "2020-02-02");
    question_case_ask(&q, "me");
    const double variance = 1.0 / 16 / (log(2.0) * log(2.0)); /* the least, in powers of two */
    assert_close(phi_of(&q, "P"), 1 - survival(106, 4, variance) / survival(16, 4, variance));
}

static void below_k_companies_nothing_is_usual(void **state)
{
    (void)state;
    LEARN(timed, 3, PRODUCTS(products), .as_of = "2020-02-12");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", true, NULL);
    assert_consistent(&q, 0);
}

static void the_asking_company_is_not_among_the_others(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("sister", "H")};
    static const purchase_case with_sister[] = {ORDERS_OF_OTHERS, LINE("me", "P", "2020-01-01"),
                                                LINE("me", "P", "2020-02-02"), LINE("sister", "P", "2020-01-01"),
                                                LINE("sister", "P", "2020-01-02")};
    LEARN(with_sister, 2, USERS(users), .as_of = "2020-02-12");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), expected_of_p(10));
}

static void without_the_product_nothing_is_due(void **state)
{
    (void)state;
    LEARN(timed, 2, PRODUCTS(products), .as_of = "2020-02-12");
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "P");
    assert_close(phi_of(&q, "P"), 0);
    question_case_ask(&q, NULL);
    assert_consistent(&q, 0);
}

static void without_time_it_is_silent(void **state)
{
    (void)state;
    static const purchase_case ordered[] = {LINE("a", "P", .order = "1"), LINE("me", "P", .order = "1")};
    LEARN(ordered, 1, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", false, NULL);
    assert_string_equal(q.signal->silent(q.shop), "the purchases have no time");
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(timed, 2, PRODUCTS(products), .as_of = "2020-02-12");
    double *logs = tensor_data(&q.built.tensors, "reorder_due.log_gaps");
    const double kept = logs[0];
    logs[0] = (double)NAN;
    assert_bind_refused(&q, "reorder_due");
    logs[0] = kept;
    int64_t *counts = tensor_data(&q.built.tensors, "reorder_due.gaps");
    counts[1] = counts[0] + 1;
    assert_bind_refused(&q, "reorder_due");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_chance_of_an_order_within_the_horizon),
        TEST(it_says_how_often_and_when_it_is_due),
        TEST(who_ordered_once_is_told_the_gaps_of_others),
        TEST(after_four_gaps_it_fades),
        TEST(who_has_gaps_enough_is_told_its_own),
        TEST(two_orders_of_one_day_are_no_gap),
        TEST(a_regular_customer_is_no_clockwork),
        TEST(below_k_companies_nothing_is_usual),
        TEST(the_asking_company_is_not_among_the_others),
        TEST(without_the_product_nothing_is_due),
        TEST(without_time_it_is_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
