/* Pairs of products over companies: the table that is learned, the k rule, the asking company taken out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/bought_together.h"
#include "support/question_case.h"
#include <math.h>
#include <stdio.h>

#define NO_K 1

static question_case q;

/* Lines of companies named by number; a shop without time, where nothing fades, unless `is_timed`. */
static purchase_case rows[7000];
static char names[7000][8];
static size_t n_rows, n_names;
static bool is_timed;

static int set_up(void **state)
{
    (void)state;
    n_rows = n_names = 0;
    is_timed = false;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

static const char *name_of(char initial, int number)
{
    char *name = names[n_names++];
    (void)snprintf(name, sizeof names[0], "%c%03d", initial, number);
    return name;
}

static void buy(const char *user, const char *product)
{
    rows[n_rows++] =
        (purchase_case){.user = user, .product = product, .time = is_timed ? "2020-01-01" : NULL, .count = 1};
}

/* Companies first .. end - 1 buy the product. */
static void buy_all(int first, int end, const char *product)
{
    for (int c = first; c < end; c++) buy(name_of('c', c), product);
}

static void learn_with(int32_t min_companies, shop_case c)
{
    c.purchases = rows;
    c.n_purchases = n_rows;
    question_case_init(&q, &c, PV_SIGNAL_BOUGHT_TOGETHER, min_companies);
    question_case_fit(&q);
}

static const product_case alpha[] = {PRODUCT("A", "Alpha")};

static void learn(int32_t min_companies)
{
    learn_with(min_companies, (shop_case){PRODUCTS(alpha)});
}

/* 10 companies buy A and B, 30 buy F. */
static void ten_of_forty(void)
{
    buy_all(0, 10, "A");
    buy_all(0, 10, "B");
    buy_all(10, 40, "F");
}

static int64_t together(const char *past, const char *product)
{
    return pv_bought_together_companies(q.bound, product_of(q.shop, past), product_of(q.shop, product));
}

/* Without the asking company: n_A = n_B = n_AB = 10, N = 40, p_B = 0.25, a = (10 + 20 x 0.25) / (10 + 20) - 0.25. */
static void phi_is_the_smoothed_lift_among_other_companies(void **state)
{
    (void)state;
    ten_of_forty();
    buy("me", "A");
    learn(NO_K);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0.25);
    assert_close(phi_of(&q, "F"), 0);
    assert_close(phi_of(&q, "A"), 0);
    assert_close(piece_of(&q, "B", "A"), 0.25);
    assert_int_equal(pieces_of(&q, "F"), 0);
    assert_consistent(&q, 1e-15);
}

static void its_sentence_and_facts_leave_the_asking_company_out(void **state)
{
    (void)state;
    ten_of_forty();
    buy_all(30, 35, "A"); /* bought A and F: n_A = 15 */
    buy("me", "A");
    learn(NO_K);
    question_case_ask(&q, "me");
    assert_says(&q, "B", true, "10 of 15 customers who bought Alpha also bought this (67 %, against 25 % of all).");
    assert_text(fact_of(&q, "B", "product").text, "A");
    assert_text(fact_of(&q, "B", "name").text, "Alpha");
    assert_int_equal(fact_of(&q, "B", "buyers").integer, 15);
    assert_int_equal(fact_of(&q, "B", "also").integer, 10);
    assert_close(fact_of(&q, "B", "rate").number, 10.0 / 15);
    assert_close(fact_of(&q, "B", "base_rate").number, 0.25);
    assert_says(&q, "F", true, NULL);
}

static void an_old_purchase_counts_less_and_the_norm_is_the_root_of_the_sum(void **state)
{
    (void)state;
    is_timed = true;
    ten_of_forty();
    buy("me", "A");
    learn_with(NO_K, (shop_case){PRODUCTS(alpha), .as_of = "2020-06-29"}); /* 180 days: omega = 1/2 */
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0.25 * sqrt(0.5));
    question_case_ask_at(&q, "me", "2020-12-26"); /* 360 days: omega = 1/4 */
    assert_close(phi_of(&q, "B"), 0.25 * 0.5);
}

/* A of the history is 180 days and a second old, C a second; n_C = n_BC = 10, so a_CB = a_AB = 0.25. */
static void several_past_products_add_up(void **state)
{
    (void)state;
    is_timed = true;
    ten_of_forty();
    buy_all(0, 10, "C");
    buy("me", "A");
    rows[n_rows++] = (purchase_case){.user = "me", .product = "C", .time = "2020-06-29"};
    learn(NO_K); /* as of a second after the last line */
    question_case_ask(&q, "me");
    const double omega_a = exp2(-(180 * 86400.0 + 1) / (180 * 86400.0)), omega_c = exp2(-1 / (180 * 86400.0));
    assert_close(phi_of(&q, "B"), 0.25 * (omega_a + omega_c) / sqrt(omega_a + omega_c));
    assert_close(piece_of(&q, "B", "C"), 0.25 * omega_c / sqrt(omega_a + omega_c));
    assert_consistent(&q, 1e-15);
    assert_text(fact_of(&q, "B", "product").text, "C"); /* the stronger one speaks */
}

/* --- the k rule -------------------------------------------------------------------------------------------------- */

static void k_other_companies_are_enough_and_one_less_is_not(void **state)
{
    (void)state;
    ten_of_forty();
    buy("me", "A");
    learn(10);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0.25);
    question_case_deinit(&q);
    learn(11);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0);
    assert_int_equal(together("A", "B"), -1);
}

static void the_asking_company_does_not_help_to_reach_k(void **state)
{
    (void)state;
    ten_of_forty();
    buy("me", "A");
    buy("me", "B");
    learn(11); /* 11 with the asking company, 10 without */
    assert_int_equal(together("A", "B"), 11);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0);
    assert_int_equal(pieces_of(&q, "B"), 0);
    assert_says(&q, "B", true, NULL);
    assert_says(&q, "B", false, NULL);
    question_case_deinit(&q);
    learn(10);
    question_case_ask(&q, "me"); /* n_A = n_B = n_AB = 10, N = 40 again; two products were bought */
    assert_close(phi_of(&q, "B"), 0.25 / sqrt(2));
    assert_consistent(&q, 1e-15);
}

static void branches_of_the_asking_company_are_taken_out_with_it(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("sister", "H")};
    ten_of_forty();
    buy("me", "A");
    buy("sister", "B"); /* the company bought both */
    learn_with(11, (shop_case){PRODUCTS(alpha), USERS(users)});
    assert_int_equal(together("A", "B"), 11);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0);
    question_case_deinit(&q);
    learn_with(10, (shop_case){PRODUCTS(alpha), USERS(users)});
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0.25);
}

static void without_a_user_nothing_is_taken_out(void **state)
{
    (void)state;
    ten_of_forty();
    learn(10);
    question_case_ask(&q, "c000"); /* n_AB = 9 without it */
    assert_close(phi_of(&q, "B"), 0);
    q.company = (pv_company){0};
    question_case_prepare(&q);
    assert_true(phi_of(&q, "B") > 0);
    assert_int_equal(fact_of(&q, "B", "also").integer, 10);
}

/* --- what is learned --------------------------------------------------------------------------------------------- */

/* N = 32, n_A = 17, n_B = 11, both 10: G2 = 10.80075. N = 32, n_A = 16, n_B = 15, both 12: G2 = 10.79913. */
static void a_pair_needs_a_likelihood_ratio_above_the_limit(void **state)
{
    (void)state;
    buy_all(0, 17, "A");
    buy_all(7, 18, "B");
    buy_all(0, 32, "F");
    learn(NO_K);
    assert_int_equal(together("A", "B"), 10);
    assert_int_equal(together("B", "A"), 10);
    question_case_deinit(&q);
    set_up(NULL);
    buy_all(0, 16, "A");
    buy_all(4, 19, "B");
    buy_all(0, 32, "F");
    learn(NO_K);
    assert_int_equal(together("A", "B"), -1);
    assert_int_equal(together("B", "A"), -1);
}

/* Expected by chance: 0.5 x 20 = 10 together; only 2 are. The ratio is large, the lift negative. */
static void products_that_avoid_each_other_are_no_pair(void **state)
{
    (void)state;
    buy_all(0, 20, "A");
    buy_all(18, 38, "B");
    buy_all(0, 40, "F");
    learn(NO_K);
    assert_int_equal(together("A", "B"), -1);
}

static void a_company_counts_once_however_often_it_bought(void **state)
{
    (void)state;
    static const user_case users[] = {USER("c000", "H"), USER("c001", "H")};
    ten_of_forty();
    buy_all(0, 10, "A");
    learn_with(NO_K, (shop_case){PRODUCTS(alpha), USERS(users)});
    assert_int_equal(together("A", "B"), 9); /* c000 and c001 are one company */
}

/* J is bought with P000 .. P299 by 20 companies of 40; one more company buys each of P000 .. P049. These are the weaker
 * neighbours: of them only the first 6 by id find room beside the other 250. */
static void at_most_256_neighbours_are_kept_the_strongest_first(void **state)
{
    (void)state;
    buy_all(0, 20, "J");
    for (int p = 0; p < 300; p++) buy_all(0, 20, name_of('P', p));
    for (int p = 0; p < 50; p++) buy("c030", name_of('P', p));
    buy_all(20, 40, "F");
    learn(NO_K);
    const int32_t *neighbours = NULL;
    int64_t n = 0;
    pv_bought_together_neighbours(&neighbours, &n, q.bound, product_of(q.shop, "J"));
    assert_int_equal(n, PV_NEIGHBOURS_MAX);
    for (int64_t k = 1; k < n; k++) assert_true(neighbours[k - 1] < neighbours[k]);
    assert_int_equal(together("J", "P005"), 20);
    assert_int_equal(together("J", "P006"), -1);
    assert_int_equal(together("J", "P049"), -1);
    assert_int_equal(together("J", "P050"), 20);
    assert_int_equal(together("J", "P299"), 20);
}

static void a_history_without_purchases_scores_nothing(void **state)
{
    (void)state;
    ten_of_forty();
    learn(NO_K);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "B"), 0);
    assert_says(&q, "B", false, NULL);
    assert_consistent(&q, 0);
}

static void a_past_product_that_only_the_catalog_knows_is_passed_over(void **state)
{
    (void)state;
    static const product_case products[] = {PRODUCT("A", "Alpha"), PRODUCT("N", "New")};
    ten_of_forty();
    buy("me", "A");
    learn_with(NO_K, (shop_case){PRODUCTS(products)});
    question_case_ask(&q, "me");
    const int32_t given[] = {product_of(q.shop, "A"), product_of(q.shop, "N")}, orders[] = {0, 1};
    const double counts[] = {1, 1};
    const pv_lines lines = {2, given, orders, NULL, counts, NULL};
    const pv_dislikes none = {0};
    assert_int_equal(pv_history_make(&q.history, &lines, &none, q.shop->as_of, q.arena, NULL), PV_OK);
    question_case_prepare(&q);
    assert_close(phi_of(&q, "B"), 0.25 / sqrt(2));
    assert_close(phi_of(&q, "N"), 0);
    assert_consistent(&q, 1e-15);
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    ten_of_forty();
    buy_all(0, 10, "C");
    learn(NO_K); /* A: B, C; B: A, C; C: A, B; F: none */
    int64_t *offset = tensor_data(&q.built.tensors, "bought_together.offset");
    int32_t *product = tensor_data(&q.built.tensors, "bought_together.product");
    int32_t *companies = tensor_data(&q.built.tensors, "bought_together.companies");
    offset[0] = 1;
    assert_bind_refused(&q, "bought_together");
    offset[0] = 0;
    offset[1] = INT64_MAX;
    assert_bind_refused(&q, "bought_together");
    offset[1] = -1;
    assert_bind_refused(&q, "bought_together");
    offset[1] = 2;
    product[0] = 4;
    assert_bind_refused(&q, "bought_together");
    product[0] = -1;
    assert_bind_refused(&q, "bought_together");
    product[0] = product[1]; /* twice */
    assert_bind_refused(&q, "bought_together");
    product[0] = 1;
    companies[3] = -1;
    assert_bind_refused(&q, "bought_together");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_smoothed_lift_among_other_companies),
        TEST(its_sentence_and_facts_leave_the_asking_company_out),
        TEST(an_old_purchase_counts_less_and_the_norm_is_the_root_of_the_sum),
        TEST(several_past_products_add_up),
        TEST(k_other_companies_are_enough_and_one_less_is_not),
        TEST(the_asking_company_does_not_help_to_reach_k),
        TEST(branches_of_the_asking_company_are_taken_out_with_it),
        TEST(without_a_user_nothing_is_taken_out),
        TEST(a_pair_needs_a_likelihood_ratio_above_the_limit),
        TEST(products_that_avoid_each_other_are_no_pair),
        TEST(a_company_counts_once_however_often_it_bought),
        TEST(at_most_256_neighbours_are_kept_the_strongest_first),
        TEST(a_history_without_purchases_scores_nothing),
        TEST(a_past_product_that_only_the_catalog_knows_is_passed_over),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
