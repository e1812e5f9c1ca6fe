/* What the customer usually pays against the price of a product, both relative to categories. */
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

#define LEARN(purchases, products)                                                                                     \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), PRODUCTS(products)};                                          \
        question_case_init(&q, &learned, PV_SIGNAL_PRICE_FIT, 5);                                                      \
        question_case_fit(&q);                                                                                         \
    } while (0)

/* Six prices, the median is (8 + 16) / 2 = 12. */
static const product_case flat[] = {PRODUCT("P1", .price = 1),
                                    PRODUCT("P4", .price = 4),
                                    PRODUCT("P8", .price = 8),
                                    PRODUCT("P16", .price = 16),
                                    PRODUCT("P32", .price = 32),
                                    PRODUCT("P128", .price = 128),
                                    PRODUCT("free")};
/* Five lines, three products with a price: z_u is the mean of log 4, log 8, log 16, less the median's: log 8. */
static const purchase_case five_lines[] = {LINE("me", "P4", "2020-01-01"), LINE("me", "P4", "2020-01-02"),
                                           LINE("me", "P8", "2020-01-03"), LINE("me", "P16", "2020-01-04"),
                                           LINE("me", "free", "2020-01-05")};

static void phi_falls_with_the_distance_of_logarithms(void **state)
{
    (void)state;
    LEARN(five_lines, flat);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P8"), 1);
    assert_close(phi_of(&q, "P16"), 1 - log(2) / 2);
    assert_close(phi_of(&q, "P4"), 1 - log(2) / 2);
    assert_close(phi_of(&q, "P32"), 1 - log(4) / 2);
    assert_close(phi_of(&q, "P1"), 0); /* log 8 = 2.08 is too far */
    assert_close(phi_of(&q, "P128"), 0);
    assert_close(phi_of(&q, "free"), 0);
    assert_int_equal(pieces_of(&q, "P8"), 1);
    assert_consistent(&q, 1e-15);
}

static void it_states_the_price_and_the_usual_range(void **state)
{
    (void)state;
    LEARN(five_lines, flat);
    question_case_ask(&q, "me");
    assert_says(&q, "P32", true, "Costs 32; most of what you buy costs 4 to 16.");
    assert_close(fact_of(&q, "P32", "price").number, 32);
    assert_close(fact_of(&q, "P32", "usual_low").number, 4);
    assert_close(fact_of(&q, "P32", "usual_high").number, 16);
    assert_says(&q, "P128", false, NULL);
    assert_says(&q, "free", false, NULL);
}

static void below_five_lines_nothing_is_usual(void **state)
{
    (void)state;
    LEARN(five_lines, flat);
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "free");
    assert_close(phi_of(&q, "P8"), 0);
    assert_consistent(&q, 1e-15);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P8"), 0);
}

/* Bikes: 100 200 300 400 500, median 300. Pumps lie below Tools and are too few: Tools 1 2 3 4 50, median 3. */
static const product_case tree[] = {
    PRODUCT("b1", .category = "Bikes", .price = 100),       PRODUCT("b2", .category = "Bikes", .price = 200),
    PRODUCT("b3", .category = "Bikes", .price = 300),       PRODUCT("b4", .category = "Bikes", .price = 400),
    PRODUCT("b5", .category = "Bikes", .price = 500),       PRODUCT("t1", .category = "Tools", .price = 1),
    PRODUCT("t2", .category = "Tools", .price = 2),         PRODUCT("t3", .category = "Tools", .price = 3),
    PRODUCT("t4", .category = "Tools > Pumps", .price = 4), PRODUCT("t5", .category = "Tools > Pumps", .price = 50),
    PRODUCT("x", .category = "Rare", .price = 75)};
static const purchase_case bikes[] = {LINE("me", "b1", "2020-01-01"), LINE("me", "b2", "2020-01-01"),
                                      LINE("me", "b2", "2020-01-02"), LINE("me", "b2", "2020-01-03"),
                                      LINE("me", "b3", "2020-01-04")};

static void prices_are_relative_to_those_of_the_category(void **state)
{
    (void)state;
    LEARN(bikes, tree);
    question_case_ask(&q, "me");
    const double usual = (log(1.0 / 3) + log(2.0 / 3) + 0) / 3;
    assert_close(phi_of(&q, "b3"), 1 - (0 - usual) / 2);
    assert_close(phi_of(&q, "t1"), 1 - (usual - log(1.0 / 3)) / 2);
    assert_close(phi_of(&q, "t4"), 1 - (log(4.0 / 3) - usual) / 2); /* by the median of Tools */
    assert_close(phi_of(&q, "t5"), 0);
    /* Rare is too small, all prices have the median 75: (1 2 3 4 50 75 100 ...) */
    assert_close(phi_of(&q, "x"), 1 - (0 - usual) / 2);
    assert_consistent(&q, 1e-15);
}

static void the_range_is_that_of_the_products_category(void **state)
{
    (void)state;
    LEARN(bikes, tree);
    question_case_ask(&q, "me"); /* a third of the median to the median */
    assert_says(&q, "t4", true, "Costs 4; going by what else you buy, 1 to 3 is usual for you in Tools.");
    assert_text(fact_of(&q, "t4", "value").text, "Tools");
    assert_close(fact_of(&q, "t4", "usual_low").number, 1);
    assert_says(&q, "x", true, "Costs 75; most of what you buy costs 25 to 75.");
}

static void a_shop_without_prices_is_silent(void **state)
{
    (void)state;
    static const product_case unpriced[] = {PRODUCT("P4"), PRODUCT("P8")};
    LEARN(five_lines, unpriced);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "P4"), 0);
    assert_string_equal(q.signal->silent(q.shop), "no product has a price");
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    LEARN(five_lines, flat);
    assert_null(q.signal->silent(q.shop));
    int32_t *category = tensor_data(&q.built.tensors, "price_fit.category");
    double *median = tensor_data(&q.built.tensors, "price_fit.median");
    double *z = tensor_data(&q.built.tensors, "price_fit.z");
    category[0] = 0; /* there is none */
    assert_bind_refused(&q, "price_fit");
    category[0] = -1;
    const double kept = median[0];
    median[0] = 0;
    assert_bind_refused(&q, "price_fit");
    median[0] = kept;
    z[0] = (double)NAN;
    assert_bind_refused(&q, "price_fit");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(phi_falls_with_the_distance_of_logarithms),  TEST(it_states_the_price_and_the_usual_range),
        TEST(below_five_lines_nothing_is_usual),          TEST(prices_are_relative_to_those_of_the_category),
        TEST(the_range_is_that_of_the_products_category), TEST(a_shop_without_prices_is_silent),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
