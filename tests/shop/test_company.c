/* What a company itself bought, over all its users. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "shop/company.h"
#include "support/shop_case.h"

static built_shop built;
static pv_arena *arena;

static int set_up(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("north", "A", "2020-01-01"), LINE("south", "B", "2020-01-02"),
                                              LINE("south", "A", "2020-01-03"), LINE("alone", "C", "2020-01-04")};
    static const user_case users[] = {USER("north", .parent = "holding"), USER("south", .parent = "holding"),
                                      USER("idle", .parent = "holding"), USER("silent")};
    const shop_case c = {PURCHASES(purchases), USERS(users)};
    built_shop_init(&built, &c);
    arena = pv_arena_create();
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_arena_free(arena);
    built_shop_deinit(&built);
    return 0;
}

static pv_company company_of(const char *user)
{
    pv_company company;
    assert_int_equal(
        pv_company_make(&company, &built.shop, built.shop.users.parent[user_of(&built.shop, user)], arena, NULL),
        PV_OK);
    return company;
}

static void a_company_is_its_parent_with_all_users_that_bought(void **state)
{
    (void)state;
    const pv_company company = company_of("idle"); /* asks for the holding of north and south */
    assert_int_equal(company.n_members, 2);
    assert_int_equal(company.members[0].n + company.members[1].n, 3);
    assert_true(pv_company_bought(&company, product_of(&built.shop, "A")));
    assert_true(pv_company_bought(&company, product_of(&built.shop, "B")));
    assert_false(pv_company_bought(&company, product_of(&built.shop, "C")));
}

static void a_user_without_a_parent_is_a_company_of_its_own(void **state)
{
    (void)state;
    const pv_company company = company_of("alone");
    assert_int_equal(company.n_members, 1);
    assert_false(pv_company_bought(&company, product_of(&built.shop, "A")));
    assert_true(pv_company_bought(&company, product_of(&built.shop, "C")));
}

static void who_bought_nothing_or_is_nobody_has_nothing_to_take_out(void **state)
{
    (void)state;
    const pv_company silent = company_of("silent");
    assert_int_equal(silent.n_members, 0);
    assert_false(pv_company_bought(&silent, product_of(&built.shop, "A")));
    pv_company nobody;
    assert_int_equal(pv_company_make(&nobody, &built.shop, -1, arena, NULL), PV_OK);
    assert_int_equal(nobody.n_members, 0);
    assert_false(pv_company_bought(&nobody, product_of(&built.shop, "A")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_company_is_its_parent_with_all_users_that_bought),
        TEST(a_user_without_a_parent_is_a_company_of_its_own),
        TEST(who_bought_nothing_or_is_nobody_has_nothing_to_take_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
