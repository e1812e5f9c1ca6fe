/* Keys by which a purchase that comes again is known. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/timestamp.h"
#include "shop/order_keys.h"

#define NO_TEXT ((pv_text){NULL, 0})

static void an_order_is_known_by_its_id_whatever_the_time(void **state)
{
    (void)state;
    const uint64_t key = pv_order_key(pv_text_of("o77"), 100);
    assert_true(key == pv_order_key(pv_text_of("o77"), 200));
    assert_true(key == pv_order_key(pv_text_of("o77"), PV_NO_TIME));
    assert_true(key != pv_order_key(pv_text_of("o78"), 100));
    assert_true(key != pv_order_key(pv_text_of("O77"), 100));
    assert_true(key != PV_NO_ORDER_KEY);
}

static void without_an_id_it_is_known_by_its_time(void **state)
{
    (void)state;
    const uint64_t key = pv_order_key(NO_TEXT, 100);
    assert_true(key == pv_order_key((pv_text){"", 0}, 100));
    assert_true(key != pv_order_key(NO_TEXT, 101));
    assert_true(key != pv_order_key((pv_text){"d\0\0\0\0\0\0\0", 8}, 100)); /* an id of the same bytes */
    assert_true(pv_order_key(NO_TEXT, 0) != PV_NO_ORDER_KEY);
    assert_true(pv_order_key(NO_TEXT, -1) != PV_NO_ORDER_KEY); /* before 1970 */
}

static void with_neither_there_is_none(void **state)
{
    (void)state;
    assert_true(pv_order_key(NO_TEXT, PV_NO_TIME) == PV_NO_ORDER_KEY);
    assert_true(pv_order_key((pv_text){"", 0}, PV_NO_TIME) == PV_NO_ORDER_KEY);
}

/* Keys stand in model files: another release must find the same. */
static void a_row_is_known_by_user_product_order_and_direction(void **state)
{
    (void)state;
    const uint64_t order = pv_order_key(pv_text_of("o1"), PV_NO_TIME), other = pv_order_key(NO_TEXT, 5);
    const uint64_t key = pv_settled_key(pv_text_of("u"), pv_text_of("P"), order, false);
    assert_true(key == pv_settled_key(pv_text_of("u"), pv_text_of("P"), order, false));
    assert_true(key != pv_settled_key(pv_text_of("v"), pv_text_of("P"), order, false));
    assert_true(key != pv_settled_key(pv_text_of("u"), pv_text_of("Q"), order, false));
    assert_true(key != pv_settled_key(pv_text_of("u"), pv_text_of("P"), other, false));
    assert_true(key != pv_settled_key(pv_text_of("u"), pv_text_of("P"), order, true));
    assert_true(key != pv_settled_key(pv_text_of("P"), pv_text_of("u"), order, false)); /* not the other way round */
    assert_true(pv_settled_key(pv_text_of("uP"), pv_text_of("x"), order, false) !=
                pv_settled_key(pv_text_of("u"), pv_text_of("Px"), order, false)); /* nor run together */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_known_by_its_id_whatever_the_time),
        cmocka_unit_test(without_an_id_it_is_known_by_its_time),
        cmocka_unit_test(with_neither_there_is_none),
        cmocka_unit_test(a_row_is_known_by_user_product_order_and_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
