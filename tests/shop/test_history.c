/* A customer's history as of a date: what belongs to it, how it is grouped, how old purchases fade. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "shop/history.h"
#include "support/shop_case.h"
#include <math.h>

#define DAY ((int64_t)PV_SECONDS_PER_DAY)
#define NOW (1000 * DAY)
#define NOT_HALVED ((double)NAN)

static pv_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = pv_arena_create();
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_arena_free(arena);
    return 0;
}

/* Product 2 in orders 0 (on two lines) and 2, product 5 in orders 1 and 2, product 9 in order 2 a day later. */
static const int32_t products[] = {2, 2, 2, 5, 5, 9};
static const int32_t orders[] = {0, 0, 2, 1, 2, 2};
static const int64_t times[] = {NOW - 360 * DAY, NOW - 360 * DAY, NOW - 180 * DAY,
                                NOW - 270 * DAY, NOW - 180 * DAY, NOW - 179 * DAY};
static const uint8_t discounted[] = {0, 1, 0, 1, 0, 1};
static const pv_lines lines = {6, products, orders, times, NULL, discounted, NULL};
static const pv_dislikes no_dislikes = {0};

static pv_history history_at(int64_t as_of)
{
    pv_history history;
    assert_int_equal(pv_history_make(&history, &lines, &no_dislikes, as_of, arena, NULL), PV_OK);
    return history;
}

static void lines_are_grouped_by_product(void **state)
{
    (void)state;
    const pv_history history = history_at(NOW);
    assert_int_equal(history.n_products, 3);
    const int32_t distinct[] = {2, 5, 9};
    const int64_t first[] = {0, 3, 5, 6};
    assert_memory_equal(history.products, distinct, sizeof distinct);
    assert_memory_equal(history.first_line, first, sizeof first);
    assert_int_equal(pv_history_find(&history, 2), 0);
    assert_int_equal(pv_history_find(&history, 9), 2);
    assert_int_equal(pv_history_find(&history, 3), -1);
    assert_int_equal(pv_history_find(&history, 10), -1);
}

static void an_order_weighs_half_after_180_days_and_is_as_recent_as_its_latest_line(void **state)
{
    (void)state;
    const pv_history history = history_at(NOW);
    assert_int_equal(history.n_order_slots, 3);
    assert_close(history.n_orders, 3);
    assert_close(history.order_decayed[0], 0.25);                /* 360 days */
    assert_close(history.order_decayed[1], 0.35355339059327373); /* 270 days: 2^-1.5 */
    assert_close(history.order_decayed[2], exp2(-179.0 / 180));  /* product 9 came a day later */
    assert_close(history.orders_decayed, 0.25 + 0.35355339059327373 + exp2(-179.0 / 180));
}

static void a_purchase_at_the_date_itself_is_not_known_yet(void **state)
{
    (void)state;
    const pv_history at = history_at(NOW - 180 * DAY); /* the lines of that very second are left out */
    assert_int_equal(at.lines.n, 3);
    assert_int_equal(at.n_products, 2);
    assert_close(at.n_orders, 2);
    const pv_history after = history_at(NOW - 180 * DAY + 1);
    assert_int_equal(after.lines.n, 5);
    assert_int_equal(pv_history_find(&after, 9), -1);
    assert_int_equal(at.lines.discounted[1], 1); /* flags move with their lines */
    assert_int_equal(at.lines.discounted[2], 1);
}

static void orders_with_a_product_count_once_each(void **state)
{
    (void)state;
    const pv_history history = history_at(NOW);
    assert_close(pv_history_orders_with(&history, 0, NOT_HALVED), 2); /* three lines, two orders */
    assert_close(pv_history_orders_with(&history, 1, NOT_HALVED), 2);
    assert_close(pv_history_orders_with(&history, 2, NOT_HALVED), 1);
}

static void orders_with_a_product_halve_with_the_half_life_asked_for(void **state)
{
    (void)state;
    const pv_history history = history_at(NOW);
    assert_close(pv_history_orders_with(&history, 0, 90), 0.0625 + 0.25); /* 360 and 180 days */
    assert_close(pv_history_orders_with(&history, 1, 90), 0.125 + 0.25);  /* 270 and 180 days */
}

static void the_last_time_of_a_product_is_that_of_its_latest_line(void **state)
{
    (void)state;
    const pv_history history = history_at(NOW);
    assert_int_equal(pv_history_last_time(&history, 0), NOW - 180 * DAY);
    assert_int_equal(pv_history_last_time(&history, 2), NOW - 179 * DAY);
}

static void without_a_product_all_its_lines_are_gone(void **state)
{
    (void)state;
    const pv_history history = history_at(NOW);
    pv_history reduced;
    assert_int_equal(pv_history_without(&reduced, &history, 9, arena, NULL), PV_OK);
    assert_int_equal(reduced.lines.n, 5);
    assert_int_equal(reduced.n_products, 2);
    assert_close(reduced.n_orders, 3);
    assert_close(reduced.order_decayed[2], 0.5); /* the order's latest line is 180 days old now */
    assert_int_equal(pv_history_without(&reduced, &history, 2, arena, NULL), PV_OK);
    assert_int_equal(reduced.lines.n, 3);
    assert_close(reduced.n_orders, 2); /* order 0 had nothing else */
    assert_close(reduced.order_count[0], 0);
    assert_int_equal(reduced.as_of, NOW);
}

static void without_a_product_that_was_never_bought_nothing_changes(void **state)
{
    (void)state;
    const pv_history history = history_at(NOW);
    pv_history reduced;
    assert_int_equal(pv_history_without(&reduced, &history, 3, arena, NULL), PV_OK);
    assert_int_equal(reduced.lines.n, 6);
    assert_true(reduced.orders_decayed == history.orders_decayed);
}

static void without_time_counts_stand_for_orders_and_nothing_fades(void **state)
{
    (void)state;
    const int32_t own_orders[] = {0, 1, 2, 3, 4, 5};
    const double counts[] = {2, 1, 0.5, 4, 1, 1};
    const pv_lines simple = {6, products, own_orders, NULL, counts, NULL, NULL};
    pv_history history;
    assert_int_equal(pv_history_make(&history, &simple, &no_dislikes, PV_NO_TIME, arena, NULL), PV_OK);
    assert_close(history.n_orders, 9.5);
    assert_close(history.orders_decayed, 9.5);
    assert_close(pv_history_orders_with(&history, 0, 90), 3.5);
    assert_true(pv_history_last_time(&history, 0) == PV_NO_TIME);
    pv_history reduced;
    assert_int_equal(pv_history_without(&reduced, &history, 5, arena, NULL), PV_OK);
    assert_close(reduced.n_orders, 4.5);
}

static void an_empty_history_is_no_error(void **state)
{
    (void)state;
    const pv_lines nothing = {0};
    pv_history history;
    assert_int_equal(pv_history_make(&history, &nothing, &no_dislikes, NOW, arena, NULL), PV_OK);
    assert_int_equal(history.n_products, 0);
    assert_close(history.n_orders, 0);
    assert_int_equal(pv_history_find(&history, 0), -1);
}

static void a_users_history_holds_its_own_lines(void **state)
{
    (void)state;
    const purchase_case purchases[] = {LINE("a", "P", "2020-01-01"), LINE("b", "Q", "2020-01-02"),
                                       LINE("b", "P", "2020-01-03")};
    const shop_case c = {PURCHASES(purchases)};
    built_shop built;
    built_shop_init(&built, &c);
    pv_history history;
    const int32_t b = user_of(&built.shop, "b");
    assert_int_equal(pv_history_of_user(&history, &built.shop, b, built.shop.as_of, arena, NULL), PV_OK);
    assert_int_equal(history.n_products, 2);
    assert_int_equal(pv_history_last_time(&history, pv_history_find(&history, product_of(&built.shop, "Q"))),
                     time_of("2020-01-02"));
    built_shop_deinit(&built);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(lines_are_grouped_by_product),
        TEST(an_order_weighs_half_after_180_days_and_is_as_recent_as_its_latest_line),
        TEST(a_purchase_at_the_date_itself_is_not_known_yet),
        TEST(orders_with_a_product_count_once_each),
        TEST(orders_with_a_product_halve_with_the_half_life_asked_for),
        TEST(the_last_time_of_a_product_is_that_of_its_latest_line),
        TEST(without_a_product_all_its_lines_are_gone),
        TEST(without_a_product_that_was_never_bought_nothing_changes),
        TEST(without_time_counts_stand_for_orders_and_nothing_fades),
        TEST(an_empty_history_is_no_error),
        TEST(a_users_history_holds_its_own_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
