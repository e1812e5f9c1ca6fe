/* What the segments of a customer buy more than everybody does. */
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

#define LEARN(k, purchases, ...)                                                                                       \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, PV_SIGNAL_SEGMENT, k);                                                        \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* Everybody orders two products once: the tiers of order and history are the same for all and lift nothing.
 * Other French companies: f1, f2, f3, of which f1 and f2 bought W; two British ones, none of them. */
#define ONE_ORDER(user, a, b) LINE(user, a, "2020-01-01"), LINE(user, b, "2020-01-01")
static const purchase_case wine[] = {ONE_ORDER("f1", "W", "X"), ONE_ORDER("f2", "W", "X"), ONE_ORDER("f3", "X", "Y"),
                                     ONE_ORDER("b1", "X", "Y"), ONE_ORDER("b2", "X", "Y"), ONE_ORDER("me", "X", "Y")};
static const user_case countries[] = {USER("f1", .country = "France"),  USER("f2", .country = "France"),
                                      USER("f3", .country = "France"),  USER("b1", .country = "Britain"),
                                      USER("b2", .country = "Britain"), USER("me", .country = "France"),
                                      USER("new", .country = "France")};

/* Without me: n_c = 2, N_c = 3, p = 2 / 5. rate = (2 + 20 x 0.4) / 23. */
static void phi_is_the_logarithm_of_the_smoothed_lift(void **state)
{
    (void)state;
    LEARN(2, wine, USERS(countries));
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "W"), log(10.0 / 23 / 0.4));
    assert_close(phi_of(&q, "X"), 0); /* all of all */
    assert_close(phi_of(&q, "Y"), 0);
    assert_int_equal(pieces_of(&q, "W"), 1);
    assert_consistent(&q, 1e-15);
}

static void it_states_the_segment_and_its_counts(void **state)
{
    (void)state;
    LEARN(2, wine, USERS(countries));
    question_case_ask(&q, "me");
    assert_says(&q, "W", true, "Bought by 2 of 3 other customers with country France (67 %, against 40 % of all).");
    assert_text(fact_of(&q, "W", "segment").text, "country");
    assert_text(fact_of(&q, "W", "value").text, "France");
    assert_int_equal(fact_of(&q, "W", "buyers").integer, 2);
    assert_int_equal(fact_of(&q, "W", "of").integer, 3);
    assert_close(fact_of(&q, "W", "share").number, 2.0 / 3);
    assert_close(fact_of(&q, "W", "usual_share").number, 0.4);
    assert_says(&q, "X", false, NULL);
    pv_pieces pieces;
    assert_int_equal(q.signal->evidence(&pieces, q.prepared, product_of(q.shop, "W"), NULL), PV_OK);
    assert_text(pieces.items[0].label, "country = France");
    assert_int_equal(pieces.items[0].product, -1);
}

static void below_k_a_segment_says_nothing(void **state)
{
    (void)state;
    LEARN(3, wine, USERS(countries));
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "W"), 0);
    assert_says(&q, "W", false, NULL);
}

static void own_purchases_are_not_those_of_others(void **state)
{
    (void)state;
    LEARN(1, wine, USERS(countries));
    question_case_ask(&q, "f1"); /* f2 of f2, f3, me; 1 of 5 */
    assert_close(phi_of(&q, "W"), log((1 + 20 * 0.2) / 23 / 0.2));
    assert_int_equal(fact_of(&q, "W", "buyers").integer, 1);
    assert_int_equal(fact_of(&q, "W", "of").integer, 3);
}

static void the_whole_asking_company_is_taken_out(void **state)
{
    (void)state;
    static const user_case family[] = {USER("f1", "H", .country = "France"), USER("f2", .country = "France"),
                                       USER("f3", .country = "France"),      USER("b1", .country = "Britain"),
                                       USER("b2", .country = "Britain"),     USER("me", "H", .country = "France")};
    LEARN(1, wine, USERS(family));
    question_case_ask(&q, "me"); /* f2 of f2, f3; 1 of the 4 other companies */
    assert_close(phi_of(&q, "W"), log((1 + 20 * 0.25) / 22 / 0.25));
}

/* A company with users in two countries counts in both, each time with what those users bought. */
static void a_company_counts_by_the_values_of_its_users(void **state)
{
    (void)state;
    static const user_case family[] = {USER("f1", "H", .country = "France"), USER("f2", "H", .country = "France"),
                                       USER("f3", .country = "France"),      USER("b1", "H", .country = "Britain"),
                                       USER("b2", .country = "Britain"),     USER("me", .country = "France")};
    LEARN(1, wine, USERS(family));
    question_case_ask(&q, "me"); /* H of H, f3; H of H, f3, b2 */
    assert_close(phi_of(&q, "W"), log((1 + 20.0 / 3) / 22 / (1.0 / 3)));
    assert_int_equal(fact_of(&q, "W", "of").integer, 2);
}

static void metadata_alone_is_enough(void **state)
{
    (void)state;
    LEARN(2, wine, USERS(countries));
    question_case_ask(&q, "new"); /* 2 of 4 French companies, 2 of 6 */
    assert_close(phi_of(&q, "W"), log((2 + 20.0 / 3) / 24 / (1.0 / 3)));
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "W"), 0);
    assert_consistent(&q, 1e-15);
}

/* Sizes of orders 1 1 1 1 1 4 4 4 4 4 (one order each): fifths from 1, 1, 4, 4 on. The large ones buy P, Q, R, S. */
#define LARGE(user)                                                                                                    \
    LINE(user, "P", "2020-01-01"), LINE(user, "Q", "2020-01-01"), LINE(user, "R", "2020-01-01"),                       \
        LINE(user, "S", "2020-01-01")
#define SMALL(user) LINE(user, "X", "2020-01-01")
static const purchase_case sizes[] = {SMALL("s1"), SMALL("s2"), SMALL("s3"), SMALL("s4"), SMALL("me"),
                                      LARGE("l1"), LARGE("l2"), LARGE("l3"), LARGE("l4"), LARGE("l5")};

static void tiers_of_orders_and_history_are_segments(void **state)
{
    (void)state;
    LEARN(2, sizes, .as_of = NULL);
    question_case_ask(&q, "me"); /* X: 4 of 4 of my tiers, 4 of 9, once for the orders and once for the history */
    const double lift = (4 + 20 * 4.0 / 9) / 24 / (4.0 / 9);
    assert_close(phi_of(&q, "X"), 2 * log(lift));
    assert_close(phi_of(&q, "P"), 0);
    assert_int_equal(pieces_of(&q, "X"), 2);
    assert_consistent(&q, 1e-15);
    assert_says(&q, "X", true,
                "Bought by 4 of 4 other customers with orders as large as yours (100 %, against 44 % of all).");
    assert_text(fact_of(&q, "X", "segment").text, "order size");
    assert_text(fact_of(&q, "X", "value").text, "tier 3 of 5");
    assert_null(q.signal->silent(q.shop));
}

static void a_history_without_a_customer_has_tiers(void **state)
{
    (void)state;
    LEARN(2, sizes, .as_of = NULL);
    question_case_ask(&q, "l1");
    q.question.user = -1;
    q.company = (pv_company){0};
    question_case_prepare(&q); /* 5 of 5, 5 of 10 */
    assert_close(phi_of(&q, "P"), 2 * log((5 + 20 * 0.5) / 25 / 0.5));
    question_case_ask_without(&q, "P");
    question_case_ask_without(&q, "Q");
    question_case_ask_without(&q, "R"); /* one product left: the small tier, of which X is a favourite */
    assert_close(phi_of(&q, "P"), 0);
    assert_close(phi_of(&q, "X"), 2 * log((5 + 20 * 0.5) / 25 / 0.5));
}

/* Histories of 1, 2, 3 and 7 products: the quantile .2 lies 0.6 of the way from the first to the second, and so on. */
static void edges_lie_between_neighbours_in_proportion(void **state)
{
    (void)state;
    static const purchase_case four[] = {SMALL("a"),
                                         LINE("b", "X", "2020-01-01"),
                                         LINE("b", "P", "2020-01-02"),
                                         LINE("c", "X", "2020-01-01"),
                                         LINE("c", "P", "2020-01-02"),
                                         LINE("c", "Q", "2020-01-03"),
                                         LARGE("d"),
                                         SMALL("d"),
                                         LINE("d", "T", "2020-01-02"),
                                         LINE("d", "U", "2020-01-02")};
    static const double history_edges[] = {1.6, 2.2, 2.8, 4.6};
    static const int32_t history_tiers[] = {0, 1, 3, 4};
    LEARN(1, four, .as_of = NULL);
    const double *edges = tensor_data(&q.built.tensors, "segment.edge");
    const int32_t *tiers = tensor_data(&q.built.tensors, "segment.tier");
    for (int k = 0; k < 4; k++) assert_close(edges[4 + k], history_edges[k]);
    for (int u = 0; u < 4; u++) assert_int_equal(tiers[4 + u], history_tiers[u]);
    assert_close(edges[3], 1 + 0.4 * 2.5); /* 7 products in 2 orders, 1 an order for the others */
}

static void a_simple_shop_has_no_size_of_orders(void **state)
{
    (void)state;
    static const purchase_case counted[] = {LINE("a", "X", .count = 2), LINE("b", "X", .count = 1),
                                            LINE("b", "Y", .count = 1), LINE("c", "Y", .count = 1)};
    LEARN(1, counted, .as_of = NULL);
    assert_int_equal(pv_tensors_find(&q.built.tensors, "segment.column")->shape[0], 1);
    question_case_ask(&q, "a");
    assert_consistent(&q, 1e-15);
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *tensor;
        int32_t bad;
    } changes[] = {{"segment.column", 1}, {"segment.column", -3}, {"segment.tier", 5},     {"segment.list", 9},
                   {"segment.list", -1},  {"segment.product", 9}, {"segment.product", -1}, {"segment.buyers", 100}};
    LEARN(2, wine, USERS(countries));
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        int32_t *first = tensor_data(&q.built.tensors, changes[k].tensor);
        const int32_t kept = *first;
        *first = changes[k].bad;
        assert_bind_refused(&q, "segment");
        *first = kept;
    }
    int64_t *offset = tensor_data(&q.built.tensors, "segment.offset");
    offset[1] = -1;
    assert_bind_refused(&q, "segment");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_logarithm_of_the_smoothed_lift),
        TEST(it_states_the_segment_and_its_counts),
        TEST(below_k_a_segment_says_nothing),
        TEST(own_purchases_are_not_those_of_others),
        TEST(the_whole_asking_company_is_taken_out),
        TEST(a_company_counts_by_the_values_of_its_users),
        TEST(metadata_alone_is_enough),
        TEST(tiers_of_orders_and_history_are_segments),
        TEST(a_history_without_a_customer_has_tiers),
        TEST(edges_lie_between_neighbours_in_proportion),
        TEST(a_simple_shop_has_no_size_of_orders),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
