/* Pairs of products over companies: the table that is learned, the k rule, the asking company taken out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/random.h"
#include "signals/bought_together.h"
#include "signals/bought_together_fit.h"
#include "signals/item_weights.h"
#include "support/question_case.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_K 1

static question_case q;

/* Lines of companies named by number; a shop without time. */
static purchase_case rows[7000];
static char names[7000][8];
static size_t n_rows, n_names;

static int set_up(void **state)
{
    (void)state;
    n_rows = n_names = 0;
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
    rows[n_rows++] = (purchase_case){.user = user, .product = product, .count = 1};
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

static pv_status fit_lifts(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    return pv_bought_together_fit_up_to(tensors, shop, settings, 0, error);
}

/* As if the catalogue were too large for item-item weights. */
static void learn_lifts(int32_t min_companies)
{
    static pv_signal with_lifts;
    with_lifts = pv_bought_together_signal;
    with_lifts.fit = fit_lifts;
    question_case_init(&q, &(shop_case){PRODUCTS(alpha), .purchases = rows, .n_purchases = n_rows},
                       PV_SIGNAL_BOUGHT_TOGETHER, min_companies);
    q.signal = &with_lifts;
    question_case_fit(&q);
}

/* Weights are float32, of systems solved in float32. */
static void assert_near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-5 * fabs(expected))) fail_msg("%.9g is not %.9g", actual, expected);
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

/* The weight of A for B in ten_of_forty() with `alone` more companies that bought A and nothing else. Without time Y =
 * X, and so C = I - 30 P and B_AB = -P_AB / P_BB = (X'WX)_AB / ((X'WX)_AA + 30). */
static double weight_of_ten(int alone)
{
    return 10 / sqrt(2) / (10 / sqrt(2) + alone + 30);
}

static void phi_is_the_weight_of_the_past_product(void **state)
{
    (void)state;
    ten_of_forty();
    buy("me", "A");
    learn(NO_K);
    question_case_ask(&q, "me");
    assert_near(phi_of(&q, "B"), weight_of_ten(1));
    assert_close(phi_of(&q, "F"), 0);
    assert_close(phi_of(&q, "A"), 0);
    assert_near(piece_of(&q, "B", "A"), weight_of_ten(1));
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
    assert_says(&q, "A", true, NULL);
}

/* Twelve companies buy D with B, ten A with B: D alone has the larger weight. */
static void several_past_products_add_up(void **state)
{
    (void)state;
    ten_of_forty();
    buy_all(40, 52, "B");
    buy_all(40, 52, "D");
    buy("me", "A");
    buy("me", "D");
    learn(NO_K);
    question_case_ask(&q, "me");
    const double both = phi_of(&q, "B"), of_a = piece_of(&q, "B", "A"), of_d = piece_of(&q, "B", "D");
    assert_true(of_d > of_a && of_a > 0);
    assert_close(both, of_a + of_d);
    assert_consistent(&q, 1e-15);
    assert_text(fact_of(&q, "B", "product").text, "D"); /* the stronger one speaks */
    question_case_ask_without(&q, "D");
    assert_close(phi_of(&q, "B"), of_a);
}

/* --- the k rule -------------------------------------------------------------------------------------------------- */

static void k_other_companies_are_enough_and_one_less_is_not(void **state)
{
    (void)state;
    ten_of_forty();
    buy("me", "A");
    learn(10);
    question_case_ask(&q, "me");
    assert_near(phi_of(&q, "B"), weight_of_ten(1));
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
    question_case_ask(&q, "me"); /* learned from 11 pairs; 10 of others are enough */
    assert_near(phi_of(&q, "B"), 11 / sqrt(2) / (11 / sqrt(2) + 30));
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
    question_case_ask(&q, "me"); /* users are the rows that weights are learned from: "me" bought A alone */
    assert_near(phi_of(&q, "B"), weight_of_ten(1));
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

static void a_product_that_too_few_companies_bought_has_no_pairs(void **state)
{
    (void)state;
    ten_of_forty();
    buy_all(0, 4, "R");
    learn(5);
    const pv_bought_together_pairs row = pv_bought_together_row(q.bound, product_of(q.shop, "R"));
    assert_int_equal(row.n, 0);
    assert_int_equal(together("A", "R"), -1);
    assert_int_equal(together("A", "B"), 10);
}

/* --- what is learned --------------------------------------------------------------------------------------------- */

static void a_company_counts_once_however_often_it_bought(void **state)
{
    (void)state;
    static const user_case users[] = {USER("c000", "H"), USER("c001", "H")};
    ten_of_forty();
    buy_all(0, 10, "A");
    learn_with(NO_K, (shop_case){PRODUCTS(alpha), USERS(users)});
    assert_int_equal(together("A", "B"), 9); /* c000 and c001 are one company */
}

/* 300 products each bought by two thirds of 20 companies; more than one panel of products. */
static void buy_at_random(void)
{
    for (int p = 0; p < 300; p++) {
        const char *product = name_of('P', p);
        for (int c = 0; c < 20; c++)
            if (pv_random_bits(3, (uint64_t)p, (uint64_t)c) % 3) buy(name_of('c', c), product);
    }
}

static int by_falling_weight(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* The pairs of P007 are those of its weights that are among the largest 256, positive, and shared by enough. */
static void the_largest_positive_weights_are_kept(void **state)
{
    (void)state;
    enum { N = 300, PAST = 7, LEAST = 5 };
    buy_at_random();
    learn(LEAST);
    int32_t all[N];
    float sorted[N];
    for (int32_t i = 0; i < N; i++) all[i] = i;
    pv_item_weights *weights = NULL;
    assert_int_equal(pv_item_weights_create(&weights, q.shop, all, N, NULL, NULL), PV_OK);
    float *panel = pv_allocate(pv_item_weights_panel_size(weights), sizeof *panel);
    assert_non_null(panel);
    pv_item_weights_panel(panel, weights, 0);
    const float *table = tensor_data(&q.built.tensors, "bought_together.weight");
    const int64_t *offset = tensor_data(&q.built.tensors, "bought_together.offset");
    const int32_t *product = tensor_data(&q.built.tensors, "bought_together.product");
    int64_t n = 0, next = offset[PAST], n_negative = 0;
    for (int i = 0; i < N; i++) sorted[i] = i == PAST ? 0 : panel[i * PV_WEIGHTS_PANEL + PAST];
    qsort(sorted, N, sizeof *sorted, by_falling_weight);
    for (int32_t i = 0; i < N; i++) {
        const float weight = panel[i * PV_WEIGHTS_PANEL + PAST];
        const bool is_kept = i != PAST && weight > 0 && weight >= sorted[PV_NEIGHBOURS_MAX - 1];
        n_negative += weight < 0;
        assert_int_equal(together("P007", name_of('P', i)) >= LEAST, is_kept);
        if (!is_kept) continue;
        assert_int_equal(product[next], i);
        assert_true(table[next++] == weight);
        n++;
    }
    assert_int_equal(next, offset[PAST + 1]);
    assert_true(n > 0 && n_negative > 0);
    pv_release(panel);
    pv_item_weights_free(weights);
}

static void the_table_does_not_depend_on_threads(void **state)
{
    (void)state;
    static const char *const names_of_tensors[] = {"bought_together.offset", "bought_together.product",
                                                   "bought_together.companies", "bought_together.weight"};
    buy_at_random();
    for (int form = 0; form < 2; form++) {
        form ? learn(5) : learn_lifts(5); /* by two threads */
        pv_tensors alone = {0};
        q.settings.threads = NULL;
        assert_int_equal(q.signal->fit(&alone, q.shop, &q.settings, NULL), PV_OK);
        for (size_t t = 0; t < 4; t++) {
            const pv_tensor *one = pv_tensors_find(&alone, names_of_tensors[t]);
            const pv_tensor *two = pv_tensors_find(&q.built.tensors, names_of_tensors[t]);
            assert_int_equal(one->shape[0], two->shape[0]);
            assert_memory_equal(one->data, two->data, (size_t)one->shape[0] * pv_dtype_size(one->dtype));
        }
        pv_tensors_deinit(&alone);
        if (!form) question_case_deinit(&q);
    }
}

/* --- smoothed lifts ---------------------------------------------------------------------------------------------- */

/* With the asking company: n_A = 11, n_B = n_AB = 10, N = 41: (10 + 20 x 10 / 41) / (11 + 20) - 10 / 41. */
static void above_the_largest_system_the_weight_is_the_smoothed_lift(void **state)
{
    (void)state;
    ten_of_forty();
    buy("me", "A");
    learn_lifts(NO_K);
    question_case_ask(&q, "me");
    assert_near(phi_of(&q, "B"), (10 + 20 * 10 / 41.0) / 31 - 10 / 41.0);
    assert_int_equal(together("A", "F"), -1);
    assert_consistent(&q, 1e-15);
}

/* N = 32, n_A = 17, n_B = 11, both 10: G2 = 10.80075. N = 32, n_A = 16, n_B = 15, both 12: G2 = 10.79913. */
static void a_pair_needs_a_likelihood_ratio_above_the_limit(void **state)
{
    (void)state;
    buy_all(0, 17, "A");
    buy_all(7, 18, "B");
    buy_all(0, 32, "F");
    learn_lifts(NO_K);
    assert_int_equal(together("A", "B"), 10);
    assert_int_equal(together("B", "A"), 10);
    question_case_deinit(&q);
    set_up(NULL);
    buy_all(0, 16, "A");
    buy_all(4, 19, "B");
    buy_all(0, 32, "F");
    learn_lifts(NO_K);
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
    learn_lifts(NO_K);
    assert_int_equal(together("A", "B"), -1);
}

/* J is bought with P000 .. P299 by 20 companies of 40; one more company buys each of P000 .. P049. These are the weaker
 * neighbours: of them only the first 6 by id find room beside the other 250. */
static void of_equal_weights_the_first_are_kept(void **state)
{
    (void)state;
    buy_all(0, 20, "J");
    for (int p = 0; p < 300; p++) buy_all(0, 20, name_of('P', p));
    for (int p = 0; p < 50; p++) buy("c030", name_of('P', p));
    buy_all(20, 40, "F");
    learn_lifts(NO_K);
    const pv_bought_together_pairs row = pv_bought_together_row(q.bound, product_of(q.shop, "J"));
    assert_int_equal(row.n, PV_NEIGHBOURS_MAX);
    for (int64_t k = 1; k < row.n; k++) assert_true(row.products[k - 1] < row.products[k]);
    assert_int_equal(together("J", "P005"), 20);
    assert_int_equal(together("J", "P006"), -1);
    assert_int_equal(together("J", "P049"), -1);
    assert_int_equal(together("J", "P050"), 20);
    assert_int_equal(together("J", "P299"), 20);
}

/* --- what cannot be ---------------------------------------------------------------------------------------------- */

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
    const pv_lines lines = {2, given, orders, NULL, counts, NULL, NULL};
    const pv_dislikes none = {0};
    assert_int_equal(pv_history_make(&q.history, &lines, &none, q.shop->as_of, q.arena, NULL), PV_OK);
    question_case_prepare(&q);
    assert_near(phi_of(&q, "B"), weight_of_ten(1));
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
    companies[3] = 10;
    float *weight = tensor_data(&q.built.tensors, "bought_together.weight");
    static const float impossible[] = {0, -1, NAN, INFINITY};
    for (size_t k = 0; k < sizeof impossible / sizeof *impossible; k++) {
        weight[2] = impossible[k];
        assert_bind_refused(&q, "bought_together");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_weight_of_the_past_product),
        TEST(its_sentence_and_facts_leave_the_asking_company_out),
        TEST(several_past_products_add_up),
        TEST(k_other_companies_are_enough_and_one_less_is_not),
        TEST(the_asking_company_does_not_help_to_reach_k),
        TEST(branches_of_the_asking_company_are_taken_out_with_it),
        TEST(without_a_user_nothing_is_taken_out),
        TEST(a_product_that_too_few_companies_bought_has_no_pairs),
        TEST(a_company_counts_once_however_often_it_bought),
        TEST(the_largest_positive_weights_are_kept),
        TEST(the_table_does_not_depend_on_threads),
        TEST(above_the_largest_system_the_weight_is_the_smoothed_lift),
        TEST(a_pair_needs_a_likelihood_ratio_above_the_limit),
        TEST(products_that_avoid_each_other_are_no_pair),
        TEST(of_equal_weights_the_first_are_kept),
        TEST(a_history_without_purchases_scores_nothing),
        TEST(a_past_product_that_only_the_catalog_knows_is_passed_over),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
