/* Orders with a brand, of the customer against those of all others. The logic is tested in test_category.c. */
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

static const product_case products[] = {PRODUCT("A1", .brand = "Acme"), PRODUCT("A2", .brand = "Acme"),
                                        PRODUCT("A3", .brand = "Acme"), /* never bought */
                                        PRODUCT("Z1", .brand = "Zeta", .category = "A first text"), PRODUCT("X")};
/* Four orders of others: 1 with Acme, 3 with Zeta. Mine: 3, all with Acme. */
static const purchase_case purchases[] = {
    LINE("a", "A1", "2020-01-01"),  LINE("a", "Z1", "2020-01-02"),  LINE("b", "Z1", "2020-01-01"),
    LINE("b", "Z1", "2020-01-02"),  LINE("me", "A1", "2020-02-01"), LINE("me", "A2", "2020-02-01"),
    LINE("me", "A1", "2020-02-02"), LINE("me", "A2", "2020-02-03"), LINE("me", "X", "2020-02-03")};

#define LEARN(products)                                                                                                \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), PRODUCTS(products)};                                          \
        question_case_init(&q, &learned, PV_SIGNAL_BRAND, 5);                                                          \
        question_case_fit(&q);                                                                                         \
    } while (0)

static void phi_is_the_smoothed_share_above_that_of_others(void **state)
{
    (void)state;
    LEARN(products);
    question_case_ask(&q, "me"); /* W = W_c = 3, p_c = 1 / 4 */
    assert_close(phi_of(&q, "A1"), (3 - 3 * 0.25) / 23);
    assert_close(phi_of(&q, "A3"), (3 - 3 * 0.25) / 23);
    assert_close(phi_of(&q, "Z1"), 0);
    assert_close(phi_of(&q, "X"), 0);
    assert_consistent(&q, 1e-15);
}

static void with_few_orders_the_brand_itself_still_speaks(void **state)
{
    (void)state;
    LEARN(products);
    question_case_ask(&q, "a"); /* W = 2, Zeta in 1 of them, in 2 of the 5 orders of others */
    assert_close(phi_of(&q, "Z1"), (1 - 2 * 0.4) / 22);
    assert_text(fact_of(&q, "Z1", "value").text, "Zeta");
}

/* One order has both products of Acme (a half each), one A1, one A2. */
static void evidence_splits_each_order_over_its_products_of_the_brand(void **state)
{
    (void)state;
    LEARN(products);
    question_case_ask(&q, "me");
    assert_int_equal(pieces_of(&q, "A3"), 2);
    assert_close(piece_of(&q, "A3", "A1"), phi_of(&q, "A3") * 1.5 / 3);
}

static void it_speaks_of_the_brand_in_numbers_that_are_facts(void **state)
{
    (void)state;
    LEARN(products);
    question_case_ask(&q, "me");
    assert_says(&q, "A3", true,
                "3 of your 3 orders had something from Acme (100 %, against 25 % of other customers' orders).");
    assert_text(fact_of(&q, "A3", "value").text, "Acme");
    assert_int_equal(fact_of(&q, "A3", "with_it").integer, 3);
    assert_int_equal(fact_of(&q, "A3", "your_orders").integer, 3);
    assert_close(fact_of(&q, "A3", "share").number, 1);
    assert_close(fact_of(&q, "A3", "usual_share").number, 0.25);
    assert_says(&q, "X", false, NULL);
    assert_null(q.signal->silent(q.shop));
}

static void a_shop_without_brands_is_silent(void **state)
{
    (void)state;
    static const product_case plain[] = {PRODUCT("A1"), PRODUCT("A2")};
    LEARN(plain);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "A1"), 0);
    assert_consistent(&q, 1e-15);
    assert_says(&q, "A1", false, NULL);
    assert_string_equal(q.signal->silent(q.shop), "no product has a brand or supplier");
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(products);
    int32_t *product = tensor_data(&q.built.tensors, "brand.product");
    int32_t *value = tensor_data(&q.built.tensors, "brand.value");
    double *orders = tensor_data(&q.built.tensors, "brand.orders");
    product[0] = 2;
    assert_bind_refused(&q, "brand.product");
    product[0] = -2;
    assert_bind_refused(&q, "brand.product");
    product[0] = 0;
    value[1] = 1000;
    assert_bind_refused(&q, "brand.value");
    value[1] = 0;
    orders[0] = 1e6;
    assert_bind_refused(&q, "brand.orders");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_is_the_smoothed_share_above_that_of_others),
        TEST(with_few_orders_the_brand_itself_still_speaks),
        TEST(evidence_splits_each_order_over_its_products_of_the_brand),
        TEST(it_speaks_of_the_brand_in_numbers_that_are_facts),
        TEST(a_shop_without_brands_is_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
