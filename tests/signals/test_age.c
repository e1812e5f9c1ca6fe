/* How new a product is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/age.h"
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
        question_case_init(&q, &learned, PV_SIGNAL_AGE, min_companies);                                                \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* As of 2020-04-01: P was sold 31 days before for the first time, Q half a day before, R 458 days before. */
static const purchase_case sales[] = {LINE("a", "P", "2020-03-01"), LINE("b", "P", "2020-03-20"),
                                      LINE("a", "Q", "2020-03-31T12:00:00"), LINE("a", "R", "2018-12-30")};
static const product_case products[] = {PRODUCT("N", .available_from = "2020-03-22"), PRODUCT("L"),
                                        PRODUCT("F", .available_from = "2020-04-05"),
                                        PRODUCT("P", .available_from = "2020-03-31")};

static void phi_falls_with_the_days_since_the_first_sale(void **state)
{
    (void)state;
    LEARN(5, sales, PRODUCTS(products), .as_of = "2020-04-01");
    question_case_ask(&q, "b");
    assert_close(phi_of(&q, "P"), 0); /* no longer new to b */
    assert_close(phi_of(&q, "Q"), log(367.0));
    assert_consistent(&q, -1);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), log(367.0 / 32));
    assert_close(phi_of(&q, "R"), 0);
    assert_consistent(&q, -1);
}

static void a_listed_product_counts_from_the_day_it_is_available(void **state)
{
    (void)state;
    LEARN(5, sales, PRODUCTS(products), .as_of = "2020-04-01");
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "N"), log(367.0 / 11));
    assert_close(phi_of(&q, "L"), 0);
    assert_close(phi_of(&q, "F"), 0); /* not there yet */
}

static void days_count_to_the_date_of_the_answer(void **state)
{
    (void)state;
    LEARN(5, sales, PRODUCTS(products), .as_of = "2020-04-01");
    question_case_ask_at(&q, NULL, "2020-04-11");
    assert_close(phi_of(&q, "P"), log(367.0 / 42));
    assert_close(phi_of(&q, "F"), log(367.0 / 7));
    assert_consistent(&q, -1);
    question_case_ask_at(&q, NULL, "2021-03-02"); /* 366 days: the last one on which P is new, if only by nothing */
    assert_close(phi_of(&q, "P"), 0);
    question_case_ask_at(&q, NULL, "2021-03-01");
    assert_close(phi_of(&q, "P"), log(367.0 / 366));
}

static void it_says_the_date(void **state)
{
    (void)state;
    LEARN(5, sales, PRODUCTS(products), .as_of = "2020-04-01");
    question_case_ask(&q, NULL);
    assert_says(&q, "P", true, "New here, first sold on 2020-03-01.");
    assert_text(fact_of(&q, "P", "first_sold").text, "2020-03-01");
    assert_says(&q, "N", true, "New here, available from 2020-03-22 on.");
    assert_text(fact_of(&q, "N", "available_from").text, "2020-03-22");
    assert_says(&q, "R", true, NULL);
    assert_int_equal(pieces_of(&q, "P"), 0);
}

static void without_time_it_is_silent(void **state)
{
    (void)state;
    static const purchase_case simple[] = {LINE("a", "P", .count = 2)};
    LEARN(1, simple, PRODUCTS(products), .as_of = NULL);
    question_case_ask(&q, "a");
    assert_close(phi_of(&q, "P"), 0);
    assert_close(phi_of(&q, "N"), 0);
    assert_non_null(q.signal->silent(q.shop));
    assert_consistent(&q, -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_falls_with_the_days_since_the_first_sale),
        TEST(a_listed_product_counts_from_the_day_it_is_available),
        TEST(days_count_to_the_date_of_the_answer),
        TEST(it_says_the_date),
        TEST(without_time_it_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
