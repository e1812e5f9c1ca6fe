/* The month of the year, and what the customer bought a year ago. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/season.h"
#include "support/question_case.h"
#include <math.h>

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

#define LEARN(min_companies, purchases, ...)                                                                           \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, PV_SIGNAL_SEASON, min_companies);                                             \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* As of 2021-11-10, with sales since 2020-09: one whole year counts, from 2020-11-09T18:00 on. Candles: P has 4 orders
 * of a, b (two, and one line twice) and c in November and one of b in May; S one order of c in November. O: no
 * category, 1 of a in November, 2 of b in May. */
static const product_case products[] = {PRODUCT("N", .category = "Candles"), PRODUCT("P", .category = "Candles"),
                                        PRODUCT("S", .category = "Candles"), PRODUCT("Z", .category = "Other")};
static const purchase_case sales[] = {
    LINE("a", "P", "2020-11-10", "1"), LINE("b", "P", "2020-11-20", "2"), LINE("b", "P", "2020-11-20", "2"),
    LINE("b", "P", "2021-11-02", "3"), LINE("c", "P", "2020-11-30", "4"), LINE("b", "P", "2021-05-02", "5"),
    LINE("c", "S", "2020-11-30", "4"), LINE("a", "O", "2021-11-01", "6"), LINE("b", "O", "2021-05-01", "7"),
    LINE("b", "O", "2021-05-03", "8"), LINE("a", "P", "2020-09-01", "9"), LINE("a", "P", "2020-11-09", "10")};

static double smooth(double in_month, double all, double prior)
{
    return (in_month + 20 * prior) / (all + 20);
}

static void phi_is_the_lift_of_the_month_smoothed_by_the_category(void **state)
{
    (void)state;
    LEARN(1, sales, PRODUCTS(products), .as_of = "2021-11-10");
    question_case_ask(&q, NULL);
    const double candles = smooth(5, 6, 1.0 / 12);
    assert_close(phi_of(&q, "P"), fmin(2, 12 * smooth(4, 5, candles) - 1));
    assert_close(phi_of(&q, "O"), 12 * smooth(1, 3, 1.0 / 12) - 1);
    assert_close(phi_of(&q, "N"), fmin(2, 12 * candles - 1)); /* sold to nobody yet: its category speaks */
    assert_close(phi_of(&q, "Z"), 0);
    assert_consistent(&q, 1e-12);
}

static void a_month_with_fewer_orders_than_usual_gives_nothing(void **state)
{
    (void)state;
    static const purchase_case spring[] = {LINE("a", "P", "2021-05-01"), LINE("b", "P", "2021-05-01"),
                                           LINE("a", "P", "2020-09-01")};
    LEARN(1, spring, .as_of = "2021-11-10");
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), 0);
    question_case_ask_at(&q, NULL, "2022-05-20"); /* the month is that of the answer */
    assert_close(phi_of(&q, "P"), 12 * smooth(2, 2, 1.0 / 12) - 1);
    assert_consistent(&q, 1e-12);
}

static void the_asking_company_is_no_other_customer(void **state)
{
    (void)state;
    static const user_case users[] = {USER("a", "H"), USER("c", "H"), USER("me", "H")};
    LEARN(1, sales, PRODUCTS(products), USERS(users), .as_of = "2021-11-10");
    question_case_ask(&q, "me");
    const double candles = smooth(2, 3, 1.0 / 12); /* b alone */
    assert_close(phi_of(&q, "P"), 12 * smooth(2, 3, candles) - 1);
    assert_close(phi_of(&q, "S"), 12 * candles - 1);
    assert_close(phi_of(&q, "O"), 0); /* H alone in November */
    assert_consistent(&q, 1e-12);
    assert_says(&q, "P", true,
                "67 % of other customers' orders of this fell in November, against 8 % in an even year.");
}

static void the_k_rule_holds_in_the_month_for_product_and_category(void **state)
{
    (void)state;
    LEARN(2, sales, PRODUCTS(products), .as_of = "2021-11-10");
    question_case_ask(&q, "a");
    const double candles = smooth(4, 5, 1.0 / 12);
    assert_close(phi_of(&q, "P"), 1 + fmin(2, 12 * smooth(3, 4, candles) - 1)); /* b and c; a a year ago */
    assert_close(phi_of(&q, "S"), 12 * candles - 1);                            /* c alone: the category speaks */
    assert_close(phi_of(&q, "O"), 0);
    assert_consistent(&q, 1e-12);
    question_case_deinit(&q);
    LEARN(3, sales, PRODUCTS(products), .as_of = "2021-11-10");
    question_case_ask(&q, "c");
    assert_close(phi_of(&q, "P"), 1); /* its own purchase of last year; a and b are too few */
    assert_close(phi_of(&q, "N"), 0);
    assert_says(&q, "N", true, NULL);
}

/* me bought P 365 + 21 days and O 365 + 22 days before the date, S too early. */
static const purchase_case own[] = {LINE("me", "P", "2020-10-20"), LINE("me", "O", "2020-10-19"),
                                    LINE("me", "S", "2020-09-01"), LINE("a", "P", "2020-11-10"),
                                    LINE("me", "P", "2020-11-28")};

static void a_purchase_of_last_year_counts_one(void **state)
{
    (void)state;
    LEARN(5, own, .as_of = "2021-11-10");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 1);
    assert_close(phi_of(&q, "O"), 0);
    assert_close(phi_of(&q, "S"), 0);
    assert_close(piece_of(&q, "P", "P"), 1);
    assert_says(&q, "P", true, "You bought this about this time last year, on 2020-11-28.");
    assert_text(fact_of(&q, "P", "last_year_date").text, "2020-11-28");
    assert_text(fact_of(&q, "P", "month").text, "November");
    assert_int_equal(fact_of(&q, "P", "share").kind, PV_FACT_NULL);
    assert_consistent(&q, 1e-12);
    question_case_ask_without(&q, "P");
    assert_close(phi_of(&q, "P"), 0);
}

static void it_says_both_the_month_and_last_year(void **state)
{
    (void)state;
    LEARN(1, own, .as_of = "2021-11-10");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 1 + (12 * smooth(1, 1, 1.0 / 12) - 1));
    assert_int_equal(pieces_of(&q, "P"), 2);
    assert_says(&q, "P", true,
                "You bought this about this time last year, on 2020-11-28. 100 % of other customers' orders of this "
                "fell in November, against 8 % in an even year.");
    assert_close(fact_of(&q, "P", "even_share").number, 1.0 / 12);
}

static void a_category_says_its_name(void **state)
{
    (void)state;
    LEARN(1, sales, PRODUCTS(products), .as_of = "2021-11-10");
    question_case_ask(&q, NULL);
    assert_says(&q, "N", true,
                "83 % of other customers' orders of Candles fell in November, against 8 % in an even year.");
    assert_text(fact_of(&q, "N", "value").text, "Candles");
    assert_close(fact_of(&q, "N", "share").number, 5.0 / 6);
}

static void less_than_thirteen_months_are_silent(void **state)
{
    (void)state;
    LEARN(1, own, .as_of = "2021-10-01"); /* 395 days */
    assert_non_null(q.signal->silent(q.shop));
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_consistent(&q, 1e-12);
    question_case_deinit(&q);
    LEARN(1, own, .as_of = "2021-10-02");
    assert_null(q.signal->silent(q.shop));
    question_case_deinit(&q);
    static const purchase_case simple[] = {LINE("a", "P", .count = 2)};
    LEARN(1, simple, .as_of = NULL);
    assert_non_null(q.signal->silent(q.shop));
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(1, sales, PRODUCTS(products), .as_of = "2021-11-10");
    static const char *const names[] = {"season.orders", "season.companies", "season.category_companies"};
    for (size_t k = 0; k < 3; k++) {
        int32_t *data = tensor_data(&q.built.tensors, names[k]);
        const int32_t kept = data[0];
        data[0] = -1;
        assert_bind_refused(&q, "season");
        data[0] = 1000;
        if (k > 0) assert_bind_refused(&q, "season");
        data[0] = kept;
    }
    int32_t *orders = tensor_data(&q.built.tensors, "season.orders");
    for (size_t month = 0; month < 12; month++) orders[month * (size_t)q.shop->products.ids.n_warm] = INT32_MAX;
    assert_bind_refused(&q, "season");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_lift_of_the_month_smoothed_by_the_category),
        TEST(a_month_with_fewer_orders_than_usual_gives_nothing),
        TEST(the_asking_company_is_no_other_customer),
        TEST(the_k_rule_holds_in_the_month_for_product_and_category),
        TEST(a_purchase_of_last_year_counts_one),
        TEST(it_says_both_the_month_and_last_year),
        TEST(a_category_says_its_name),
        TEST(less_than_thirteen_months_are_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
