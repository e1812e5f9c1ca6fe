/* One customer's rows to lines: what returns and dislikes take away, how orders are numbered. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "shop/purchase_lines.h"
#include "support/shop_case.h"
#include <math.h>

#define DAY ((int64_t)PV_SECONDS_PER_DAY)
#define NONE ((double)NAN)

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

/* A row of product 7 unless a test says otherwise; without order. */
static pv_purchase_row row_of(int64_t day, double quantity)
{
    return (pv_purchase_row){.product = 7,
                             .time = day * DAY,
                             .order = -1,
                             .purchase_count = NONE,
                             .quantity = quantity,
                             .discount = NONE,
                             .rating = NONE};
}

/* A row of a shop without time and order. */
static pv_purchase_row simple_row(int32_t product, double count)
{
    pv_purchase_row row = row_of(0, NONE);
    row.product = product;
    row.time = PV_NO_TIME;
    row.purchase_count = count;
    return row;
}

static const pv_line_rules timed = {.has_time = true, .dislike_at = NONE, .default_time = PV_NO_TIME};
static const pv_line_rules simple = {.dislike_at = NONE, .default_time = PV_NO_TIME};

static pv_user_lines make(const pv_purchase_row *rows, size_t n, const pv_line_rules *rules)
{
    pv_user_lines made = {0};
    assert_int_equal(pv_user_lines_make(&made, rows, (int64_t)n, rules, arena, NULL), PV_OK);
    return made;
}

/* --- returns ----------------------------------------------------------------------------------------------------- */

static void a_return_takes_back_the_newest_line_first(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {row_of(1, 5), row_of(2, 5), row_of(3, -5)};
    const pv_user_lines made = make(CASE(rows), &timed);
    assert_int_equal(made.n_lines, 1);
    assert_int_equal(made.lines[0].time, 1 * DAY);
    assert_int_equal(made.returns_unmatched, 0);
}

static void a_return_reaches_past_the_newest_line_for_what_is_left(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {row_of(1, 5), row_of(2, 5), row_of(3, 5), row_of(4, -7)};
    const pv_user_lines made = make(CASE(rows), &timed); /* 5 of day 3 and 2 of day 2: day 2 keeps 3 */
    assert_int_equal(made.n_lines, 2);
    assert_int_equal(made.lines[0].time, 1 * DAY);
    assert_int_equal(made.lines[1].time, 2 * DAY);
    assert_close(made.lines[1].count, 1); /* a line of an order stays one, however much of it is left */
}

static void a_return_before_any_purchase_takes_nothing_and_is_counted(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {row_of(2, 5), row_of(1, -5)}; /* the file is not in order of time */
    const pv_user_lines made = make(CASE(rows), &timed);
    assert_int_equal(made.n_lines, 1);
    assert_int_equal(made.returns_unmatched, 1);
}

static void at_one_time_the_order_of_the_file_decides(void **state)
{
    (void)state;
    const pv_purchase_row bought_first[] = {row_of(1, 5), row_of(1, -5)};
    const pv_purchase_row returned_first[] = {row_of(1, -5), row_of(1, 5)};
    assert_int_equal(make(CASE(bought_first), &timed).n_lines, 0);
    assert_int_equal(make(CASE(returned_first), &timed).n_lines, 1);
}

static void what_is_left_over_of_a_return_is_dropped(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {row_of(1, 2), row_of(2, -5), row_of(3, 3)};
    const pv_user_lines made = make(CASE(rows), &timed); /* the 3 too many do not take back day 3 */
    assert_int_equal(made.n_lines, 1);
    assert_int_equal(made.lines[0].time, 3 * DAY);
    assert_int_equal(made.returns_unmatched, 1);
}

static void a_return_takes_back_lines_of_its_own_product_alone(void **state)
{
    (void)state;
    pv_purchase_row rows[] = {row_of(1, 5), row_of(2, -5)};
    rows[1].product = 8;
    const pv_user_lines made = make(CASE(rows), &timed);
    assert_int_equal(made.n_lines, 1);
    assert_int_equal(made.lines[0].product, 7);
    assert_int_equal(made.returns_unmatched, 1);
}

static void a_cancelled_line_with_a_positive_quantity_returns(void **state)
{
    (void)state;
    pv_purchase_row rows[] = {row_of(1, 5), row_of(2, 5)};
    rows[1].cancelled = true;
    assert_int_equal(make(CASE(rows), &timed).n_lines, 0);
}

static void a_cancelled_line_alone_is_no_purchase(void **state)
{
    (void)state;
    pv_purchase_row rows[] = {row_of(1, 5)};
    rows[0].cancelled = true;
    const pv_user_lines made = make(CASE(rows), &timed);
    assert_int_equal(made.n_lines, 0);
    assert_int_equal(made.returns_unmatched, 1);
}

static void the_quantity_is_returned_where_there_is_one_else_the_count(void **state)
{
    (void)state;
    pv_purchase_row rows[] = {row_of(1, 12), row_of(2, -1)};
    rows[0].purchase_count = 1; /* 11 of 12 pieces stay, not 0 of 1 purchase */
    assert_int_equal(make(CASE(rows), &timed).n_lines, 1);
    pv_purchase_row counted[] = {row_of(1, NONE), row_of(2, NONE)};
    counted[0].purchase_count = 2;
    counted[1].purchase_count = -2;
    assert_int_equal(make(CASE(counted), &timed).n_lines, 0);
}

static void a_count_of_zero_is_no_purchase(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {simple_row(7, 0), simple_row(8, 1)};
    const pv_user_lines made = make(CASE(rows), &simple);
    assert_int_equal(made.n_lines, 1);
    assert_int_equal(made.lines[0].product, 8);
    assert_int_equal(made.returns_unmatched, 0);
}

static void a_simple_shop_keeps_the_count_that_is_left(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {simple_row(7, 5), simple_row(7, -2), simple_row(8, 2.5)};
    const pv_user_lines made = make(CASE(rows), &simple);
    assert_int_equal(made.n_lines, 2);
    assert_close(made.lines[0].count, 3); /* 5 - 2 */
    assert_close(made.lines[1].count, 2.5);
}

static void a_simple_shop_shrinks_the_count_with_the_quantity_returned(void **state)
{
    (void)state;
    pv_purchase_row rows[] = {simple_row(7, 4), simple_row(7, NONE)};
    rows[0].quantity = 20;
    rows[1].quantity = -5;
    const pv_user_lines made = make(CASE(rows), &simple);
    assert_int_equal(made.n_lines, 1);
    assert_close(made.lines[0].count, 3); /* 4 x 15 / 20 */
}

/* --- dislikes ---------------------------------------------------------------------------------------------------- */

static const pv_line_rules rated = {.has_time = true, .dislike_at = 2, .default_time = PV_NO_TIME};

static pv_purchase_row rated_row(int64_t day, double rating)
{
    pv_purchase_row row = row_of(day, NONE);
    row.rating = rating;
    return row;
}

static void a_low_rating_dislikes_and_buys_nothing(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {rated_row(1, 2), rated_row(2, 1)};
    const pv_user_lines made = make(CASE(rows), &rated);
    assert_int_equal(made.n_lines, 0);
    assert_int_equal(made.n_dislikes, 1);
    assert_int_equal(made.dislikes[0].product, 7);
    assert_close(made.dislikes[0].count, 2);
}

static void a_rating_above_the_limit_or_without_a_limit_is_a_purchase(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {rated_row(1, 2.5), rated_row(2, NONE)};
    assert_int_equal(make(CASE(rows), &rated).n_lines, 2);
    const pv_purchase_row low[] = {rated_row(1, 1)};
    assert_int_equal(make(CASE(low), &timed).n_lines, 1);
}

static void dislikes_and_purchases_are_netted_whatever_their_order(void **state)
{
    (void)state;
    const pv_purchase_row early[] = {rated_row(1, 1), rated_row(2, 5), rated_row(3, 5)};
    const pv_user_lines bought = make(CASE(early), &rated); /* 2 bought, 1 disliked: the newest goes */
    assert_int_equal(bought.n_lines, 1);
    assert_int_equal(bought.lines[0].time, 2 * DAY);
    assert_int_equal(bought.n_dislikes, 0);
    const pv_purchase_row late[] = {rated_row(1, 5), rated_row(2, 1), rated_row(3, 1), rated_row(4, 1)};
    const pv_user_lines disliked = make(CASE(late), &rated); /* 1 bought, 3 disliked */
    assert_int_equal(disliked.n_lines, 0);
    assert_close(disliked.dislikes[0].count, 2);
}

static void a_negative_count_dislikes_when_the_loss_says_so(void **state)
{
    (void)state;
    const pv_line_rules rules = {.negative_is_dislike = true, .dislike_at = NONE, .default_time = PV_NO_TIME};
    const pv_purchase_row rows[] = {simple_row(7, -3), simple_row(7, 1), simple_row(8, 3), simple_row(8, -1)};
    const pv_user_lines made = make(CASE(rows), &rules);
    assert_int_equal(made.n_dislikes, 1);
    assert_int_equal(made.dislikes[0].product, 7);
    assert_close(made.dislikes[0].count, 2); /* 3 - 1 */
    assert_int_equal(made.n_lines, 1);
    assert_int_equal(made.lines[0].product, 8);
    assert_close(made.lines[0].count, 2); /* 3 - 1 */
    assert_int_equal(made.returns_unmatched, 0);
}

static void a_cancelled_line_with_a_low_rating_is_a_return_not_a_dislike(void **state)
{
    (void)state;
    pv_purchase_row rows[] = {rated_row(1, 5), rated_row(2, 1)};
    rows[1].cancelled = true;
    const pv_user_lines made = make(CASE(rows), &rated);
    assert_int_equal(made.n_lines, 0);
    assert_int_equal(made.n_dislikes, 0);
}

/* --- orders ------------------------------------------------------------------------------------------------------ */

static pv_purchase_row ordered(int32_t product, int32_t order, int64_t time)
{
    pv_purchase_row row = row_of(0, 1);
    row.product = product;
    row.order = order;
    row.time = time;
    return row;
}

static void lines_of_one_order_id_share_a_number_and_numbers_follow_time(void **state)
{
    (void)state;
    const pv_line_rules rules = {.has_time = true, .has_order = true, .dislike_at = NONE, .default_time = PV_NO_TIME};
    /* order 9 runs from day 1 to day 5, order 3 is of day 3 */
    const pv_purchase_row rows[] = {ordered(1, 9, 5 * DAY), ordered(2, 3, 3 * DAY), ordered(3, 9, 1 * DAY)};
    const pv_user_lines made = make(CASE(rows), &rules);
    assert_int_equal(made.lines[0].order, 0);
    assert_int_equal(made.lines[1].order, 1);
    assert_int_equal(made.lines[2].order, 0);
}

static void without_order_ids_one_time_is_one_order(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {ordered(1, -1, 2 * DAY), ordered(2, -1, 1 * DAY), ordered(3, -1, 2 * DAY),
                                    ordered(3, -1, 2 * DAY + 1)};
    const pv_user_lines made = make(CASE(rows), &timed);
    assert_int_equal(made.lines[0].order, 1);
    assert_int_equal(made.lines[1].order, 0);
    assert_int_equal(made.lines[2].order, 1);
    assert_int_equal(made.lines[3].order, 2); /* a second later is another order */
}

static void a_line_without_an_id_is_not_of_the_order_with_an_id_at_its_time(void **state)
{
    (void)state;
    const pv_line_rules rules = {.has_time = true, .has_order = true, .dislike_at = NONE, .default_time = PV_NO_TIME};
    const pv_purchase_row rows[] = {ordered(1, 4, DAY), ordered(2, -1, DAY), ordered(3, -1, DAY)};
    const pv_user_lines made = make(CASE(rows), &rules);
    assert_int_not_equal(made.lines[0].order, made.lines[1].order);
    assert_int_equal(made.lines[1].order, made.lines[2].order);
}

static void with_neither_time_nor_order_each_line_is_an_order(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {simple_row(2, 1), simple_row(1, 1), simple_row(2, 1)};
    const pv_user_lines made = make(CASE(rows), &simple); /* by product: 1; 2, 2. Numbered by file order */
    assert_int_equal(made.lines[0].order, 1);
    assert_int_equal(made.lines[1].order, 0);
    assert_int_equal(made.lines[2].order, 2);
}

static void a_history_without_order_and_time_is_one_order_just_before_the_date(void **state)
{
    (void)state;
    const pv_line_rules rules = {.has_time = true,
                                 .has_order = true,
                                 .unordered_is_one_order = true,
                                 .dislike_at = NONE,
                                 .default_time = 100 * DAY - 1};
    const pv_purchase_row rows[] = {ordered(1, -1, PV_NO_TIME), ordered(2, -1, PV_NO_TIME), ordered(3, -1, DAY)};
    const pv_user_lines made = make(CASE(rows), &rules);
    assert_int_equal(made.lines[0].time, 100 * DAY - 1);
    assert_int_equal(made.lines[0].order, 1);
    assert_int_equal(made.lines[1].order, 1);
    assert_int_equal(made.lines[2].order, 0);
    const pv_line_rules untimed = {.has_order = true, .unordered_is_one_order = true, .dislike_at = NONE};
    const pv_user_lines together = make(rows, 2, &untimed);
    assert_int_equal(together.lines[0].order, together.lines[1].order);
}

static void orders_that_are_taken_back_whole_leave_no_number(void **state)
{
    (void)state;
    const pv_purchase_row rows[] = {ordered(1, -1, DAY), ordered(2, -1, 2 * DAY), row_of(3, -1)};
    pv_purchase_row returned[] = {rows[0], rows[1], rows[2]};
    returned[2].product = 1;
    const pv_user_lines made = make(CASE(returned), &timed);
    assert_int_equal(made.n_lines, 1);
    assert_int_equal(made.lines[0].order, 0);
}

/* --- discounts --------------------------------------------------------------------------------------------------- */

static void a_line_is_discounted_by_its_own_discount_or_by_its_products(void **state)
{
    (void)state;
    pv_purchase_row rows[] = {simple_row(0, 1), simple_row(1, 1)};
    rows[0].discount = 0.1;
    const pv_user_lines own = make(CASE(rows), &simple);
    assert_int_equal(own.lines[0].discounted, 1);
    assert_int_equal(own.lines[1].discounted, 0);
    const double discounts[] = {NONE, 0.2};
    pv_line_rules rules = simple;
    rules.product_discount = discounts;
    const pv_user_lines current = make(CASE(rows), &rules);
    assert_int_equal(current.lines[0].discounted, 0);
    assert_int_equal(current.lines[1].discounted, 1);
}

static void no_rows_make_no_lines(void **state)
{
    (void)state;
    const pv_user_lines made = make(NULL, 0, &timed);
    assert_int_equal(made.n_lines, 0);
    assert_int_equal(made.n_dislikes, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_return_takes_back_the_newest_line_first),
        TEST(a_return_reaches_past_the_newest_line_for_what_is_left),
        TEST(a_return_before_any_purchase_takes_nothing_and_is_counted),
        TEST(at_one_time_the_order_of_the_file_decides),
        TEST(what_is_left_over_of_a_return_is_dropped),
        TEST(a_return_takes_back_lines_of_its_own_product_alone),
        TEST(a_cancelled_line_with_a_positive_quantity_returns),
        TEST(a_cancelled_line_alone_is_no_purchase),
        TEST(the_quantity_is_returned_where_there_is_one_else_the_count),
        TEST(a_count_of_zero_is_no_purchase),
        TEST(a_simple_shop_keeps_the_count_that_is_left),
        TEST(a_simple_shop_shrinks_the_count_with_the_quantity_returned),
        TEST(a_low_rating_dislikes_and_buys_nothing),
        TEST(a_rating_above_the_limit_or_without_a_limit_is_a_purchase),
        TEST(dislikes_and_purchases_are_netted_whatever_their_order),
        TEST(a_negative_count_dislikes_when_the_loss_says_so),
        TEST(a_cancelled_line_with_a_low_rating_is_a_return_not_a_dislike),
        TEST(lines_of_one_order_id_share_a_number_and_numbers_follow_time),
        TEST(without_order_ids_one_time_is_one_order),
        TEST(a_line_without_an_id_is_not_of_the_order_with_an_id_at_its_time),
        TEST(with_neither_time_nor_order_each_line_is_an_order),
        TEST(a_history_without_order_and_time_is_one_order_just_before_the_date),
        TEST(orders_that_are_taken_back_whole_leave_no_number),
        TEST(a_line_is_discounted_by_its_own_discount_or_by_its_products),
        TEST(no_rows_make_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
