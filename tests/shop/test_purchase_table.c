/* The lines of user_purchases.csv by column: what goes in comes out, and what has no column is absent. */
#include "base/timestamp.h"
#include "shop/purchase_table.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static pv_purchase_row row_of(int32_t i)
{
    return (pv_purchase_row){.user = i,
                             .product = i + 1,
                             .time = (int64_t)i * 1000000007,
                             .order = i - 1,
                             .cancelled = i % 3 == 0,
                             .purchase_count = i * 0.5,
                             .quantity = -i,
                             .discount = 1.0 / (i + 1),
                             .rating = i % 5};
}

static void lines_keep_their_values_while_the_table_grows(void **state)
{
    (void)state;
    pv_purchase_table table = {.has = {true, true, true, true, true, true}};
    for (int32_t i = 0; i < 5000; i++) {
        const pv_purchase_row row = row_of(i);
        assert_true(pv_purchase_table_add(&table, &row));
    }
    assert_int_equal(table.n, 5000);
    for (int32_t i = 0; i < 5000; i++) {
        const pv_purchase_row in = row_of(i), out = pv_purchase_table_row(&table, i);
        assert_true(out.user == in.user && out.product == in.product && out.time == in.time && out.order == in.order);
        assert_true(out.cancelled == in.cancelled && out.purchase_count == in.purchase_count);
        assert_true(out.quantity == in.quantity && out.discount == in.discount && out.rating == in.rating);
    }
    pv_purchase_table_deinit(&table);
    assert_null(table.user);
}

static void what_has_no_column_is_absent(void **state)
{
    (void)state;
    pv_purchase_table table = {.has = {.quantity = true}};
    const pv_purchase_row in = row_of(6);
    assert_true(pv_purchase_table_add(&table, &in));
    const pv_purchase_row out = pv_purchase_table_row(&table, 0);
    assert_true(out.user == 6 && out.product == 7 && out.cancelled && out.quantity == -6);
    assert_true(out.time == PV_NO_TIME && out.order == -1);
    assert_true(isnan(out.purchase_count) && isnan(out.discount) && isnan(out.rating));
    pv_purchase_table_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_keep_their_values_while_the_table_grows),
        cmocka_unit_test(what_has_no_column_is_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
