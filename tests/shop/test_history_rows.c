/* Rows of a user begun from the model: they give back its lines, and what is added is settled against them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "shop/history_rows.h"
#include "support/shop_case.h"
#include <math.h>

#define NONE ((double)NAN)

static built_shop built;
static pv_arena *arena;
static pv_history_rows rows;
static pv_history history;

static int tear_down(void **state)
{
    (void)state;
    pv_arena_free(arena);
    built_shop_deinit(&built);
    return 0;
}

static void build(const shop_case *c)
{
    built_shop_init(&built, c);
    arena = pv_arena_create();
    assert_non_null(arena);
}

static void begin(const char *user, int64_t extra)
{
    const int64_t number = user ? user_of(&built.shop, user) : -1;
    assert_int_equal(pv_history_rows_begin(&rows, &built.shop, number, extra, arena, NULL), PV_OK);
}

static void finish(const char *user, int64_t as_of)
{
    const int64_t number = user ? user_of(&built.shop, user) : -1;
    assert_int_equal(pv_history_of_rows(&history, &rows, &built.shop, number, as_of, arena, NULL), PV_OK);
}

static void add(const char *product, int64_t time, int32_t order, double quantity, bool is_return)
{
    assert_true(rows.n < rows.capacity);
    rows.rows[rows.n++] = (pv_purchase_row){.product = product_of(&built.shop, product),
                                            .time = time,
                                            .order = order,
                                            .cancelled = is_return,
                                            .purchase_count = NONE,
                                            .quantity = quantity,
                                            .discount = NONE,
                                            .rating = NONE};
}

/* The history of rows to which nothing was added is that of the model. */
static void assert_given_back(const char *user)
{
    const pv_lines lines = pv_shop_user_lines(&built.shop, user_of(&built.shop, user));
    const pv_dislikes dislikes = pv_shop_user_dislikes(&built.shop, user_of(&built.shop, user));
    begin(user, 0);
    finish(user, built.shop.as_of);
    assert_int_equal(history.lines.n, lines.n);
    for (int64_t l = 0; l < lines.n; l++) {
        assert_int_equal(history.lines.product[l], lines.product[l]);
        assert_int_equal(history.lines.order[l], lines.order[l]);
        if (lines.time) assert_int_equal(history.lines.time[l], lines.time[l]);
        if (lines.count) assert_close(history.lines.count[l], lines.count[l]);
        if (lines.discounted) assert_int_equal(history.lines.discounted[l], lines.discounted[l]);
    }
    assert_int_equal(history.dislikes.n, dislikes.n);
    for (int64_t d = 0; d < dislikes.n; d++) {
        assert_int_equal(history.dislikes.product[d], dislikes.product[d]);
        assert_close(history.dislikes.count[d], dislikes.count[d]);
    }
}

/* Orders A and B at one time, B's product first by name; a part of C is returned, D wholly. */
static const purchase_case timed[] = {
    LINE("a", "Q", "2020-01-01", "A", .quantity = 2), LINE("a", "P", "2020-01-01", "B", .discount = 0.1),
    LINE("a", "Q", "2020-01-02", "C", .quantity = 5), LINE("a", "R", "2020-01-03", "D", .quantity = 1),
    LINE("a", "R", "2020-01-04", .quantity = -1),     LINE("a", "Q", "2020-01-05", .quantity = -2),
    LINE("a", "P", "2020-01-06", .quantity = 4),      LINE("b", "R", "2020-01-07", "E", .quantity = 1),
};

static void build_timed(void)
{
    const shop_case c = {PURCHASES(timed)};
    build(&c);
}

static void the_lines_of_the_model_are_given_back(void **state)
{
    (void)state;
    build_timed();
    assert_given_back("a");
    assert_given_back("b");
}

static void those_of_a_simple_shop_with_their_counts_and_dislikes(void **state)
{
    (void)state;
    static const purchase_case simple[] = {LINE("a", "Q", .count = 3, .quantity = 6),
                                           LINE("a", "Q", .count = 1, .quantity = -2), LINE("a", "P", .count = 2),
                                           LINE("a", "R", .count = -1.5), LINE("b", "R", .count = 1)};
    const shop_case c = {PURCHASES(simple), .negative_is_dislike = true};
    build(&c);
    assert_given_back("a");
    assert_given_back("b");
    assert_close(pv_shop_user_lines(&built.shop, 0).count[1], 2); /* 3 orders of 6 pieces, 2 of them given back */
}

static void the_number_of_an_order_without_lines_stays_in_use(void **state)
{
    (void)state;
    build_timed();
    begin("a", 0);
    assert_int_equal(rows.n_orders, 4); /* A, B, C and that of 6 January; nothing is left of D */
    begin(NULL, 3);
    assert_int_equal(rows.n, 0);
    assert_int_equal(rows.n_orders, 0);
    assert_int_equal(rows.capacity, 3);
}

/* 5 - 2 pieces of Q are left in C and 2 in A: 4 more take C and 1 of A; then 1 more takes A too. */
static void a_return_takes_what_is_not_yet_returned_newest_first(void **state)
{
    (void)state;
    build_timed();
    const int64_t now = built.shop.as_of, q = product_of(&built.shop, "Q");
    begin("a", 2);
    add("Q", now, -1, 4, true);
    finish("a", now + 2);
    const int64_t k = pv_history_find(&history, (int32_t)q);
    assert_true(k >= 0);
    assert_int_equal(history.first_line[k + 1] - history.first_line[k], 1);
    assert_int_equal(pv_history_last_time(&history, k), time_of("2020-01-01"));
    add("Q", now + 1, -1, 1, true);
    finish("a", now + 2);
    assert_int_equal(pv_history_find(&history, (int32_t)q), -1);
    finish("a", now + 1); /* as of a time before the second return */
    assert_true(pv_history_find(&history, (int32_t)q) >= 0);
}

static void of_two_lines_of_one_time_the_later_orders_is_the_newer(void **state)
{
    (void)state;
    static const purchase_case lines[] = {LINE("a", "Q", "2020-01-01", "A"), LINE("a", "P", "2020-01-01", "A"),
                                          LINE("a", "P", "2020-01-01", "B"), LINE("a", "R", "2020-01-01", "B")};
    const shop_case c = {PURCHASES(lines)};
    build(&c);
    assert_given_back("a");
    begin("a", 1);
    add("P", built.shop.as_of, -1, NONE, true);
    finish("a", built.shop.as_of + 1);
    assert_int_equal(history.lines.n, 3);
    assert_int_equal(history.lines.order[0], 0); /* P of order A is left */
}

static void a_dislike_takes_back_what_is_bought_later(void **state)
{
    (void)state;
    static const purchase_case lines[] = {LINE("a", "P", "2020-01-01", .rating = 5),
                                          LINE("a", "Q", "2020-01-02", .rating = 1),
                                          LINE("b", "Q", "2020-01-02", .rating = 4)};
    const shop_case c = {PURCHASES(lines), .dislike_at = 2};
    build(&c);
    assert_given_back("a");
    assert_int_equal(history.dislikes.n, 1);
    begin("a", 1);
    add("Q", built.shop.as_of, -1, 3, false);
    finish("a", built.shop.as_of + 1);
    assert_int_equal(history.dislikes.n, 0);
    assert_int_equal(history.n_products, 2); /* two of the three pieces are left of the line */
}

static void rows_without_time_lie_just_before_the_date_as_one_order(void **state)
{
    (void)state;
    build_timed();
    begin(NULL, 3);
    add("P", PV_NO_TIME, -1, NONE, false);
    add("Q", PV_NO_TIME, -1, NONE, false);
    add("R", built.shop.as_of, -1, NONE, false); /* not before the date */
    finish(NULL, built.shop.as_of);
    assert_int_equal(history.lines.n, 2);
    assert_int_equal(history.lines.order[0], history.lines.order[1]);
    assert_int_equal(history.lines.time[0], built.shop.as_of - 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_lines_of_the_model_are_given_back),
        TEST(those_of_a_simple_shop_with_their_counts_and_dislikes),
        TEST(the_number_of_an_order_without_lines_stays_in_use),
        TEST(a_return_takes_what_is_not_yet_returned_newest_first),
        TEST(of_two_lines_of_one_time_the_later_orders_is_the_newer),
        TEST(a_dislike_takes_back_what_is_bought_later),
        TEST(rows_without_time_lie_just_before_the_date_as_one_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
