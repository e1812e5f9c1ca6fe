/* How many of the others who bought a product bought it again. */
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
        question_case_init(&q, &learned, PV_SIGNAL_REBUY_RATE, min_companies);                                         \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* Others: P has 3 buyers of which a and c again (b has two lines of one order), Q 2 buyers of which b again. */
#define ORDERS_OF_OTHERS                                                                                               \
    LINE("a", "P", "2020-01-01"), LINE("a", "P", "2020-01-05"), LINE("a", "Q", "2020-01-05"),                          \
        LINE("b", "P", "2020-01-02"), LINE("b", "P", "2020-01-02"), LINE("b", "Q", "2020-01-03"),                      \
        LINE("b", "Q", "2020-01-09"), LINE("c", "P", "2020-01-03"), LINE("c", "P", "2020-01-04")

static const purchase_case timed[] = {ORDERS_OF_OTHERS, LINE("me", "P", "2020-01-01"), LINE("me", "P", "2020-01-02"),
                                      LINE("me", "R", "2020-01-02")};

static void phi_is_the_smoothed_share_of_buyers_who_came_back(void **state)
{
    (void)state;
    LEARN(timed, 2, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), (2 + 20 * 0.6) / (3 + 20)); /* of 5 buyers of anything 3 came back */
    assert_close(phi_of(&q, "R"), 0);                         /* nobody else bought it */
    assert_close(phi_of(&q, "Q"), 0);                         /* not mine */
    assert_consistent(&q, -1);
    assert_int_equal(pieces_of(&q, "P"), 0);
}

static void it_counts_other_customers(void **state)
{
    (void)state;
    LEARN(timed, 2, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_says(&q, "P", true, "2 of 3 other customers who bought this bought it again.");
    assert_int_equal(fact_of(&q, "P", "buyers").integer, 3);
    assert_int_equal(fact_of(&q, "P", "again").integer, 2);
    assert_says(&q, "Q", true, NULL);
    assert_says(&q, "R", false, NULL);
}

static void below_k_buyers_nothing_is_said(void **state)
{
    (void)state;
    LEARN(timed, 4, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", true, NULL);
}

/* Two users of one company, an order each: the company bought it again; I am asked without my sister. */
static void a_company_is_counted_once_and_its_users_together(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("sister", "H"), USER("a", "G"), USER("aa", "G")};
    static const purchase_case shared[] = {LINE("a", "P", "2020-01-01"), LINE("aa", "P", "2020-01-01"),
                                           LINE("b", "P", "2020-01-01"), LINE("me", "P", "2020-01-01"),
                                           LINE("sister", "P", "2020-01-01")};
    LEARN(shared, 2, USERS(users));
    question_case_ask(&q, "me");
    assert_int_equal(fact_of(&q, "P", "buyers").integer, 2);
    assert_int_equal(fact_of(&q, "P", "again").integer, 1);
    question_case_ask(&q, "b");
    assert_int_equal(fact_of(&q, "P", "again").integer, 2);
}

static void without_the_product_there_is_nothing(void **state)
{
    (void)state;
    LEARN(timed, 2, .as_of = NULL);
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "P");
    assert_close(phi_of(&q, "P"), 0);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), 0);
}

static void a_simple_shop_is_silent(void **state)
{
    (void)state;
    static const purchase_case counted[] = {LINE("a", "P", .count = 3), LINE("me", "P", .count = 2)};
    LEARN(counted, 1, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_string_equal(q.signal->silent(q.shop), "the purchases have neither time nor order");
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(timed, 2, .as_of = NULL);
    int32_t *again = tensor_data(&q.built.tensors, "rebuy_rate.again");
    const int32_t buyers = *(const int32_t *)tensor_data(&q.built.tensors, "rebuy_rate.buyers");
    again[0] = buyers + 1;
    assert_bind_refused(&q, "rebuy_rate");
    again[0] = 0;
    *(int64_t *)tensor_data(&q.built.tensors, "rebuy_rate.repeats") = INT64_C(1) << 41;
    assert_bind_refused(&q, "rebuy_rate");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_smoothed_share_of_buyers_who_came_back),
        TEST(it_counts_other_customers),
        TEST(below_k_buyers_nothing_is_said),
        TEST(a_company_is_counted_once_and_its_users_together),
        TEST(without_the_product_there_is_nothing),
        TEST(a_simple_shop_is_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
