/* From the tables to a shop as of a date: order of ids, companies, categories, prices, assortments. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "shop/shop.h"
#include "support/shop_case.h"
#include <math.h>
#include <string.h>

static built_shop built;
static const pv_shop *const shop = &built.shop;

static int tear_down(void **state)
{
    (void)state;
    built_shop_deinit(&built);
    built = (built_shop){0};
    return 0;
}

#define BUILD(...)                                                                                                     \
    do {                                                                                                               \
        const shop_case built_case = {__VA_ARGS__};                                                                    \
        built_shop_init(&built, &built_case);                                                                          \
    } while (0)

/* --- ids --------------------------------------------------------------------------------------------------------- */

static void warm_ids_come_first_and_each_part_is_in_bytewise_order(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("9", "z", "2020-01-01"), LINE("\xc3\xa9", "\xc3\xa9", "2020-01-02"),
                                              LINE("10", "Z", "2020-01-03")};
    static const product_case products[] = {PRODUCT("b"), PRODUCT("z"), PRODUCT("a")};
    static const user_case users[] = {USER("2"), USER("1"), USER("10")};
    BUILD(PURCHASES(purchases), PRODUCTS(products), USERS(users));
    const char *const user_ids[] = {"10", "9", "\xc3\xa9", "1", "2"};
    const char *const product_ids[] = {"Z", "z", "\xc3\xa9", "a", "b"};
    assert_int_equal(shop->users.ids.n, 5);
    assert_int_equal(shop->users.ids.n_warm, 3);
    assert_int_equal(shop->products.ids.n_warm, 3);
    for (int32_t i = 0; i < 5; i++) {
        assert_text(pv_ids_at(&shop->users.ids, i), user_ids[i]);
        assert_text(pv_ids_at(&shop->products.ids, i), product_ids[i]);
        assert_int_equal(user_of(shop, user_ids[i]), i);
    }
    assert_int_equal(pv_ids_find(&shop->users.ids, pv_text_of("3")), -1);
}

static void who_returned_everything_is_cold(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", "2020-01-01", .quantity = 2),
                                              LINE("a", "P", "2020-01-02", .quantity = -2),
                                              LINE("b", "Q", "2020-01-03", .quantity = 1)};
    BUILD(PURCHASES(purchases));
    assert_int_equal(shop->users.ids.n_warm, 1);
    assert_int_equal(user_of(shop, "a"), 1);
    assert_int_equal(product_of(shop, "P"), 1);
    assert_int_equal(shop->lines.n, 1);
}

static void a_shop_without_a_purchase_left_is_refused(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", "2020-01-01", .quantity = 2),
                                              LINE("a", "P", "2020-01-02", .quantity = -2)};
    const shop_case cases[] = {{PURCHASES(purchases)}, {.users = NULL}};
    for (size_t k = 0; k < 2; k++) {
        pv_tables *tables = shop_case_tables(&cases[k]);
        pv_tensors tensors = {0};
        pv_shop_build_report report = {0};
        pv_error error;
        assert_int_equal(pv_shop_build(&tensors, tables, tables->last_time, false, false, NULL, &report, &error),
                         PV_E_INPUT);
        assert_string_equal(error.message, "no purchase");
        pv_tensors_deinit(&tensors);
        pv_tables_free(tables);
    }
}

/* --- lines ------------------------------------------------------------------------------------------------------- */

static void lines_stand_by_user_product_and_order(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("b", "Q", "2020-01-01"), LINE("a", "Q", "2020-01-05"),
                                              LINE("a", "P", "2020-01-05"), LINE("a", "Q", "2020-01-02"),
                                              LINE("a", "Q", "2020-01-02")};
    BUILD(PURCHASES(purchases));
    const int64_t offsets[] = {0, 4, 5};
    const int32_t product[] = {0, 1, 1, 1, 1}, order[] = {1, 0, 0, 1, 0};
    assert_memory_equal(shop->line_offsets, offsets, sizeof offsets);
    assert_memory_equal(shop->lines.product, product, sizeof product);
    assert_memory_equal(shop->lines.order, order, sizeof order);
    assert_null(shop->lines.count);
    assert_null(shop->lines.discounted);
    assert_int_equal(pv_shop_count_pairs(shop), 3);
    assert_int_equal(shop->as_of, time_of("2020-01-05") + 1);
}

static void a_simple_shop_carries_counts_and_no_time(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", .count = 3), LINE("a", "P", .count = 2)};
    BUILD(PURCHASES(purchases));
    assert_true(pv_shop_is_simple(shop));
    assert_true(shop->as_of == PV_NO_TIME);
    assert_null(shop->lines.time);
    assert_close(shop->lines.count[0] + shop->lines.count[1], 5);
    assert_true(shop->products.first_sold[0] == PV_NO_TIME);
}

static void first_sold_is_the_earliest_line_that_stayed(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {
        LINE("a", "P", "2020-01-01", .quantity = 1), LINE("a", "P", "2020-01-02", .quantity = -1),
        LINE("b", "P", "2020-01-05", .quantity = 1), LINE("a", "P", "2020-01-04", .quantity = 1)};
    BUILD(PURCHASES(purchases));
    assert_int_equal(shop->products.first_sold[0], time_of("2020-01-04"));
}

static void unmatched_returns_and_unlisted_products_are_counted(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", "2020-01-01", .quantity = 1),
                                              LINE("a", "Q", "2020-01-02", .quantity = -1),
                                              LINE("b", "R", "2020-01-02", .quantity = 1)};
    static const product_case products[] = {PRODUCT("R", "Rope")};
    BUILD(PURCHASES(purchases), PRODUCTS(products));
    assert_int_equal(built.report.returns_unmatched, 1);
    assert_int_equal(built.report.products_unlisted, 1); /* P; Q was never bought */
    assert_text(pv_shop_product_name(shop, product_of(shop, "P")), NULL);
    assert_text(pv_shop_product_label(shop, product_of(shop, "P")), "P");
    assert_text(pv_shop_product_label(shop, product_of(shop, "R")), "Rope");
}

static void dislikes_are_kept_for_what_others_buy(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", .count = 1), LINE("b", "Q", .count = 1),
                                              LINE("b", "P", .count = -2), LINE("b", "R", .count = -1)};
    BUILD(PURCHASES(purchases), .negative_is_dislike = true);
    assert_true(shop->negative_is_dislike);
    assert_int_equal(pv_shop_user_dislikes(shop, 0).n, 0);
    const pv_dislikes dislikes = pv_shop_user_dislikes(shop, user_of(shop, "b"));
    assert_int_equal(dislikes.n, 1); /* nobody bought R */
    assert_int_equal(dislikes.product[0], product_of(shop, "P"));
    assert_close(dislikes.count[0], 2);
}

/* --- companies --------------------------------------------------------------------------------------------------- */

static void a_product_has_one_buyer_per_parent(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("n", "P", "2020-01-01"), LINE("s", "P", "2020-01-02"),
                                              LINE("s", "Q", "2020-01-02"), LINE("x", "P", "2020-01-03")};
    static const user_case users[] = {USER("n", "H"), USER("s", "H"), USER("idle", "I"), USER("x", "")};
    BUILD(PURCHASES(purchases), USERS(users));
    assert_int_equal(shop->users.n_parents, 3);
    assert_int_equal(shop->users.n_buying_parents, 2);
    assert_int_equal(shop->products.buyers[product_of(shop, "P")], 2);
    assert_int_equal(shop->products.buyers[product_of(shop, "Q")], 1);
    assert_int_equal(shop->users.parent[user_of(shop, "n")], shop->users.parent[user_of(shop, "s")]);
    assert_int_not_equal(shop->users.parent[user_of(shop, "n")], shop->users.parent[user_of(shop, "x")]);
}

static void a_user_may_be_the_parent_of_others(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("H", "P", "2020-01-01"), LINE("n", "P", "2020-01-02")};
    static const user_case users[] = {USER("n", "H")};
    BUILD(PURCHASES(purchases), USERS(users));
    assert_int_equal(shop->users.n_buying_parents, 1);
    assert_int_equal(shop->products.buyers[0], 1);
}

static void segments_are_coded_for_every_user(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", "2020-01-01"), LINE("b", "P", "2020-01-02")};
    static const user_case users[] = {USER("b", .country = "FR"), USER("c", .country = "DE")};
    BUILD(PURCHASES(purchases), USERS(users));
    const pv_text_columns *segments = &shop->users.segments;
    assert_int_equal(segments->n_columns, 1);
    assert_int_equal(pv_text_columns_find(segments, pv_text_of("country")), 0);
    assert_int_equal(segments->codes[user_of(shop, "a")], -1);
    assert_text(pv_texts_at(&segments->values, segments->codes[user_of(shop, "b")]), "FR");
    assert_text(pv_texts_at(&segments->values, segments->codes[user_of(shop, "c")]), "DE");
}

/* --- products ---------------------------------------------------------------------------------------------------- */

static void category_paths_are_written_one_way_and_have_their_ancestors(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", "2020-01-01")};
    static const product_case products[] = {PRODUCT("P", .category = "Bikes>Road"),
                                            PRODUCT("Q", .category = " Bikes  >  Road "),
                                            PRODUCT("R", .category = "> Bikes > > Road > Fast >"),
                                            PRODUCT("S", .category = "Bikes"),
                                            PRODUCT("T", .category = " > "),
                                            PRODUCT("U", .category = "")};
    BUILD(PURCHASES(purchases), PRODUCTS(products));
    const pv_categories *categories = &shop->products.categories;
    const int32_t *category = shop->products.category;
    const char *const paths[] = {"Bikes", "Bikes > Road", "Bikes > Road > Fast"};
    assert_int_equal(categories->n, 3);
    for (int32_t c = 0; c < 3; c++) {
        assert_text(pv_texts_at(&categories->paths, c), paths[c]);
        assert_int_equal(categories->parent[c], c - 1);
    }
    assert_int_equal(category[product_of(shop, "P")], 1);
    assert_int_equal(category[product_of(shop, "Q")], 1);
    assert_int_equal(category[product_of(shop, "R")], 2);
    assert_int_equal(category[product_of(shop, "S")], 0);
    assert_int_equal(category[product_of(shop, "T")], -1);
    assert_int_equal(category[product_of(shop, "U")], -1);
}

static const purchase_case priced[] = {LINE("a", "P", "2020-01-01", .unit_price = 5),
                                       LINE("a", "P", "2020-01-03", .unit_price = 6),
                                       LINE("a", "Q", "2020-01-04", .quantity = 1)};
static const product_case price_list[] = {PRODUCT("P", .price = 9, .discount = 0.25, .is_sold_out = true),
                                          PRODUCT("Q", .price = 8)};

static void with_a_given_date_a_price_is_the_last_one_paid_and_the_rest_is_silent(void **state)
{
    (void)state;
    BUILD(PURCHASES(priced), PRODUCTS(price_list), .as_of = "2020-02-01", .is_as_of_given = true);
    assert_close(shop->products.price[0], 6);
    assert_close(shop->products.price[1], (double)NAN);
    assert_close(shop->products.discount[0], (double)NAN);
    assert_close(shop->products.stock[0], (double)NAN);
}

static void without_a_given_date_the_products_own_values_hold(void **state)
{
    (void)state;
    BUILD(PURCHASES(priced), PRODUCTS(price_list));
    assert_close(shop->products.price[0], 9);
    assert_close(shop->products.price[1], 8);
    assert_close(shop->products.discount[0], 0.25);
    assert_close(shop->products.stock[0], 0);
    assert_close(shop->products.stock[1], (double)NAN);
    assert_false(shop->has_discounts); /* lines with time do not borrow the discount of today */
}

static void a_simple_shops_lines_are_discounted_if_their_product_is_now(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", .count = 1), LINE("a", "Q", .count = 1)};
    BUILD(PURCHASES(purchases), PRODUCTS(price_list));
    assert_true(shop->has_discounts);
    assert_true(shop->discount_is_current);
    assert_int_equal(shop->lines.discounted[0], 1);
    assert_int_equal(shop->lines.discounted[1], 0);
}

static void a_discount_column_of_the_lines_outdoes_the_discount_of_today(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "P", .count = 1), LINE("a", "Q", .discount = 0.1)};
    BUILD(PURCHASES(purchases), PRODUCTS(price_list));
    assert_false(shop->discount_is_current);
    assert_int_equal(shop->lines.discounted[0], 0);
    assert_int_equal(shop->lines.discounted[1], 1);
}

/* --- eligibility ------------------------------------------------------------------------------------------------- */

static void assert_list(int32_t user, int slot, const char *const *products, int64_t n)
{
    const int32_t list = shop->users.assortments[3 * user + slot];
    assert_int_not_equal(list, -1);
    const int64_t first = shop->assortment_offsets[list];
    assert_int_equal(shop->assortment_offsets[list + 1] - first, n);
    for (int64_t k = 0; k < n; k++)
        assert_int_equal(shop->assortment_products[first + k], product_of(shop, products[k]));
}

static void lists_of_user_parent_and_price_list_stay_apart(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("x", "B", "2020-01-01"), LINE("y", "A", "2020-01-01")};
    static const user_case users[] = {USER("x", .parent = "G", .price_list = "x"), USER("y", .parent = "x")};
    static const eligibility_case eligibility[] = {{.user = "x", .product = "B"},
                                                   {.user = "x", .product = "A"},
                                                   {.parent = "x", .product = "B"},
                                                   {.price_list = "x", .product = "C"}};
    BUILD(PURCHASES(purchases), USERS(users), ELIGIBILITY(eligibility));
    const int32_t x = user_of(shop, "x"), y = user_of(shop, "y");
    assert_int_equal(shop->n_assortments, 3);
    assert_list(x, 0, (const char *const[]){"A", "B"}, 2); /* rising, whatever the order in the file */
    assert_int_equal(shop->users.assortments[3 * x + 1], -1);
    assert_list(x, 2, (const char *const[]){"C"}, 1);
    assert_int_equal(shop->users.assortments[3 * y], -1);
    assert_list(y, 1, (const char *const[]){"B"}, 1);
    assert_int_equal(shop->users.assortments[3 * y + 2], -1);
}

static void without_an_eligibility_table_nobody_has_lists(void **state)
{
    (void)state;
    BUILD(PURCHASES(priced));
    assert_null(shop->users.assortments);
    assert_int_equal(shop->n_assortments, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(warm_ids_come_first_and_each_part_is_in_bytewise_order),
        TEST(who_returned_everything_is_cold),
        TEST(a_shop_without_a_purchase_left_is_refused),
        TEST(lines_stand_by_user_product_and_order),
        TEST(a_simple_shop_carries_counts_and_no_time),
        TEST(first_sold_is_the_earliest_line_that_stayed),
        TEST(unmatched_returns_and_unlisted_products_are_counted),
        TEST(dislikes_are_kept_for_what_others_buy),
        TEST(a_product_has_one_buyer_per_parent),
        TEST(a_user_may_be_the_parent_of_others),
        TEST(segments_are_coded_for_every_user),
        TEST(category_paths_are_written_one_way_and_have_their_ancestors),
        TEST(with_a_given_date_a_price_is_the_last_one_paid_and_the_rest_is_silent),
        TEST(without_a_given_date_the_products_own_values_hold),
        TEST(a_simple_shops_lines_are_discounted_if_their_product_is_now),
        TEST(a_discount_column_of_the_lines_outdoes_the_discount_of_today),
        TEST(lists_of_user_parent_and_price_list_stay_apart),
        TEST(without_an_eligibility_table_nobody_has_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
