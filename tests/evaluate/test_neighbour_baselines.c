/* item-kNN and TIFU-kNN: neighbours among products, neighbours among customers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "baseline_case.h"
#include <math.h>
#include <stdio.h>

static baseline_case b;

static int tear_down(void **state)
{
    (void)state;
    baseline_case_deinit(&b);
    return 0;
}

#define BUILD(...)                                                                                                     \
    do {                                                                                                               \
        const shop_case built_case = {__VA_ARGS__};                                                                    \
        baseline_case_init(&b, &built_case);                                                                           \
    } while (0)

/* What float32 keeps. */
static void assert_near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-6)) fail_msg("%.9g is not %.9g", actual, expected);
}

/* Generated lines: ids must live as long as the shop. */
#define MOST_LINES 400
static purchase_case many[MOST_LINES];
static char ids[2 * MOST_LINES][8];
static size_t n_many;

static void add_line(const char *user, const char *product)
{
    snprintf(ids[2 * n_many], sizeof *ids, "%s", user);
    snprintf(ids[2 * n_many + 1], sizeof *ids, "%s", product);
    many[n_many] = (purchase_case){.user = ids[2 * n_many], .product = ids[2 * n_many + 1], .time = "2020-03-01"};
    n_many++;
}

static const char *numbered(char letter, int number)
{
    static char id[8];
    snprintf(id, sizeof id, "%c%03d", letter, number);
    return id;
}

/* --- item-kNN ---------------------------------------------------------------------------------------------------- */

static void item_knn_sums_cosines_of_the_history(void **state)
{
    (void)state;
    /* P: a, b; Q: a, b, c; R: b, d; S: d. Buying twice changes nothing. */
    static const purchase_case lines[] = {
        LINE("a", "P", "2020-03-01"), LINE("a", "Q", "2020-03-01"), LINE("b", "P", "2020-03-01"),
        LINE("b", "Q", "2020-03-01"), LINE("b", "R", "2020-03-01"), LINE("c", "Q", "2020-03-01"),
        LINE("d", "R", "2020-03-01"), LINE("d", "S", "2020-03-01"), LINE("a", "Q", "2020-03-02")};
    static const product_case products[] = {PRODUCT("T", .available_from = "2020-01-01")};
    BUILD(PURCHASES(lines), PRODUCTS(products), .as_of = "2020-04-01"); /* as of then nothing is recent but a's Q */
    baseline_case_make(&b, &pv_item_knn);
    baseline_case_ask(&b, "a");
    assert_near(score_of(&b, "P"), 2 / sqrt(6)); /* from Q; P says nothing for itself */
    assert_near(score_of(&b, "Q"), 2 / sqrt(6));
    assert_near(score_of(&b, "R"), 0.5 + 1 / sqrt(6));
    assert_near(score_of(&b, "S"), -1); /* nothing in common: behind the others */
    assert_near(score_of(&b, "T"), -1);
    baseline_case_ask(&b, "d");
    assert_near(score_of(&b, "Q"), 1 / sqrt(6));
    assert_near(score_of(&b, "S"), 1 / sqrt(2));
}

static void item_knn_is_silent_in_the_order_of_popularity(void **state)
{
    (void)state;
    static const purchase_case lines[] = {LINE("a", "P", "2020-03-10"), LINE("b", "Q", "2020-03-10"),
                                          LINE("c", "Q", "2020-03-10"), LINE("d", "R", "2020-03-10")};
    BUILD(PURCHASES(lines), .as_of = "2020-04-01");
    baseline_case_make(&b, &pv_item_knn);
    baseline_case_ask(&b, "a");
    assert_near(score_of(&b, "Q"), 2.0 / 3 - 1);
    assert_near(score_of(&b, "R"), 1.0 / 3 - 1);
}

static void item_knn_keeps_the_nearest_hundred(void **state)
{
    (void)state;
    /* w buys X and 110 others: the cosine of X is 1 with 100 of them, less with those that somebody else buys. */
    n_many = 0;
    add_line("w", "X");
    for (int k = 1; k <= 110; k++) add_line("w", numbered('N', k));
    for (int k = 1; k <= 10; k++) add_line("v", numbered('N', k));
    BUILD(.purchases = many, .n_purchases = n_many);
    baseline_case_make(&b, &pv_item_knn);
    baseline_case_ask(&b, "w");
    assert_near(score_of(&b, "X"), 100);
    baseline_case_ask(&b, "v");
    assert_true(score_of(&b, "X") < 0);
}

static void item_knn_breaks_ties_by_product(void **state)
{
    (void)state;
    n_many = 0;
    for (int k = 1; k <= 102; k++) add_line("w", numbered('N', k)); /* 101 at cosine 1 for each */
    add_line("w", "X");
    BUILD(.purchases = many, .n_purchases = n_many);
    baseline_case_make(&b, &pv_item_knn);
    pv_history one = {0}; /* a history of a product alone */
    const int32_t first = product_of(b.shop, "N001"), last = product_of(b.shop, "N102");
    one.n_products = 1;
    one.products = &last;
    assert_int_equal(b.baseline->score(b.scores, b.state, 0, &one, b.arena, NULL), PV_OK);
    assert_true(score_of(&b, "X") < 0); /* N001 to N100 are nearer to X */
    one.products = &first;
    assert_int_equal(b.baseline->score(b.scores, b.state, 0, &one, b.arena, NULL), PV_OK);
    assert_near(score_of(&b, "X"), 1);
}

/* --- TIFU-kNN ---------------------------------------------------------------------------------------------------- */

#define OWN PV_TIFU_ALPHA
#define OTHERS (1 - PV_TIFU_ALPHA)

static void tifu_weighs_late_orders_more(void **state)
{
    (void)state;
    /* Two orders are two groups: v(A) = (0.7 + 1) / 2, v(B) = 1 / 2, for two lines of an order as
     * for one. The only neighbour is z. */
    static const purchase_case lines[] = {LINE("a", "A", "2020-01-01", "o1"), LINE("a", "A", "2020-02-01", "o2"),
                                          LINE("a", "B", "2020-02-01", "o2"), LINE("a", "B", "2020-02-01", "o2"),
                                          LINE("z", "Z", "2020-01-01", "o3"), LINE("z", "A", "2020-01-01", "o3")};
    BUILD(PURCHASES(lines), .as_of = "2020-06-01");
    baseline_case_make(&b, &pv_tifu_knn);
    baseline_case_ask(&b, "a");
    assert_near(score_of(&b, "A"), OWN * 0.85 + OTHERS * 1);
    assert_near(score_of(&b, "B"), OWN * 0.5);
    assert_near(score_of(&b, "Z"), OTHERS * 1);
    baseline_case_ask(&b, "z");
    assert_near(score_of(&b, "A"), OWN * 1 + OTHERS * 0.85);
    assert_near(score_of(&b, "B"), OTHERS * 0.5);
}

static void tifu_cuts_nine_orders_into_seven_groups(void **state)
{
    (void)state;
    static const purchase_case lines[] = {
        LINE("a", "O1", "2020-01-01"), LINE("a", "O2", "2020-01-02"), LINE("a", "O3", "2020-01-03"),
        LINE("a", "O4", "2020-01-04"), LINE("a", "O5", "2020-01-05"), LINE("a", "O6", "2020-01-06"),
        LINE("a", "O7", "2020-01-07"), LINE("a", "O8", "2020-01-08"), LINE("a", "O9", "2020-01-09")};
    BUILD(PURCHASES(lines), .as_of = "2020-06-01");
    baseline_case_make(&b, &pv_tifu_knn);
    baseline_case_ask(&b, "a"); /* the last two groups have two orders each */
    assert_near(score_of(&b, "O9"), OWN / 7 / 2);
    assert_near(score_of(&b, "O8"), OWN / 7 / 2 * 0.95);
    assert_near(score_of(&b, "O7"), OWN / 7 * 0.7 / 2);
    assert_near(score_of(&b, "O6"), OWN / 7 * 0.7 / 2 * 0.95);
    assert_near(score_of(&b, "O5"), OWN / 7 * 0.7 * 0.7);
    assert_near(score_of(&b, "O1"), OWN / 7 * pow(0.7, 6));
}

static void tifu_averages_the_nearest_fifty(void **state)
{
    (void)state;
    /* The squared distance to u is 1 for the 49 who buy A and N, 2 for f and h, who have nothing in common with u, and
     * 3 for g, who has. Of f and h the first is taken. */
    n_many = 0;
    add_line("u", "A");
    for (int k = 0; k < 49; k++) {
        add_line(numbered('n', k), "A");
        add_line(numbered('n', k), "N");
    }
    add_line("f", "F");
    add_line("h", "H");
    add_line("g", "A");
    for (int k = 0; k < 3; k++) add_line("g", numbered('G', k));
    BUILD(.purchases = many, .n_purchases = n_many, .as_of = "2020-06-01");
    baseline_case_make(&b, &pv_tifu_knn);
    baseline_case_ask(&b, "u");
    assert_near(score_of(&b, "A"), OWN + OTHERS * 0.98);
    assert_near(score_of(&b, "N"), OTHERS * 0.98);
    assert_near(score_of(&b, "F"), OTHERS * 0.02);
    assert_near(score_of(&b, "H"), -1);
    assert_near(score_of(&b, "G000"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(item_knn_sums_cosines_of_the_history, tear_down),
        cmocka_unit_test_teardown(item_knn_is_silent_in_the_order_of_popularity, tear_down),
        cmocka_unit_test_teardown(item_knn_keeps_the_nearest_hundred, tear_down),
        cmocka_unit_test_teardown(item_knn_breaks_ties_by_product, tear_down),
        cmocka_unit_test_teardown(tifu_weighs_late_orders_more, tear_down),
        cmocka_unit_test_teardown(tifu_cuts_nine_orders_into_seven_groups, tear_down),
        cmocka_unit_test_teardown(tifu_averages_the_nearest_fifty, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
