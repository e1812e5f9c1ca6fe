/* A product of which an equivalent was just bought. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/question_case.h"
#include <string.h>

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

/* Factors are written by hand: B is like A, C is not, D is like A but of another category, E is like A but nine
 * companies bought both and others neither. My orders are 20 days apart: half of that is 10 days. */
static const product_case products[] = {PRODUCT("A", .name = "Saw", .category = "Tools"),
                                        PRODUCT("B", .category = "Tools"), PRODUCT("C", .category = "Tools"),
                                        PRODUCT("D", .category = "Paint"), PRODUCT("E", .category = "Tools")};
#define BOTH(user) LINE(user, "A", "2020-01-01"), LINE(user, "E", "2020-01-01")
static const purchase_case purchases[] = {BOTH("u1"),
                                          BOTH("u2"),
                                          BOTH("u3"),
                                          BOTH("u4"),
                                          BOTH("u5"),
                                          BOTH("u6"),
                                          BOTH("u7"),
                                          BOTH("u8"),
                                          BOTH("u9"),
                                          LINE("v7", "B", "2020-01-01"),
                                          LINE("v8", "C", "2020-01-01"),
                                          LINE("v9", "D", "2020-01-01"),
                                          LINE("v1", "B", "2020-01-01"),
                                          LINE("v2", "B", "2020-01-01"),
                                          LINE("v3", "C", "2020-01-01"),
                                          LINE("v4", "C", "2020-01-01"),
                                          LINE("v5", "D", "2020-01-01"),
                                          LINE("v6", "D", "2020-01-01"),
                                          LINE("me", "C", "2020-03-01"),
                                          LINE("me", "A", "2020-03-21"),
                                          LINE("new", "A", "2020-03-15")};
static const float factors[5][4] = {{1, 0, 0, 0}, {0.9F, 0.1F, 0, 0}, {0.6F, 0.8F, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}};

static void learn(const char *as_of)
{
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products), .as_of = as_of};
    question_case_init(&q, &c, PV_SIGNAL_SUBSTITUTE, 1);
    assert_int_equal(pv_signals[PV_SIGNAL_ALS]->fit(&q.built.tensors, q.shop, &q.settings, NULL), PV_OK);
    memcpy(tensor_data(&q.built.tensors, "product_factors"), factors, sizeof factors);
    assert_int_equal(pv_signals[PV_SIGNAL_BOUGHT_TOGETHER]->fit(&q.built.tensors, q.shop, &q.settings, NULL), PV_OK);
    question_case_fit(&q);
}

static void an_equivalent_bought_within_half_a_gap_costs(void **state)
{
    (void)state;
    learn("2020-03-31");
    question_case_ask(&q, "me"); /* A ten days ago, C thirty */
    assert_close(phi_of(&q, "B"), -1);
    assert_close(phi_of(&q, "A"), 0); /* not the product itself */
    assert_close(phi_of(&q, "C"), 0); /* not like it */
    assert_close(phi_of(&q, "D"), 0); /* of another category */
    assert_close(phi_of(&q, "E"), 0); /* bought together with it */
    assert_close(piece_of(&q, "B", "A"), -1);
    assert_consistent(&q, 0);
}

static void it_names_the_purchase_and_its_date(void **state)
{
    (void)state;
    learn("2020-03-31");
    question_case_ask(&q, "me");
    assert_says(&q, "B", true, "You bought Saw, a similar product of the same category, on 2020-03-21.");
    assert_text(fact_of(&q, "B", "product").text, "A");
    assert_text(fact_of(&q, "B", "name").text, "Saw");
    assert_text(fact_of(&q, "B", "date").text, "2020-03-21");
    assert_says(&q, "C", true, NULL);
}

static void after_half_a_gap_it_costs_no_more(void **state)
{
    (void)state;
    learn("2020-04-02");
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0);
    assert_consistent(&q, 0);
}

static void who_ordered_once_has_fourteen_days(void **state)
{
    (void)state;
    learn("2020-04-02");
    question_case_ask_at(&q, "new", "2020-03-29");
    assert_close(phi_of(&q, "B"), -1);
    question_case_ask_at(&q, "new", "2020-03-30");
    assert_close(phi_of(&q, "B"), 0);
}

static void without_the_purchase_nothing_costs(void **state)
{
    (void)state;
    learn("2020-03-31");
    question_case_ask(&q, "me");
    question_case_ask_without(&q, "A");
    assert_close(phi_of(&q, "B"), 0);
    question_case_ask(&q, NULL);
    assert_consistent(&q, 0);
}

static void without_factors_there_are_no_equivalents(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products), .as_of = "2020-03-31"};
    question_case_init(&q, &c, PV_SIGNAL_SUBSTITUTE, 1);
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0);
}

static void it_is_silent_without_time_and_without_categories(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(purchases)};
    question_case_init(&q, &c, PV_SIGNAL_SUBSTITUTE, 1);
    assert_string_equal(q.signal->silent(q.shop), "no product has a category");
    question_case_deinit(&q);
    static const purchase_case ordered[] = {LINE("me", "A", .order = "1")};
    const shop_case timeless = {PURCHASES(ordered), PRODUCTS(products)};
    question_case_init(&q, &timeless, PV_SIGNAL_SUBSTITUTE, 1);
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_close(phi_of(&q, "B"), 0);
    assert_string_equal(q.signal->silent(q.shop), "the purchases have no time");
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    learn("2020-03-31");
    int32_t *table = tensor_data(&q.built.tensors, "substitute.product");
    table[0] = 5;
    assert_bind_refused(&q, "substitute");
    table[0] = 0; /* A for itself */
    assert_bind_refused(&q, "substitute");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_equivalent_bought_within_half_a_gap_costs),
        TEST(it_names_the_purchase_and_its_date),
        TEST(after_half_a_gap_it_costs_no_more),
        TEST(who_ordered_once_has_fourteen_days),
        TEST(without_the_purchase_nothing_costs),
        TEST(without_factors_there_are_no_equivalents),
        TEST(it_is_silent_without_time_and_without_categories),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
