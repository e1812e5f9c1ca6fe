/* Every metric of one list, from lists and purchases small enough to count by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/list_metrics.h"
#include "support/shop_case.h"
#include <math.h>

enum { A, B, C, D, E, F };

/* u1 bought A, B and C; A has two buyers of three, F one. */
static const purchase_case purchases[] = {LINE("u1", "A", "2020-01-01", "1"), LINE("u1", "B", "2020-01-01", "1"),
                                          LINE("u1", "C", "2020-01-02", "2"), LINE("u2", "A", "2020-01-01", "3"),
                                          LINE("u2", "D", "2020-01-01", "3"), LINE("u3", "E", "2020-01-01", "4"),
                                          LINE("u3", "F", "2020-01-01", "4")};
static const product_case products[] = {PRODUCT("A", .category = "X"), PRODUCT("B", .category = "X"),
                                        PRODUCT("C", .category = "Y"), PRODUCT("D", .category = "Y"),
                                        PRODUCT("E", .category = "Z"), PRODUCT("F")};
static const shop_case tools = {PURCHASES(purchases), PRODUCTS(products)};

static built_shop built;
static pv_arena *arena;
static pv_history history;
static pv_category_mix mix;
static double novelty[6];
static double metrics[PV_LENGTH_COUNT][PV_USER_METRIC_COUNT];

static int set_up(void **state)
{
    (void)state;
    built_shop_init(&built, &tools);
    arena = pv_arena_create();
    pv_novelty_fill(novelty, &built.shop);
    const int32_t user = user_of(&built.shop, "u1");
    return pv_history_of_user(&history, &built.shop, user, built.shop.as_of, arena, NULL) == PV_OK &&
                   pv_category_mix_make(&mix, &built.shop, &history, arena, NULL) == PV_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_arena_free(arena);
    built_shop_deinit(&built);
    return 0;
}

static const int32_t bought[] = {A, B, C};
static const double spend[] = {2, 3, 5};
static const pv_truth_set truth = {3, bought, spend};

/* Hits at ranks 2, 4 and 6. */
static const pv_ranked_list list = {
    .n = 6, .products = {D, A, E, B, F, C}, .is_tied = {false, true, false, false, true}};

static void measure(const pv_ranked_list *measured, const pv_truth_set *against)
{
    pv_list_measure(metrics, measured, against, &(pv_list_judge){&built.shop, &history, &mix, novelty});
}

static void hits_count_up_to_the_length_of_the_list(void **state)
{
    (void)state;
    measure(&list, &truth);
    assert_close(metrics[0][PV_METRIC_RECALL], 2.0 / 3);
    assert_close(metrics[1][PV_METRIC_RECALL], 1);
    assert_close(metrics[2][PV_METRIC_RECALL], 1);
    assert_close(metrics[0][PV_METRIC_HIT_RATE], 1);
    assert_close(metrics[0][PV_METRIC_MRR], 0.5);
}

static void ndcg_is_the_discounted_gain_over_that_of_the_best_list(void **state)
{
    (void)state;
    measure(&list, &truth);
    const double best = 1 + 1 / log2(3) + 0.5;
    assert_close(metrics[0][PV_METRIC_NDCG], (1 / log2(3) + 1 / log2(5)) / best);
    assert_close(metrics[2][PV_METRIC_NDCG], (1 / log2(3) + 1 / log2(5) + 1 / log2(7)) / best);
}

static void the_best_list_is_no_longer_than_the_list(void **state)
{
    (void)state;
    static const int32_t many[] = {0, 1, 2, 3, 4, 5};
    static const double ones[] = {1, 1, 1, 1, 1, 1};
    const pv_truth_set six = {6, many, ones};
    measure(&list, &six);
    assert_close(metrics[0][PV_METRIC_NDCG], 1);
    assert_close(metrics[0][PV_METRIC_MAP], 1);
    assert_close(metrics[0][PV_METRIC_RECALL], 5.0 / 6);
}

static void precision_is_averaged_over_the_hits_that_are_possible(void **state)
{
    (void)state;
    measure(&list, &truth);
    assert_close(metrics[0][PV_METRIC_MAP], (1.0 / 2 + 2.0 / 4) / 3);
    assert_close(metrics[1][PV_METRIC_MAP], (1.0 / 2 + 2.0 / 4 + 3.0 / 6) / 3);
}

static void spend_recall_weighs_hits_by_money(void **state)
{
    (void)state;
    static const double nothing[] = {0, 0, 0};
    const pv_truth_set free_of_charge = {3, bought, nothing};
    measure(&list, &truth);
    assert_close(metrics[0][PV_METRIC_SPEND_RECALL], 0.5);
    assert_close(metrics[1][PV_METRIC_SPEND_RECALL], 1);
    measure(&list, &free_of_charge);
    assert_true(isnan(metrics[0][PV_METRIC_SPEND_RECALL]));
}

static void a_list_without_hits_scores_nothing(void **state)
{
    (void)state;
    const pv_ranked_list wrong = {.n = 3, .products = {D, E, F}};
    measure(&wrong, &truth);
    for (int m = PV_METRIC_RECALL; m <= PV_METRIC_SPEND_RECALL; m++) assert_close(metrics[2][m], 0);
}

static void shares_are_those_of_the_places_that_there_are(void **state)
{
    (void)state;
    measure(&list, &truth);
    assert_close(metrics[0][PV_METRIC_REPEAT_SHARE], 2.0 / 5);
    assert_close(metrics[2][PV_METRIC_REPEAT_SHARE], 3.0 / 6);
    assert_close(metrics[0][PV_METRIC_TIE_SHARE], 2.0 / 5);
    assert_close(metrics[2][PV_METRIC_TIE_SHARE], 2.0 / 6);
}

static void novelty_is_what_few_companies_bought(void **state)
{
    (void)state;
    const pv_ranked_list two = {.n = 2, .products = {A, F}};
    measure(&two, &truth);
    assert_close(metrics[0][PV_METRIC_NOVELTY], (log2(4.0 / 3) + log2(4.0 / 2)) / 2);
}

static void diversity_compares_pairs_that_have_categories(void **state)
{
    (void)state;
    measure(&list, &truth);
    assert_close(metrics[0][PV_METRIC_CATEGORY_DIVERSITY], 5.0 / 6);
    assert_close(metrics[1][PV_METRIC_CATEGORY_DIVERSITY], 8.0 / 10);
    const pv_ranked_list one = {.n = 2, .products = {A, F}};
    measure(&one, &truth);
    assert_true(isnan(metrics[0][PV_METRIC_CATEGORY_DIVERSITY]));
}

static void divergence_compares_categories_with_the_history(void **state)
{
    (void)state;
    measure(&list, &truth);
    const double x = 2.0 / 3, y = 1.0 / 3;
    assert_close(metrics[0][PV_METRIC_CATEGORY_DIVERGENCE],
                 x * log(x / (0.99 * 0.5 + 0.01 * x)) + y * log(y / (0.99 * 0.25 + 0.01 * y)));
    const pv_ranked_list same = {.n = 3, .products = {A, B, C}}, none = {.n = 1, .products = {F}};
    measure(&same, &truth);
    assert_close(metrics[0][PV_METRIC_CATEGORY_DIVERGENCE], 0);
    measure(&none, &truth);
    assert_true(isnan(metrics[0][PV_METRIC_CATEGORY_DIVERGENCE]));
}

static void an_empty_list_has_no_character(void **state)
{
    (void)state;
    const pv_ranked_list empty = {0};
    measure(&empty, &truth);
    assert_close(metrics[2][PV_METRIC_RECALL], 0);
    assert_true(isnan(metrics[2][PV_METRIC_REPEAT_SHARE]));
    assert_true(isnan(metrics[2][PV_METRIC_NOVELTY]));
}

static void headlines_are_the_numbers_of_the_longest_list(void **state)
{
    (void)state;
    double headlines[PV_HEADLINE_COUNT];
    measure(&list, &truth);
    pv_list_headlines(headlines, &list, &truth);
    assert_true(headlines[PV_HEADLINE_RECALL] == metrics[PV_LENGTH_COUNT - 1][PV_METRIC_RECALL]);
    assert_true(headlines[PV_HEADLINE_NDCG] == metrics[PV_LENGTH_COUNT - 1][PV_METRIC_NDCG]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_count_up_to_the_length_of_the_list),
        cmocka_unit_test(ndcg_is_the_discounted_gain_over_that_of_the_best_list),
        cmocka_unit_test(the_best_list_is_no_longer_than_the_list),
        cmocka_unit_test(precision_is_averaged_over_the_hits_that_are_possible),
        cmocka_unit_test(spend_recall_weighs_hits_by_money),
        cmocka_unit_test(a_list_without_hits_scores_nothing),
        cmocka_unit_test(shares_are_those_of_the_places_that_there_are),
        cmocka_unit_test(novelty_is_what_few_companies_bought),
        cmocka_unit_test(diversity_compares_pairs_that_have_categories),
        cmocka_unit_test(divergence_compares_categories_with_the_history),
        cmocka_unit_test(an_empty_list_has_no_character),
        cmocka_unit_test(headlines_are_the_numbers_of_the_longest_list),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
