/* Recent buyers of a product, among all companies and within a segment. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/popularity.h"
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
        question_case_init(&q, &learned, PV_SIGNAL_POPULARITY, min_companies);                                         \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* As of 2020-04-01 the 90 days begin with 2020-01-02. P: a, b, c, me; Q: a, b (and c a second too early); R: a. */
static const purchase_case recent[] = {
    LINE("a", "P", "2020-03-01"),  LINE("b", "P", "2020-03-01"), LINE("c", "P", "2020-03-01"),
    LINE("me", "P", "2020-03-01"), LINE("a", "Q", "2020-01-02"), LINE("b", "Q", "2020-03-02"),
    LINE("b", "Q", "2020-03-03"),  LINE("a", "R", "2020-03-01"), LINE("c", "Q", "2020-01-01T23:59:59")};

static void phi_is_the_logarithm_of_the_buyers_against_the_most_bought(void **state)
{
    (void)state;
    LEARN(1, recent, .as_of = "2020-04-01");
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), 1);
    assert_close(phi_of(&q, "Q"), log(3) / log(5)); /* 90 days ago to the second counts, a second more does not */
    assert_close(phi_of(&q, "R"), log(2) / log(5));
    assert_consistent(&q, -1);
    assert_int_equal(pieces_of(&q, "P"), 0); /* nobody else's purchases are shown */
}

static void the_asking_company_is_no_other_buyer(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("c", "H")};
    LEARN(1, recent, USERS(users), .as_of = "2020-04-01"); /* P: a, b, H; Q: a, b */
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), log(3) / log(4)); /* the most bought is of everybody */
    assert_close(phi_of(&q, "Q"), log(3) / log(4)); /* what c bought of Q is outside the days */
    question_case_ask(&q, "a");
    assert_close(phi_of(&q, "R"), 0);
    assert_consistent(&q, -1);
}

static void below_k_other_companies_it_is_silent(void **state)
{
    (void)state;
    LEARN(3, recent, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), log(4) / log(5)); /* a, b, c */
    assert_close(phi_of(&q, "Q"), 0);
    assert_says(&q, "Q", true, NULL);
    question_case_deinit(&q);
    LEARN(4, recent, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0); /* 4 with the asking company, 3 without */
    assert_says(&q, "P", true, NULL);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), 1);
}

static void it_says_the_buyers_and_the_days(void **state)
{
    (void)state;
    LEARN(1, recent, .as_of = "2020-04-01");
    question_case_ask(&q, "me");
    assert_says(&q, "P", true, "Bought by 3 other customers in the 90 days before 2020-04-01.");
    assert_int_equal(fact_of(&q, "P", "buyers").integer, 3);
    assert_int_equal(fact_of(&q, "P", "days").integer, 90);
    assert_text(fact_of(&q, "P", "before").text, "2020-04-01");
}

static void without_time_it_is_of_all_time(void **state)
{
    (void)state;
    static const purchase_case simple[] = {LINE("a", "P", .count = 2), LINE("b", "P", .count = 1),
                                           LINE("a", "Q", .count = 9)};
    LEARN(1, simple, .as_of = NULL);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "Q"), log(2) / log(3));
    assert_says(&q, "P", true, "Bought by 2 other customers.");
    assert_int_equal(fact_of(&q, "P", "days").kind, PV_FACT_NULL);
    assert_consistent(&q, -1);
}

static void a_product_that_nobody_bought_has_no_popularity(void **state)
{
    (void)state;
    static const product_case products[] = {PRODUCT("N")};
    LEARN(1, recent, PRODUCTS(products), .as_of = "2020-04-01");
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "N"), 0);
    assert_consistent(&q, -1);
}

static void when_nothing_was_bought_lately_everything_is_silent(void **state)
{
    (void)state;
    LEARN(1, recent, .as_of = "2021-04-01");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P"), 0);
    assert_consistent(&q, -1);
}

/* --- segments ---------------------------------------------------------------------------------------------------- */

/* FR: a, b, cold; DE: f, c, me. The parent H of a and f is in FR by a alone. Region north: c and cold_c. */
static const user_case segmented[] = {USER("a", "H", "FR"),
                                      USER("b", .country = "FR"),
                                      USER("f", "H", "DE"),
                                      USER("c", .country = "DE", .region = "north"),
                                      USER("me", .country = "DE"),
                                      USER("cold", .country = "FR"),
                                      USER("nowhere"),
                                      USER("cold_c", "c", "DE", "north")};

static const purchase_case by_segment[] = {LINE("a", "P", "2020-03-01"),  LINE("b", "P", "2020-03-01"),
                                           LINE("f", "P", "2020-03-01"),  LINE("c", "P", "2020-03-01"),
                                           LINE("me", "Q", "2020-03-01"), LINE("c", "Q", "2020-03-01"),
                                           LINE("b", "R", "2020-03-01")};

static int64_t list_of(const char *user, int32_t min_companies)
{
    const pv_question question = {
        .shop = q.shop, .user = user ? user_of(q.shop, user) : -1, .min_companies = min_companies};
    return pv_popularity_segment_list(q.bound, &question);
}

static void ask_in_segment(const char *user, int32_t min_companies)
{
    question_case_ask(&q, user);
    q.question.segment_list = list_of(user, 2);
    q.question.min_companies = min_companies;
    question_case_prepare(&q);
}

static void a_cold_user_counts_among_its_segment(void **state)
{
    (void)state;
    LEARN(2, by_segment, USERS(segmented), .as_of = "2020-04-01");
    ask_in_segment("cold", 2);
    pv_text column, value;
    pv_popularity_segment_of(&column, &value, q.bound, q.shop, q.question.segment_list);
    assert_text(column, "country");
    assert_text(value, "FR");
    assert_close(phi_of(&q, "P"), 1); /* H and b; f counts in DE */
    assert_close(phi_of(&q, "R"), 0); /* b alone: below k */
    assert_close(phi_of(&q, "Q"), 0);
    assert_says(&q, "P", true, "Bought by 2 other customers of segment FR in the 90 days before 2020-04-01.");
    assert_text(fact_of(&q, "P", "segment").text, "FR");
    assert_consistent(&q, -1);
}

static void the_first_segment_with_k_buyers_is_taken(void **state)
{
    (void)state;
    LEARN(2, by_segment, USERS(segmented), .as_of = "2020-04-01");
    pv_text column, value;
    pv_popularity_segment_of(&column, &value, q.bound, q.shop, list_of("cold_c", 2));
    assert_text(column, "country");
    assert_int_equal(list_of("cold_c", 3), -1); /* P in DE: H and c */
    assert_int_equal(list_of("nowhere", 1), -1);
    assert_int_equal(list_of(NULL, 1), -1);
    const pv_side_value told = {pv_text_of("country"), pv_text_of("DE")};
    const pv_question question = {.shop = q.shop, .user = -1, .min_companies = 2, .metadata = &told, .n_metadata = 1};
    assert_int_equal(pv_popularity_segment_list(q.bound, &question), list_of("cold_c", 2));
}

static void in_a_segment_the_asking_company_is_no_other_buyer(void **state)
{
    (void)state;
    LEARN(2, by_segment, USERS(segmented), .as_of = "2020-04-01");
    ask_in_segment("cold_c", 2);      /* of the company c */
    assert_close(phi_of(&q, "P"), 0); /* H and c, c is asking */
    assert_close(phi_of(&q, "Q"), 0);
    ask_in_segment("cold_c", 1);
    assert_close(phi_of(&q, "P"), log(2) / log(3));
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(2, by_segment, USERS(segmented), .as_of = "2020-04-01");
    static const char *const names[] = {"popularity.segment_product", "popularity.segment", "popularity.buyers",
                                        "popularity.segment_buyers"};
    for (size_t k = 0; k < 4; k++) {
        int32_t *data = tensor_data(&q.built.tensors, names[k]);
        const int32_t kept = data[0];
        data[0] = -1;
        assert_bind_refused(&q, "popularity");
        data[0] = 1000;
        if (k < 2) assert_bind_refused(&q, "popularity");
        data[0] = kept;
    }
    int64_t *offset = tensor_data(&q.built.tensors, "popularity.segment_offset");
    offset[1] = INT64_MAX;
    assert_bind_refused(&q, "popularity");
    offset[1] = -1;
    assert_bind_refused(&q, "popularity");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_logarithm_of_the_buyers_against_the_most_bought),
        TEST(the_asking_company_is_no_other_buyer),
        TEST(below_k_other_companies_it_is_silent),
        TEST(it_says_the_buyers_and_the_days),
        TEST(without_time_it_is_of_all_time),
        TEST(a_product_that_nobody_bought_has_no_popularity),
        TEST(when_nothing_was_bought_lately_everything_is_silent),
        TEST(a_cold_user_counts_among_its_segment),
        TEST(the_first_segment_with_k_buyers_is_taken),
        TEST(in_a_segment_the_asking_company_is_no_other_buyer),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
