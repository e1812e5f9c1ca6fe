/* Filters and sentences at the edges: one of one, none of none, nearly nothing, nearly all. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "ranker/gates.h"
#include "signals/statement.h"
#include "support/model_case.h"

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

#define LEARN(signal, purchases, ...)                                                                                  \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, signal, 5);                                                                   \
        question_case_fit(&q);                                                                                         \
        question_case_ask(&q, "me");                                                                                   \
    } while (0)

static const product_case products[] = {PRODUCT("P", .category = "Bikes > Road", .discount = 0.2), PRODUCT("R")};

static void a_category_is_filtered_as_products_csv_may_write_it(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("me", "P", .count = 1)};
    const pv_filter filter = {pv_text_of("category"), pv_text_of("Bikes>Road")};
    const pv_request request = {.n = 5, .filters = &filter, .n_filters = 1};
    pv_gates gates;
    LEARN(PV_SIGNAL_HABIT, purchases, PRODUCTS(products));
    assert_int_equal(pv_gates_make(&gates, q.shop, &q.history, PV_NO_TIME, 0, PV_MODE_MIXED, &request, q.arena, NULL),
                     PV_OK);
    assert_int_equal(pv_gates_ask(&gates, product_of(q.shop, "P")), PV_GATE_OPEN);
}

static void a_simple_shop_counts_lines_and_calls_them_lines(void **state)
{
    (void)state;
    static const purchase_case twice[] = {LINE("a", "R", .count = 1), LINE("me", "P", .count = 1),
                                          LINE("me", "P", .count = 1), LINE("me", "R", .count = 1)};
    LEARN(PV_SIGNAL_DISCOUNT, twice, PRODUCTS(products));
    assert_says(&q, "P", true,
                "20 % off now; 2 of your 3 purchase lines are of products on discount now (67 %, against 0 % of the "
                "lines of others).");
}

static void where_there_are_no_other_orders_there_is_no_usual_share(void **state)
{
    (void)state;
    static const purchase_case alone[] = {LINE("me", "P", "2020-02-01"), LINE("me", "R", "2020-02-03")};
    LEARN(PV_SIGNAL_CATEGORY, alone, PRODUCTS(products));
    assert_int_equal(fact_of(&q, "P", "usual_share").kind, PV_FACT_NULL);
}

static void one_purchase_in_a_simple_shop_is_said_in_the_singular(void **state)
{
    (void)state;
    static const purchase_case once[] = {LINE("me", "P", .count = 1)};
    LEARN(PV_SIGNAL_HABIT, once, PRODUCTS(products));
    assert_says(&q, "P", true, "You bought this 1 time, out of 1 purchase in all.");
}

static void a_share_that_is_not_nothing_or_not_all_is_not_said_to_be(void **state)
{
    (void)state;
    char out[PV_SPOKEN_SIZE];
    assert_string_not_equal(pv_spoken_percent(out, 0.0001).data, "0.0 %");
    assert_string_not_equal(pv_spoken_percent(out, 0.9999).data, "100 %");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_category_is_filtered_as_products_csv_may_write_it, tear_down),
        cmocka_unit_test_teardown(a_simple_shop_counts_lines_and_calls_them_lines, tear_down),
        cmocka_unit_test_teardown(where_there_are_no_other_orders_there_is_no_usual_share, tear_down),
        cmocka_unit_test_teardown(one_purchase_in_a_simple_shop_is_said_in_the_singular, tear_down),
        cmocka_unit_test(a_share_that_is_not_nothing_or_not_all_is_not_said_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
