/* What the asking company bought: distinct products of all its users, and the order of counts that hides the rare. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/count_order.h"
#include "signals/own_products.h"
#include "support/shop_case.h"
#include <string.h>

static const purchase_case purchases[] = {LINE("u", "B", "2020-01-01"), LINE("u", "B", "2020-01-02"),
                                          LINE("u", "D", "2020-01-02"), LINE("v", "A", "2020-01-03"),
                                          LINE("v", "D", "2020-01-03"), LINE("w", "C", "2020-01-03")};
static const user_case users[] = {{.id = "u", .parent = "P"}, {.id = "v", .parent = "P"}, {.id = "w", .parent = "Q"}};

static void products_of_all_users_of_a_company_are_listed_once(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(purchases), USERS(users)};
    built_shop built;
    pv_company company;
    pv_own_products own;
    built_shop_init(&built, &c);
    pv_arena *arena = pv_arena_create();
    assert_non_null(arena);
    const pv_shop *shop = &built.shop;
    const int64_t user = pv_ids_find(&shop->users.ids, pv_text_of("v"));
    assert_int_equal(pv_company_make(&company, shop, shop->users.parent[user], arena, NULL), PV_OK);
    assert_true(pv_own_products_make(&own, &company, arena));
    const char *const expected[] = {"A", "B", "D"};
    assert_int_equal(own.n, 3);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(own.products[k], product_of(shop, expected[k]));
        assert_int_equal(pv_own_products_find(&own, &company, own.products[k]), k);
    }
    assert_int_equal(pv_own_products_find(&own, &company, product_of(shop, "C")), -1);
    assert_int_equal(pv_company_make(&company, shop, -1, arena, NULL), PV_OK);
    assert_true(pv_own_products_make(&own, &company, arena));
    assert_int_equal(own.n, 0);
    assert_int_equal(pv_own_products_find(&own, &company, 0), -1);
    pv_arena_free(arena);
    built_shop_deinit(&built);
}

static void the_largest_counts_come_first_and_equal_ones_rise(void **state)
{
    (void)state;
    static const int32_t counts[] = {3, 0, 7, 3, 0, 1, 7}, expected[] = {2, 6, 0, 3, 5, 1, 4};
    int32_t order[7];
    assert_int_equal(pv_count_order(order, counts, 7, NULL), PV_OK);
    assert_memory_equal(order, expected, sizeof expected);
    assert_int_equal(pv_count_order(order, counts, 0, NULL), PV_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(products_of_all_users_of_a_company_are_listed_once),
                                       cmocka_unit_test(the_largest_counts_come_first_and_equal_ones_rise)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
