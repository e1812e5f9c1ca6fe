/* Companies whose purchases are like those of the customer. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/question_case.h"
#include <math.h>
#include <stdio.h>

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

#define LEARN(k, purchases, ...)                                                                                       \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, PV_SIGNAL_PEERS, k);                                                          \
        question_case_fit(&q);                                                                                         \
    } while (0)
#define MAY .as_of = "2020-05-01"

/* 60 days before the as-of date weigh 1/2, 120 days 1/4. |me| = sqrt(5)/4.
 * v1: |v1| = sqrt(1/2), me.v1 = 1/4.  v2: |v2| = sqrt(1/8), me.v2 = 1/16.  v3 shares nothing. */
#define MARCH "2020-03-02"
#define JANUARY "2020-01-02"
static const purchase_case four[] = {LINE("me", "A", MARCH),   LINE("me", "B", JANUARY), LINE("v1", "A", JANUARY),
                                     LINE("v1", "A", MARCH),   LINE("v1", "C", MARCH),   LINE("v2", "B", JANUARY),
                                     LINE("v2", "C", JANUARY), LINE("v3", "D", MARCH)};

static double like_v1(void)
{
    return 0.25 / sqrt(5.0 / 16 * 0.5);
}

static double like_v2(void)
{
    return 0.0625 / sqrt(5.0 / 16 * 0.125);
}

static void phi_sums_what_similar_companies_bought_lately(void **state)
{
    (void)state;
    LEARN(1, four, MAY);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "C"), like_v1() * 0.5 + like_v2() * 0.25);
    assert_close(phi_of(&q, "A"), like_v1() * 0.5);
    assert_close(phi_of(&q, "D"), 0);
    assert_int_equal(pieces_of(&q, "C"), 0);
    assert_consistent(&q, -1);
}

static void it_counts_peers_and_names_none(void **state)
{
    (void)state;
    LEARN(2, four, MAY);
    question_case_ask(&q, "me");
    assert_int_equal(fact_of(&q, "C", "buyers").integer, 2);
    assert_int_equal(fact_of(&q, "C", "of").integer, 2);
    assert_says(&q, "C", true, "Bought by 2 of the 2 customers whose purchases are most like yours.");
}

static void fewer_buyers_than_k_say_nothing(void **state)
{
    (void)state;
    LEARN(2, four, MAY);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "A"), 0);
    assert_says(&q, "A", false, NULL);
    q.question.min_companies = 3;
    question_case_prepare(&q);
    assert_close(phi_of(&q, "C"), 0);
}

/* v1 and v2 are one company: A 1/2, B 1/4, C 1/2 (the later purchase); |H| = 3/4, me.H = 5/16. */
static void users_of_one_company_are_one_peer(void **state)
{
    (void)state;
    static const user_case users[] = {USER("v1", "H"), USER("v2", "H")};
    LEARN(1, four, USERS(users), MAY);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "C"), 5.0 / 16 / (sqrt(5.0) / 4 * 0.75) * 0.5);
    assert_int_equal(fact_of(&q, "C", "of").integer, 1);
    assert_says(&q, "C", true, "Bought by 1 of the 1 customer whose purchases are most like yours.");
}

static void the_asking_company_is_no_peer_of_its_own(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("v1", "H")};
    LEARN(1, four, USERS(users), MAY);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "A"), 0);
    assert_close(phi_of(&q, "C"), like_v2() * 0.25);
}

static void a_history_without_a_customer_is_compared_with_everybody(void **state)
{
    (void)state;
    LEARN(1, four, MAY);
    question_case_ask(&q, "me");
    q.question.user = -1;
    q.company = (pv_company){.parent = -1};
    question_case_prepare(&q);
    assert_int_equal(fact_of(&q, "C", "of").integer, 3); /* me too */
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "C"), 0);
}

static void a_removal_changes_who_is_alike(void **state)
{
    (void)state;
    LEARN(1, four, MAY);
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "A"); /* B alone: me.v2 / (|me| |v2|) = sqrt(1/2) */
    assert_close(phi_of(&q, "C"), sqrt(0.5) * 0.25);
    assert_consistent(&q, -1);
}

static void a_later_date_keeps_the_peers(void **state)
{
    (void)state;
    LEARN(1, four, MAY);
    question_case_ask_at(&q, "me", "2020-06-30");
    assert_close(phi_of(&q, "C"), like_v1() * 0.5 + like_v2() * 0.25);
}

/* 120 companies bought A, the first 60 of them Z too: their cosine is sqrt(1/2), that of the others 1. */
static void the_hundred_most_similar_count(void **state)
{
    (void)state;
    enum { COMPANIES = 120, WITH_Z = 60 };
    static char names[COMPANIES][8];
    static purchase_case lines[COMPANIES + WITH_Z + 1];
    size_t n = 0;
    for (int v = 0; v < COMPANIES; v++) {
        snprintf(names[v], sizeof names[v], "v%03d", v);
        lines[n++] = (purchase_case)LINE(names[v], "A", MARCH);
        if (v < WITH_Z) lines[n++] = (purchase_case)LINE(names[v], "Z", MARCH);
    }
    lines[n] = (purchase_case)LINE("me", "A", MARCH);
    LEARN(5, lines, MAY);
    question_case_ask(&q, "me");
    assert_true(fabs(phi_of(&q, "Z") - 40 * sqrt(0.5) * 0.5) < 1e-9);
    assert_says(&q, "Z", true, "Bought by 40 of the 100 customers whose purchases are most like yours.");
}

/* Of 1,030 buyers the 1,024 most recent are compared: the six of January, who come first by name, are not. */
static void the_most_recent_buyers_are_compared(void **state)
{
    (void)state;
    enum { COMPANIES = 1030, EARLY = 6 };
    static char names[COMPANIES][8];
    static purchase_case lines[COMPANIES + 1];
    for (int v = 0; v < COMPANIES; v++) {
        snprintf(names[v], sizeof names[v], "v%04d", v);
        lines[v] = (purchase_case)LINE(names[v], "A", v < EARLY ? JANUARY : MARCH);
    }
    lines[COMPANIES] = (purchase_case)LINE("x", "B", MARCH);
    LEARN(5, lines, MAY);
    const pv_tensor *buyers = pv_tensors_find(&q.built.tensors, "peers.buyer");
    assert_int_equal(buyers->shape[0], 1024 + 1);
    for (int64_t k = 0; k < 1024; k++) assert_int_equal(((const int32_t *)buyers->data)[k], EARLY + k);
}

static void without_time_every_purchase_weighs_the_same(void **state)
{
    (void)state;
    static const purchase_case counted[] = {LINE("me", "A", .count = 3), LINE("v", "A", .count = 1),
                                            LINE("v", "B", .count = 1)};
    const shop_case learned = {PURCHASES(counted)};
    question_case_init(&q, &learned, PV_SIGNAL_PEERS, 1);
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), sqrt(0.5));
    assert_null(q.signal->silent(q.shop));
}

static void a_purchase_of_long_ago_is_still_one(void **state)
{
    (void)state;
    static const purchase_case old[] = {LINE("me", "A", "1950-01-01"), LINE("v", "A", "1950-01-01"),
                                        LINE("v", "B", "1950-01-01")};
    LEARN(1, old, MAY);
    question_case_ask(&q, "me");
    assert_int_equal(fact_of(&q, "B", "buyers").integer, 1);
    assert_true(phi_of(&q, "B") > 0);
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(1, four, MAY);
    int32_t *product = tensor_data(&q.built.tensors, "peers.product");
    int32_t *buyer = tensor_data(&q.built.tensors, "peers.buyer");
    int64_t *offset = tensor_data(&q.built.tensors, "peers.offset");
    float *weight = tensor_data(&q.built.tensors, "peers.buyer_weight");
    double *norm = tensor_data(&q.built.tensors, "peers.norm");
    product[0] = 4;
    assert_bind_refused(&q, "peers.product");
    product[0] = 0;
    buyer[0] = -1;
    assert_bind_refused(&q, "peers.buyer");
    buyer[0] = 0;
    weight[0] = NAN;
    assert_bind_refused(&q, "peers.buyer_weight");
    weight[0] = 1;
    norm[0] = -1;
    assert_bind_refused(&q, "peers.norm");
    norm[0] = 1;
    offset[1] = 100;
    assert_bind_refused(&q, "peers.offset");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_sums_what_similar_companies_bought_lately),
        TEST(it_counts_peers_and_names_none),
        TEST(fewer_buyers_than_k_say_nothing),
        TEST(users_of_one_company_are_one_peer),
        TEST(the_asking_company_is_no_peer_of_its_own),
        TEST(a_history_without_a_customer_is_compared_with_everybody),
        TEST(a_removal_changes_who_is_alike),
        TEST(a_later_date_keeps_the_peers),
        TEST(the_hundred_most_similar_count),
        TEST(the_most_recent_buyers_are_compared),
        TEST(without_time_every_purchase_weighs_the_same),
        TEST(a_purchase_of_long_ago_is_still_one),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
