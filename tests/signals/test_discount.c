/* How much a customer leans to discounted lines, against what others do with the same products. */
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

static const product_case products[] = {PRODUCT("P", .discount = 0.2), PRODUCT("N", .discount = 0.5), PRODUCT("R")};

#define LEARN(purchases, ...)                                                                                          \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), PRODUCTS(products), __VA_ARGS__};                             \
        question_case_init(&q, &learned, PV_SIGNAL_DISCOUNT, 5);                                                       \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* Lines of others: P 4 of which 1 discounted, R 2 of which 1, S 4 of which 0: 10 lines, 2 discounted. */
#define LINES_OF_OTHERS                                                                                                \
    LINE("a", "P", "2020-01-01", .discount = 0.1), LINE("a", "P", "2020-01-02"), LINE("a", "P", "2020-01-03"),         \
        LINE("b", "P", "2020-01-01"), LINE("b", "R", "2020-01-02", .discount = 0.3), LINE("b", "R", "2020-01-03"),     \
        LINE("c", "S", "2020-01-01"), LINE("c", "S", "2020-01-02"), LINE("c", "S", "2020-01-03"),                      \
        LINE("c", "S", "2020-01-04")

/* My lines: P twice and Q discounted, R not. Expected: P 1/4 twice, R 1/2, Q nobody else's, so 2/10: r = 1.2 / 4 = 0.3.
 * A = (3 - 4 x 0.3) / 24 = 0.075. */
#define MY_LINES                                                                                                       \
    LINE("me", "P", "2020-02-01", .discount = 0.1), LINE("me", "P", "2020-02-02", .discount = 0.1),                    \
        LINE("me", "Q", "2020-02-02", .discount = 0.1), LINE("me", "R", "2020-02-03")

static const purchase_case leaning[] = {LINES_OF_OTHERS, MY_LINES};

static void phi_is_the_leaning_times_the_discount_of_today(void **state)
{
    (void)state;
    LEARN(leaning, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0.075 * 0.2);
    assert_close(phi_of(&q, "N"), 0.075 * 0.5); /* needs no purchase of its own */
    assert_close(phi_of(&q, "R"), 0);           /* no discount today */
    assert_consistent(&q, 1e-15);
}

static void evidence_is_split_over_the_discounted_lines(void **state)
{
    (void)state;
    LEARN(leaning, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_int_equal(pieces_of(&q, "N"), 2);
    assert_close(piece_of(&q, "N", "P"), 0.0375 * 2 / 3);
    assert_close(piece_of(&q, "N", "Q"), 0.0375 * 1 / 3);
}

static void it_says_both_shares_as_a_reason_and_the_discount_alone_as_a_note(void **state)
{
    (void)state;
    LEARN(leaning, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_says(&q, "P", true,
                "20 % off now; 3 of your 4 order lines were discounted (75 %, against 30 % when others buy the same).");
    assert_close(fact_of(&q, "P", "discount").number, 0.2);
    assert_int_equal(fact_of(&q, "P", "your_lines").integer, 4);
    assert_int_equal(fact_of(&q, "P", "discounted_lines").integer, 3);
    assert_close(fact_of(&q, "P", "share").number, 0.75);
    assert_close(fact_of(&q, "P", "expected_share").number, 0.3);
    assert_says(&q, "P", false, "20 % off now.");
    assert_says(&q, "R", true, NULL);
    assert_says(&q, "R", false, NULL);
}

static void who_buys_no_more_discounts_than_others_has_no_leaning(void **state)
{
    (void)state;
    static const purchase_case usual[] = {LINES_OF_OTHERS, LINE("me", "R", "2020-02-01", .discount = 0.1),
                                          LINE("me", "R", "2020-02-02")};
    LEARN(usual, .as_of = NULL);
    question_case_ask(&q, "me"); /* 1 of 2 discounted, 1/2 expected */
    assert_close(phi_of(&q, "P"), 0);
    assert_int_equal(pieces_of(&q, "P"), 0);
    assert_says(&q, "P", true, "20 % off now.");
    assert_consistent(&q, 0);
}

static void lines_of_the_whole_asking_company_are_not_those_of_others(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("sister", "H")};
    static const purchase_case with_sister[] = {LINES_OF_OTHERS, MY_LINES,
                                                LINE("sister", "P", "2020-02-01", .discount = 0.1),
                                                LINE("sister", "Q", "2020-02-01", .discount = 0.1)};
    LEARN(with_sister, USERS(users));
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0.075 * 0.2);
}

/* Simple shop: a line is discounted if its product is now. Others: 4 lines, P of them 1; r = 1/4 whatever I bought. */
static void in_a_simple_shop_the_discount_of_today_marks_a_line(void **state)
{
    (void)state;
    static const purchase_case simple[] = {LINE("a", "P", .count = 9),  LINE("a", "R", .count = 1),
                                           LINE("b", "R", .count = 1),  LINE("b", "S", .count = 1),
                                           LINE("me", "P", .count = 7), LINE("me", "N", .count = 1),
                                           LINE("me", "R", .count = 2)};
    LEARN(simple, .as_of = NULL);
    question_case_ask(&q, "me"); /* A = (2 - 3 x 0.25) / 23 */
    assert_close(phi_of(&q, "N"), (2 - 0.75) / 23 * 0.5);
    assert_close(fact_of(&q, "N", "expected_share").number, 0.25);
    assert_says(&q, "N", true,
                "50 % off now; 2 of your 3 purchase lines are of products on discount now (67 %, against 25 % of the "
                "lines of others).");
    assert_consistent(&q, 1e-15);
}

static void with_a_given_date_no_discount_of_today_is_known(void **state)
{
    (void)state;
    LEARN(leaning, .as_of = "2020-03-01", .is_as_of_given = true);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", false, NULL);
    assert_null(q.signal->silent(q.shop)); /* others may have had discounts lately */
}

/* Of others in the 30 days before March: P 1 of 4 lines of two companies, R 1 of 1 of one. The line of January 30 is
 * too old, mine do not count. A as above, but P 1/5, R 1/2 and 2 of 11 for Q: r = (0.4 + 0.5 + 2/11) / 4. */
static const purchase_case lately[] = {LINE("a", "P", "2020-02-01", .discount = 0.1),
                                       LINE("a", "P", "2020-02-02"),
                                       LINE("a", "P", "2020-02-03"),
                                       LINE("b", "P", "2020-02-29"),
                                       LINE("b", "P", "2020-01-30"),
                                       LINE("b", "R", "2020-02-02", .discount = 0.3),
                                       LINE("b", "R", "2020-01-03"),
                                       LINE("c", "S", "2020-01-01"),
                                       LINE("c", "S", "2020-01-02"),
                                       LINE("c", "S", "2020-01-03"),
                                       LINE("c", "S", "2020-01-04"),
                                       MY_LINES};

static void with_a_given_date_the_discounts_of_the_last_days_stand_for_it(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(lately), PRODUCTS(products), .as_of = "2020-03-01", .is_as_of_given = true};
    question_case_init(&q, &c, PV_SIGNAL_DISCOUNT, 2);
    question_case_fit(&q);
    question_case_ask(&q, "me");
    const double expected = (0.4 + 0.5 + 2.0 / 11) / 4;
    assert_close(phi_of(&q, "P"), (3 - 4 * expected) / 24 * 0.25);
    assert_close(phi_of(&q, "R"), 0); /* one company is too few */
    assert_close(phi_of(&q, "N"), 0);
    assert_consistent(&q, 1e-15);
    assert_says(&q, "P", false, "Discounted in 1 of 4 order lines of others in the 30 days before 2020-03-01.");
    assert_says(&q, "P", true,
                "Discounted in 1 of 4 order lines of others in the 30 days before 2020-03-01; 3 of your 4 order lines "
                "were discounted (75 %, against 27 % when others buy the same).");
    assert_close(fact_of(&q, "P", "recent_discount").number, 0.25);
    assert_int_equal(fact_of(&q, "P", "recent_discounted").integer, 1);
    assert_int_equal(fact_of(&q, "P", "recent_lines").integer, 4);
    assert_int_equal(fact_of(&q, "P", "companies").integer, 2);
    assert_int_equal(fact_of(&q, "P", "days").integer, 30);
    assert_text(fact_of(&q, "P", "before").text, "2020-03-01");
    assert_says(&q, "R", true, NULL);
}

static void recent_lines_that_cannot_be_are_refused(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(lately), PRODUCTS(products), .as_of = "2020-03-01", .is_as_of_given = true};
    question_case_init(&q, &c, PV_SIGNAL_DISCOUNT, 2);
    question_case_fit(&q);
    int32_t *lines = tensor_data(&q.built.tensors, "discount.recent_lines");
    lines[0] = 0;
    assert_bind_refused(&q, "discount.recent_lines");
}

static void without_discounts_of_lines_the_discount_of_today_is_but_a_note(void **state)
{
    (void)state;
    static const purchase_case plain[] = {LINE("a", "P", "2020-01-01"), LINE("me", "P", "2020-01-02")};
    LEARN(plain, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", false, "20 % off now.");
    assert_string_equal(q.signal->silent(q.shop), "purchase lines carry no discount");
    assert_consistent(&q, 0);
}

static void without_purchases_there_is_no_leaning(void **state)
{
    (void)state;
    LEARN(leaning, .as_of = NULL);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), 0);
    assert_consistent(&q, 0);
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(leaning, .as_of = NULL);
    int32_t *lines = tensor_data(&q.built.tensors, "discount.lines");
    int32_t *discounted = tensor_data(&q.built.tensors, "discount.discounted");
    discounted[0] = lines[0] + 1;
    assert_bind_refused(&q, "discount.discounted");
    discounted[0] = -1;
    assert_bind_refused(&q, "discount.discounted");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_leaning_times_the_discount_of_today),
        TEST(evidence_is_split_over_the_discounted_lines),
        TEST(it_says_both_shares_as_a_reason_and_the_discount_alone_as_a_note),
        TEST(who_buys_no_more_discounts_than_others_has_no_leaning),
        TEST(lines_of_the_whole_asking_company_are_not_those_of_others),
        TEST(in_a_simple_shop_the_discount_of_today_marks_a_line),
        TEST(with_a_given_date_no_discount_of_today_is_known),
        TEST(with_a_given_date_the_discounts_of_the_last_days_stand_for_it),
        TEST(recent_lines_that_cannot_be_are_refused),
        TEST(without_discounts_of_lines_the_discount_of_today_is_but_a_note),
        TEST(without_purchases_there_is_no_leaning),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
