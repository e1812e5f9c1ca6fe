/* Orders that touch a category, of the customer against those of all others. */
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

static const product_case products[] = {PRODUCT("R1", .category = "Bikes > Road"),
                                        PRODUCT("R2", .category = "Bikes > Road"),
                                        PRODUCT("M", .category = "Bikes > Mountain"),
                                        PRODUCT("B", .category = "Bikes"),
                                        PRODUCT("S", .category = "Shoes"),
                                        PRODUCT("N", .category = "Bikes > Road"), /* never bought */
                                        PRODUCT("X")};

/* Ten orders of others: 2 with Bikes > Road, 1 with Bikes > Mountain, 7 with Shoes. */
#define TEN_ORDERS_OF_OTHERS                                                                                           \
    LINE("a", "R1", "2020-01-01"), LINE("a", "R2", "2020-01-01"), LINE("a", "S", "2020-01-02"),                        \
        LINE("a", "S", "2020-01-03"), LINE("b", "R2", "2020-01-01"), LINE("b", "M", "2020-01-02"),                     \
        LINE("b", "S", "2020-01-03"), LINE("b", "S", "2020-01-04"), LINE("c", "S", "2020-01-01"),                      \
        LINE("c", "S", "2020-01-02"), LINE("c", "S", "2020-01-03")

#define LEARN(purchases, ...)                                                                                          \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), PRODUCTS(products), __VA_ARGS__};                             \
        question_case_init(&q, &learned, PV_SIGNAL_CATEGORY, 5);                                                       \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* W = 4, W_c = 3 for Bikes > Road, p_c = 2 / 10: phi = (3 + 20 x 0.2) / 24 - 0.2 = (3 - 0.8) / 24. */
static const purchase_case four_orders[] = {TEN_ORDERS_OF_OTHERS,           LINE("me", "R1", "2020-02-01"),
                                            LINE("me", "R2", "2020-02-01"), LINE("me", "R1", "2020-02-02"),
                                            LINE("me", "R1", "2020-02-03"), LINE("me", "S", "2020-02-04")};

static void phi_is_the_smoothed_share_above_that_of_others(void **state)
{
    (void)state;
    LEARN(four_orders, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "R1"), 2.2 / 24);
    assert_close(phi_of(&q, "R2"), 2.2 / 24);
    assert_close(phi_of(&q, "N"), 2.2 / 24); /* needs no purchase of its own */
    assert_close(phi_of(&q, "S"), 0);        /* 1 of 4 against 7 of 10 */
    assert_close(phi_of(&q, "M"), 0);
    assert_close(phi_of(&q, "X"), 0);
    assert_consistent(&q, 1e-15);
}

static void a_category_counts_what_lies_below_it(void **state)
{
    (void)state;
    LEARN(four_orders, .as_of = NULL);
    question_case_ask(&q, "me"); /* B is of Bikes: 3 of 4 orders against 3 of 10 */
    assert_close(phi_of(&q, "B"), (3 - 4 * 0.3) / 24);
    assert_says(&q, "B", true,
                "3 of your 4 orders had something from Bikes (75 %, against 30 % of other customers' orders).");
}

/* Orders with Bikes > Road: one with R1 and R2 (a half each), two with R1. R1 has 2.5 of 3, R2 0.5 of 3. */
static void evidence_splits_each_order_over_its_products_of_the_category(void **state)
{
    (void)state;
    LEARN(four_orders, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_int_equal(pieces_of(&q, "N"), 2);
    assert_close(piece_of(&q, "N", "R1"), 2.2 / 24 * 2.5 / 3);
    assert_close(piece_of(&q, "N", "R2"), 2.2 / 24 * 0.5 / 3);
    assert_int_equal(pieces_of(&q, "S"), 0);
}

static void it_speaks_of_the_category_in_numbers_that_are_facts(void **state)
{
    (void)state;
    LEARN(four_orders, .as_of = NULL);
    question_case_ask(&q, "me");
    assert_says(&q, "N", true,
                "3 of your 4 orders had something from Bikes > Road (75 %, against 20 % of other customers' orders).");
    assert_text(fact_of(&q, "N", "value").text, "Bikes > Road");
    assert_int_equal(fact_of(&q, "N", "your_orders").integer, 4);
    assert_int_equal(fact_of(&q, "N", "with_it").integer, 3);
    assert_close(fact_of(&q, "N", "share").number, 0.75);
    assert_close(fact_of(&q, "N", "usual_share").number, 0.2);
    assert_says(&q, "M", false, "From Bikes > Mountain, where you have not ordered yet.");
    assert_says(&q, "X", false, NULL);
}

static void below_three_orders_the_category_above_speaks(void **state)
{
    (void)state;
    static const purchase_case two_orders[] = {TEN_ORDERS_OF_OTHERS, LINE("me", "R1", "2020-02-01"),
                                               LINE("me", "S", "2020-02-02")};
    LEARN(two_orders, .as_of = NULL);
    question_case_ask(&q, "me"); /* W = 2, Bikes in 1, p = 0.3 */
    assert_close(phi_of(&q, "R1"), (1 - 2 * 0.3) / 22);
    assert_close(phi_of(&q, "M"), (1 - 2 * 0.3) / 22);
    assert_close(phi_of(&q, "S"), 0); /* Shoes has nothing above it: 1 of 2 against 7 of 10 */
    assert_text(fact_of(&q, "R1", "value").text, "Bikes");
    assert_text(fact_of(&q, "S", "value").text, "Shoes");
    assert_consistent(&q, 1e-15);
}

static void from_three_orders_on_the_leaf_speaks(void **state)
{
    (void)state;
    static const purchase_case three_orders[] = {TEN_ORDERS_OF_OTHERS, LINE("me", "R1", "2020-02-01"),
                                                 LINE("me", "S", "2020-02-02"), LINE("me", "S", "2020-02-03")};
    LEARN(three_orders, .as_of = NULL);
    question_case_ask(&q, "me"); /* W = 3, Bikes > Road in 1, p = 0.2 */
    assert_close(phi_of(&q, "R1"), (1 - 3 * 0.2) / 23);
    assert_close(phi_of(&q, "M"), 0);
}

static void a_removal_may_move_the_question_to_the_category_above(void **state)
{
    (void)state;
    static const purchase_case three_orders[] = {TEN_ORDERS_OF_OTHERS, LINE("me", "R1", "2020-02-01"),
                                                 LINE("me", "R1", "2020-02-02"), LINE("me", "S", "2020-02-03")};
    LEARN(three_orders, .as_of = NULL);
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "S"); /* W = 2, all with Bikes */
    assert_close(phi_of(&q, "M"), (2 - 2 * 0.3) / 22);
    assert_consistent(&q, 1e-15);
}

static void orders_of_the_whole_asking_company_are_not_those_of_others(void **state)
{
    (void)state;
    static const user_case users[] = {USER("me", "H"), USER("sister", "H")};
    static const purchase_case with_sister[] = {
        TEN_ORDERS_OF_OTHERS,           LINE("sister", "R1", "2020-02-01"), LINE("sister", "R1", "2020-02-02"),
        LINE("me", "R1", "2020-02-01"), LINE("me", "R1", "2020-02-02"),     LINE("me", "R1", "2020-02-03")};
    LEARN(with_sister, USERS(users));
    question_case_ask(&q, "me"); /* p stays 2 of 10 */
    assert_close(phi_of(&q, "N"), (3 - 3 * 0.2) / 23);
    assert_close(fact_of(&q, "N", "usual_share").number, 0.2);
}

static void in_a_simple_shop_counts_stand_for_orders(void **state)
{
    (void)state;
    static const purchase_case counted[] = {LINE("a", "R1", .count = 2), LINE("a", "S", .count = 8),
                                            LINE("me", "R1", .count = 3), LINE("me", "R2", .count = 2.5),
                                            LINE("me", "S", .count = 1)};
    LEARN(counted, .as_of = NULL);
    question_case_ask(&q, "me"); /* W = 6.5, W_c = 5.5, p = 2 / 10 */
    assert_close(phi_of(&q, "N"), (5.5 - 6.5 * 0.2) / 26.5);
    assert_close(piece_of(&q, "N", "R1"), phi_of(&q, "N") * 3 / 5.5);
    assert_says(&q, "N", true,
                "5.50 of your 6.50 orders had something from Bikes > Road (85 %, against 20 % of other customers' "
                "orders).");
    assert_consistent(&q, 1e-15);
}

static void without_purchases_there_is_nothing_to_say(void **state)
{
    (void)state;
    LEARN(four_orders, .as_of = NULL);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "R1"), 0);
    assert_says(&q, "R1", false, NULL);
    assert_null(q.signal->silent(q.shop));
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(four_orders, .as_of = NULL);
    double *orders = tensor_data(&q.built.tensors, "category.orders");
    double *all = tensor_data(&q.built.tensors, "category.all_orders");
    const double bad[] = {all[0] + 1, -1, (double)NAN};
    for (size_t k = 0; k < 3; k++) {
        orders[1] = bad[k];
        assert_bind_refused(&q, "category.orders");
    }
    orders[1] = 0;
    all[0] = (double)NAN;
    assert_bind_refused(&q, "category.orders");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_smoothed_share_above_that_of_others),
        TEST(a_category_counts_what_lies_below_it),
        TEST(evidence_splits_each_order_over_its_products_of_the_category),
        TEST(it_speaks_of_the_category_in_numbers_that_are_facts),
        TEST(below_three_orders_the_category_above_speaks),
        TEST(from_three_orders_on_the_leaf_speaks),
        TEST(a_removal_may_move_the_question_to_the_category_above),
        TEST(orders_of_the_whole_asking_company_are_not_those_of_others),
        TEST(in_a_simple_shop_counts_stand_for_orders),
        TEST(without_purchases_there_is_nothing_to_say),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
