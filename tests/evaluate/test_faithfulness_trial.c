/* Questions with shorter histories, and the purchases and orders that an item does and does not hang on. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/faithfulness_customer.h"
#include "support/model_case.h"

/* Three orders: bolts, nuts, bolts with pins; one of another company. Without time a habit is the share of the orders.
 */
static const purchase_case lines[] = {LINE("firm", "bolt", .order = "1"), LINE("firm", "nut", .order = "2"),
                                      LINE("firm", "bolt", .order = "3"), LINE("firm", "pin", .order = "3"),
                                      LINE("other", "pin", .order = "1")};
static const shop_case c = {PURCHASES(lines)};
static model_case m;
static pv_faithfulness_study study;
static pv_sampled_customer *customer;
static int32_t bolt, nut, pin;

static int set_up(void **state)
{
    (void)state;
    model_case_init(&m, &c, "habit", 2);
    pv_faithfulness_settings_init(&study.settings);
    study.served = study.recomputed = m.ranker;
    bolt = product_of(m.shop, "bolt"), nut = product_of(m.shop, "nut"), pin = product_of(m.shop, "pin");
    if (pv_sampled_customer_create(&customer, &study, NULL) != PV_OK) return -1;
    return pv_sampled_customer_ask(customer, user_of(m.shop, "firm"), NULL) == PV_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_sampled_customer_free(customer);
    model_case_deinit(&m);
    return 0;
}

/* Number of the order that the product's first line belongs to. */
static int32_t order_of(int32_t product)
{
    const pv_history *history = &customer->served.asked.history;
    return history->lines.order[history->first_line[pv_history_find(history, product)]];
}

static int32_t unrelated_order(int32_t item, int32_t strongest)
{
    int32_t order = -2;
    customer->list[0] = item;
    customer->strongest[0][0] = strongest;
    for (int k = 1; k < PV_STRONGEST; k++) customer->strongest[0][k] = -1;
    assert_int_equal(pv_unrelated_order(&order, customer, 0, NULL), PV_OK);
    return order;
}

static void an_unrelated_order_holds_neither_the_item_nor_its_evidence(void **state)
{
    (void)state;
    assert_int_equal(unrelated_order(bolt, -1), order_of(nut));
    assert_int_equal(unrelated_order(bolt, nut), -1);
    assert_int_equal(unrelated_order(nut, pin), order_of(bolt)); /* the first of the two with bolts */
    assert_int_equal(unrelated_order(pin, nut), order_of(bolt));
}

static void the_only_order_is_not_dropped(void **state)
{
    (void)state;
    assert_int_equal(pv_sampled_customer_ask(customer, user_of(m.shop, "other"), NULL), PV_OK);
    assert_int_equal(unrelated_order(bolt, -1), -1);
}

static void the_strongest_purchases_are_those_of_the_evidence(void **state)
{
    (void)state;
    assert_int_equal(customer->n, 3);
    assert_int_equal(customer->list[0], bolt);
    assert_int_equal(pv_measure_removals(customer, NULL), PV_OK);
    for (int64_t k = 0; k < customer->n; k++) { /* a habit is the item's own orders */
        assert_int_equal(customer->strongest[k][0], customer->list[k]);
        assert_int_equal(customer->strongest[k][1], -1);
    }
}

static void an_order_is_left_out_with_all_its_lines(void **state)
{
    (void)state;
    const pv_left_out left_out = {.order = order_of(pin)};
    pv_trial *changed = &customer->changed;
    assert_int_equal(pv_trial_ask_without(changed, m.ranker, &customer->served, &left_out, NULL), PV_OK);
    const pv_history *history = &changed->asked.history;
    assert_close(history->n_orders, 2);
    assert_int_equal(history->n_products, 2);
    assert_int_equal(pv_history_find(history, pin), -1);
    assert_int_equal(history->lines.n, 2);
    assert_false(changed->asked.question.is_stored_history);
}

static void both_ways_to_leave_products_out_give_one_history(void **state)
{
    (void)state;
    const int32_t products[] = {bolt, pin};
    const pv_left_out left_out = {products, 2, -1};
    pv_trial *changed = &customer->changed, *fresh = &customer->fresh;
    assert_int_equal(pv_trial_ask_shortened(changed, m.ranker, &customer->served, products, 2, NULL), PV_OK);
    assert_int_equal(pv_trial_ask_without(fresh, m.ranker, &customer->served, &left_out, NULL), PV_OK);
    assert_int_equal(changed->asked.history.n_products, 1);
    assert_int_equal(fresh->asked.history.n_products, 1);
    assert_int_equal(changed->asked.history.products[0], nut);
    assert_int_equal(fresh->asked.history.products[0], nut);
    assert_int_equal(pv_trial_rank(changed, NULL), PV_OK);
    assert_int_equal(pv_trial_rank(fresh, NULL), PV_OK);
    for (int32_t p = 0; p < 3; p++) assert_close(changed->asked.ranking.scores[p], fresh->asked.ranking.scores[p]);
    assert_true(pv_trial_lists(changed, nut, 1));
    assert_false(pv_trial_lists(changed, bolt, 1));
}

static void a_rank_too_far_to_count_is_the_next(void **state)
{
    (void)state;
    enum { MANY = PV_RANK_MAX + 100 };
    static int32_t candidates[MANY];
    static double scores[MANY];
    pv_trial *served = &customer->served;
    for (int32_t k = 0; k < MANY; k++) candidates[k] = k, scores[k] = 5;
    served->asked.ranking.scores = scores;
    assert_int_equal(pv_reasons_rank_among(&served->rules, &served->asked.ranking, candidates, MANY, NULL), PV_OK);
    assert_int_equal(pv_trial_rank_at(served, bolt, 1), PV_RANK_MAX + 1);
    assert_int_equal(pv_reasons_rank_among(&served->rules, &served->asked.ranking, candidates, 500, NULL), PV_OK);
    assert_int_equal(pv_trial_rank_at(served, bolt, 9), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_unrelated_order_holds_neither_the_item_nor_its_evidence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_only_order_is_not_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_strongest_purchases_are_those_of_the_evidence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_order_is_left_out_with_all_its_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_ways_to_leave_products_out_give_one_history, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rank_too_far_to_count_is_the_next, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
