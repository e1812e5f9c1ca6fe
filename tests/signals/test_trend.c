/* Companies of the last days against what is usual. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/trend.h"
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
        question_case_init(&q, &learned, PV_SIGNAL_TREND, min_companies);                                              \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* As of 2020-04-01 the 30 days begin with 2020-03-02, the 90 days with 2020-01-02. P: a, b, me lately, c before. Q: a,
 * b, c before, a lately too. R: too early. */
static const purchase_case sales[] = {LINE("a", "P", "2020-03-02"),          LINE("b", "P", "2020-03-20"),
                                      LINE("b", "P", "2020-03-21"),          LINE("me", "P", "2020-03-30"),
                                      LINE("c", "P", "2020-03-01T23:59:59"), LINE("a", "Q", "2020-01-02"),
                                      LINE("a", "Q", "2020-03-31"),          LINE("b", "Q", "2020-02-01"),
                                      LINE("c", "Q", "2020-03-01"),          LINE("a", "R", "2020-01-01T23:59:59")};

static double trend(double recent, double usual)
{
    return fmax(0, log(4 * (recent + 1) / (usual / 3 + 1)));
}

static void phi_is_the_logarithm_of_the_last_days_against_the_usual(void **state)
{
    (void)state;
    LEARN(1, sales, .as_of = "2020-04-01");
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), trend(3, 4));
    assert_close(phi_of(&q, "Q"), trend(1, 3)); /* log(4) */
    assert_close(phi_of(&q, "R"), 0);
    assert_consistent(&q, -1);
    assert_int_equal(pieces_of(&q, "P"), 0);
}

static void the_asking_company_makes_no_trend(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("c", "H")};
    LEARN(1, sales, USERS(users), .as_of = "2020-04-01");
    question_case_ask(&q, "c");
    assert_close(phi_of(&q, "P"), trend(2, 2));
    assert_close(phi_of(&q, "Q"), trend(1, 2));
    assert_consistent(&q, -1);
    question_case_ask(&q, "a");
    assert_close(phi_of(&q, "P"), trend(2, 2)); /* b, H; the company counts once */
    assert_close(phi_of(&q, "Q"), trend(0, 2)); /* nobody lately */
    assert_consistent(&q, -1);
}

/* 24 companies bought P in the 90 days, `lately` of them in the last 30. */
static void ask_about_24(int lately, int32_t min_companies)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
                                        "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x"};
    purchase_case lines[25];
    for (int k = 0; k < 24; k++)
        lines[k] = (purchase_case){.user = names[k], .product = "P", .time = k < lately ? "2020-03-20" : "2020-02-01"};
    lines[24] = (purchase_case){.user = "me", .product = "P", .time = "2020-03-20"};
    LEARN(min_companies, lines, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
}

static void below_k_companies_in_the_90_days_it_is_silent(void **state)
{
    (void)state;
    ask_about_24(5, 24);
    assert_close(phi_of(&q, "P"), trend(5, 24));
    question_case_deinit(&q);
    ask_about_24(5, 25); /* 25 with the asking company */
    assert_close(phi_of(&q, "P"), 0);
    assert_says(&q, "P", true, NULL);
    assert_consistent(&q, -1);
}

static void a_sinking_product_gets_nothing(void **state)
{
    (void)state;
    ask_about_24(1, 1); /* 4 x 2 / 9 */
    assert_close(phi_of(&q, "P"), 0);
    question_case_deinit(&q);
    ask_about_24(2, 1); /* 4 x 3 / 9 */
    assert_close(phi_of(&q, "P"), log(4.0 / 3));
    assert_consistent(&q, -1);
}

static void it_says_both_counts_and_the_date(void **state)
{
    (void)state;
    ask_about_24(9, 5);
    assert_close(phi_of(&q, "P"), trend(9, 24));
    assert_says(&q, "P", true,
                "9 of the 24 other customers who bought this in the 90 days before 2020-04-01 did so in the last 30 "
                "days.");
    assert_int_equal(fact_of(&q, "P", "buyers").integer, 9);
    assert_int_equal(fact_of(&q, "P", "of").integer, 24);
    assert_int_equal(fact_of(&q, "P", "days").integer, 30);
    assert_int_equal(fact_of(&q, "P", "of_days").integer, 90);
    assert_text(fact_of(&q, "P", "before").text, "2020-04-01");
}

static void a_count_below_k_is_not_told(void **state)
{
    (void)state;
    ask_about_24(4, 5);
    assert_says(&q, "P", true,
                "Fewer than 5 of the 24 other customers who bought this in the 90 days before 2020-04-01 did so in the "
                "last 30 days.");
    assert_int_equal(fact_of(&q, "P", "fewer_than").integer, 5);
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
    int32_t *recent = tensor_data(&q.built.tensors, "trend.recent_buyers");
    const int32_t kept = recent[0];
    recent[0] = -1;
    assert_bind_refused(&q, "trend");
    recent[0] = 5; /* of 4 */
    assert_bind_refused(&q, "trend");
    recent[0] = kept;
    int32_t *usual = tensor_data(&q.built.tensors, "trend.buyers");
    usual[0] = -1;
    assert_bind_refused(&q, "trend");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_logarithm_of_the_last_days_against_the_usual),
        TEST(the_asking_company_makes_no_trend),
        TEST(below_k_companies_in_the_90_days_it_is_silent),
        TEST(a_sinking_product_gets_nothing),
        TEST(it_says_both_counts_and_the_date),
        TEST(a_count_below_k_is_not_told),
        TEST(without_time_it_is_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
