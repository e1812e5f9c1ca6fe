/* How recently others bought a product. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/last_sold.h"
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
        question_case_init(&q, &learned, PV_SIGNAL_LAST_SOLD, min_companies);                                          \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* As of 2020-04-01. P: b 31 days before, a 11 and 20 days before, me. Q: a alone and me. R: b and c 91 days and more
 * before, and me. S: a alone. */
static const purchase_case sales[] = {LINE("a", "P", "2020-03-21"),  LINE("b", "P", "2020-03-01"),
                                      LINE("a", "P", "2020-03-12"),  LINE("a", "Q", "2020-03-30"),
                                      LINE("b", "R", "2020-01-01"),  LINE("c", "R", "2019-06-01"),
                                      LINE("me", "P", "2020-03-31"), LINE("me", "Q", "2020-03-31"),
                                      LINE("me", "R", "2020-03-31"), LINE("a", "S", "2020-03-30")};

static void phi_falls_with_the_days_since_the_last_sale_to_others(void **state)
{
    (void)state;
    LEARN(1, sales, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), log(91.0 / 12));
    assert_close(phi_of(&q, "Q"), log(91.0 / 3));
    assert_close(phi_of(&q, "R"), 0);
    assert_close(phi_of(&q, "S"), 0); /* never bought: no reorder */
    assert_consistent(&q, -1);
    assert_int_equal(pieces_of(&q, "P"), 0);
    question_case_ask_without(&q, "P");
    assert_close(phi_of(&q, "P"), 0);
}

static void the_asking_company_does_not_keep_a_product_alive(void **state)
{
    (void)state;
    static const user_case users[] = {USER("a", "H"), USER("me", "H")};
    LEARN(1, sales, USERS(users), .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), log(91.0 / 32));
    assert_close(phi_of(&q, "Q"), 0);
    assert_consistent(&q, -1);
}

static void the_second_company_is_known_in_any_order(void **state)
{
    (void)state;
    static const purchase_case turns[] = {LINE("a", "P", "2020-03-01"), LINE("b", "P", "2020-03-05"),
                                          LINE("c", "P", "2020-03-03"), LINE("a", "Q", "2020-03-05"),
                                          LINE("b", "Q", "2020-03-01"), LINE("c", "Q", "2020-03-05")};
    LEARN(1, turns, .as_of = "2020-04-01");
    question_case_ask(&q, "b");
    assert_close(phi_of(&q, "P"), log(91.0 / 30)); /* c, though a came first */
    question_case_ask(&q, "a");
    assert_close(phi_of(&q, "P"), log(91.0 / 28)); /* b */
    assert_close(phi_of(&q, "Q"), log(91.0 / 28)); /* c bought it on the same day */
    question_case_ask(&q, "c");
    assert_close(phi_of(&q, "Q"), log(91.0 / 28));
}

static void below_k_other_companies_it_is_silent(void **state)
{
    (void)state;
    LEARN(2, sales, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), log(91.0 / 12));
    assert_close(phi_of(&q, "Q"), 0); /* a alone */
    assert_says(&q, "Q", true, NULL);
    assert_consistent(&q, -1);
}

static void it_says_the_buyers_and_the_date(void **state)
{
    (void)state;
    LEARN(1, sales, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_says(&q, "P", true, "Bought by 2 other customers, as recently as 2020-03-21.");
    assert_int_equal(fact_of(&q, "P", "buyers").integer, 2);
    assert_text(fact_of(&q, "P", "last_sold").text, "2020-03-21");
    question_case_ask_at(&q, "me", "2020-04-11");
    assert_close(phi_of(&q, "P"), log(91.0 / 22));
    assert_consistent(&q, -1);
}

static void without_time_it_is_silent(void **state)
{
    (void)state;
    static const purchase_case simple[] = {LINE("a", "P", .count = 2)};
    LEARN(1, simple, .as_of = NULL);
    question_case_ask(&q, "a");
    assert_close(phi_of(&q, "P"), 0);
    assert_non_null(q.signal->silent(q.shop));
    assert_consistent(&q, -1);
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(1, sales, .as_of = "2020-04-01");
    int32_t *parent = tensor_data(&q.built.tensors, "last_sold.parent");
    const int32_t kept = parent[0];
    parent[0] = -1;
    assert_bind_refused(&q, "last_sold");
    parent[0] = 4;
    assert_bind_refused(&q, "last_sold");
    parent[0] = kept;
    int64_t *time = tensor_data(&q.built.tensors, "last_sold.time");
    const int64_t kept_time = time[0];
    time[0] = PV_NO_TIME;
    assert_bind_refused(&q, "last_sold");
    time[0] = kept_time;
    int64_t *other = tensor_data(&q.built.tensors, "last_sold.other_time");
    other[0] = kept_time + 1;
    assert_bind_refused(&q, "last_sold");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_falls_with_the_days_since_the_last_sale_to_others),
        TEST(the_asking_company_does_not_keep_a_product_alive),
        TEST(the_second_company_is_known_in_any_order),
        TEST(below_k_other_companies_it_is_silent),
        TEST(it_says_the_buyers_and_the_date),
        TEST(without_time_it_is_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
