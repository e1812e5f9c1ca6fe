/* What may be shown: each gate alone, their order, filters, assortments. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "ranker/gates.h"
#include "support/shop_case.h"
#include <string.h>

static built_shop built;
static pv_arena *arena;
static pv_gates gates;

static const purchase_case purchases[] = {LINE("me", "P", "2020-01-01"), LINE("x", "Q", "2020-02-01"),
                                          LINE("x", "Sold", "2020-02-01"), LINE("y", "R", "2020-03-01")};
static const product_case products[] = {
    PRODUCT("P", .category = "Bikes > Road", .brand = "Acme"), PRODUCT("Q", .category = "Bikes", .brand = "Best"),
    PRODUCT("R", .category = "Shoes", .brand = "Acme"),        PRODUCT("Sold", .is_sold_out = true),
    PRODUCT("Soon", .available_from = "2020-02-15"),           PRODUCT("Ghost")};
static const eligibility_case eligibility[] = {
    {.user = "x", .product = "P"}, {.parent = "H", .product = "Q"}, {.price_list = "gold", .product = "R"}};
static const user_case users[] = {USER("x", .parent = "H"), USER("y", .price_list = "gold"), USER("z", .parent = "H")};

static int set_up(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products)};
    built_shop_init(&built, &c);
    arena = pv_arena_create();
    return arena ? 0 : -1;
}

static int set_up_assortments(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products), USERS(users), ELIGIBILITY(eligibility)};
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

/* Gates of a user with its own purchases as of a date. */
static pv_status make_gates(const char *user, const char *as_of, pv_mode mode, const pv_request *request,
                            pv_error *error)
{
    pv_history *history = pv_arena_allocate(arena, 1, sizeof *history);
    const pv_lines no_lines = {0};
    const pv_dislikes no_dislikes = {0};
    const int32_t number = user ? user_of(&built.shop, user) : -1;
    const int64_t date = as_of ? time_of(as_of) : built.shop.as_of;
    const bool is_buyer = number >= 0 && number < built.shop.users.ids.n_warm;
    const pv_status made = is_buyer ? pv_history_of_user(history, &built.shop, number, date, arena, NULL)
                                    : pv_history_make(history, &no_lines, &no_dislikes, date, arena, NULL);
    assert_int_equal(made, PV_OK);
    return pv_gates_make(&gates, &built.shop, history, date, number, mode, request, arena, error);
}

static void ask(const char *user, const char *as_of, pv_mode mode)
{
    const pv_request plain = {.n = 5};
    assert_int_equal(make_gates(user, as_of, mode, &plain, NULL), PV_OK);
}

static const char *gate_of(const char *product)
{
    return pv_gate_name(pv_gates_ask(&gates, product_of(&built.shop, product)));
}

static void a_product_is_known_once_it_was_bought_or_is_available_before_the_date(void **state)
{
    (void)state;
    ask("me", NULL, PV_MODE_MIXED);
    assert_string_equal(gate_of("Q"), "open");
    assert_string_equal(gate_of("Soon"), "open");
    assert_string_equal(gate_of("Ghost"), "not_known_yet");
    ask("me", "2020-02-15", PV_MODE_MIXED); /* before the date, not at it */
    assert_string_equal(gate_of("Soon"), "not_known_yet");
    assert_string_equal(gate_of("Q"), "open");
    ask("me", "2020-02-15T00:00:01", PV_MODE_MIXED);
    assert_string_equal(gate_of("Soon"), "open");
    ask("me", "2020-02-01", PV_MODE_MIXED);
    assert_string_equal(gate_of("Q"), "not_known_yet");
}

static void what_the_customer_bought_itself_is_known(void **state)
{
    (void)state;
    const int32_t product = product_of(&built.shop, "Ghost"), order = 0;
    const int64_t time = built.shop.as_of - 1;
    const pv_lines lines = {1, &product, &order, &time, NULL, NULL, NULL};
    const pv_dislikes none = {0};
    const pv_request plain = {.n = 5};
    pv_history history;
    assert_int_equal(pv_history_make(&history, &lines, &none, built.shop.as_of, arena, NULL), PV_OK);
    assert_int_equal(
        pv_gates_make(&gates, &built.shop, &history, built.shop.as_of, -1, PV_MODE_MIXED, &plain, arena, NULL), PV_OK);
    assert_string_equal(gate_of("Ghost"), "open");
}

static void without_time_what_was_bought_or_announced_is_known(void **state)
{
    (void)state;
    built_shop_deinit(&built);
    static const purchase_case simple[] = {LINE("me", "P", .count = 1)};
    const shop_case c = {PURCHASES(simple), PRODUCTS(products)};
    built_shop_init(&built, &c);
    ask("me", NULL, PV_MODE_MIXED);
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Soon"), "open");
    assert_string_equal(gate_of("Ghost"), "not_known_yet");
}

static void stock_of_zero_hides(void **state)
{
    (void)state;
    ask("me", NULL, PV_MODE_MIXED);
    assert_string_equal(gate_of("Sold"), "out_of_stock");
    assert_string_equal(gate_of("P"), "open"); /* a stock that is not known does not */
}

static void modes_are_filters_on_what_was_bought(void **state)
{
    (void)state;
    ask("me", NULL, PV_MODE_NEW);
    assert_string_equal(gate_of("P"), "bought_before");
    assert_string_equal(gate_of("Q"), "open");
    ask("me", NULL, PV_MODE_REORDER);
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Q"), "never_bought");
    ask("me", "2020-01-01", PV_MODE_NEW); /* nothing is bought before its own time, nor known */
    assert_string_equal(gate_of("P"), "not_known_yet");
}

static void excluded_ids_are_hidden_and_unknown_ones_are_ignored(void **state)
{
    (void)state;
    const pv_text exclude[] = {pv_text_of("Q"), pv_text_of("no such"), pv_text_of("Ghost")};
    const pv_request request = {.n = 5, .exclude = exclude, .n_exclude = 3};
    assert_int_equal(make_gates("me", NULL, PV_MODE_MIXED, &request, NULL), PV_OK);
    assert_string_equal(gate_of("Q"), "excluded");
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Ghost"), "excluded"); /* the first gate that hides is named */
}

#define FILTER(column, value) {{column, sizeof(column) - 1}, {value, sizeof(value) - 1}}
#define ASK_FILTERED(...)                                                                                              \
    do {                                                                                                               \
        const pv_filter filters[] = {__VA_ARGS__};                                                                     \
        const pv_request request = {                                                                                   \
            .n = 5, .filters = filters, .n_filters = (int64_t)(sizeof filters / sizeof *filters)};                     \
        assert_int_equal(make_gates("me", NULL, PV_MODE_MIXED, &request, NULL), PV_OK);                                \
    } while (0)

static void a_category_filter_lets_through_what_lies_below(void **state)
{
    (void)state;
    ASK_FILTERED(FILTER("category", "Bikes"));
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Q"), "open");
    assert_string_equal(gate_of("R"), "filter");
    assert_string_equal(gate_of("Soon"), "filter"); /* has no category */
    ASK_FILTERED(FILTER("category", "Bikes > Road"));
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Q"), "filter");
    ASK_FILTERED(FILTER("category", "Bike"));
    assert_string_equal(gate_of("Q"), "filter");
}

static void two_values_of_one_column_are_either_two_columns_are_both(void **state)
{
    (void)state;
    ASK_FILTERED(FILTER("brand", "Acme"), FILTER("brand", "Best"));
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Q"), "open");
    assert_string_equal(gate_of("Soon"), "filter");
    ASK_FILTERED(FILTER("brand", "Acme"), FILTER("category", "Bikes"));
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Q"), "filter");
    assert_string_equal(gate_of("R"), "filter");
    ASK_FILTERED(FILTER("brand", "Acme"), FILTER("category", "Shoes"), FILTER("category", "Bikes"));
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("R"), "open");
    assert_string_equal(gate_of("Q"), "filter");
}

static void a_value_that_no_product_has_hides_all(void **state)
{
    (void)state;
    ASK_FILTERED(FILTER("brand", "acme"));
    assert_string_equal(gate_of("P"), "filter");
    ASK_FILTERED(FILTER("brand", "Shoes")); /* a value of another column */
    assert_string_equal(gate_of("R"), "filter");
    ASK_FILTERED(FILTER("brand", ""));
    assert_string_equal(gate_of("Soon"), "filter");
}

static void a_column_that_products_do_not_have_is_refused(void **state)
{
    (void)state;
    const pv_filter filters[] = {FILTER("brand", "Acme"), FILTER("colour", "red")};
    const pv_request request = {.n = 5, .filters = filters, .n_filters = 2};
    pv_error error;
    assert_int_equal(make_gates("me", NULL, PV_MODE_MIXED, &request, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/filter");
    assert_string_equal(error.message, "filter: the products have no column \"colour\"");
}

static void gates_are_asked_in_one_order(void **state)
{
    (void)state;
    const pv_text exclude[] = {pv_text_of("Sold")};
    const pv_filter filters[] = {FILTER("brand", "Acme")};
    pv_request request = {.n = 5, .exclude = exclude, .n_exclude = 1, .filters = filters, .n_filters = 1};
    assert_int_equal(make_gates("me", "2020-02-01", PV_MODE_REORDER, &request, NULL), PV_OK);
    assert_string_equal(gate_of("Sold"), "excluded");
    request.n_exclude = 0;
    assert_int_equal(make_gates("me", "2020-02-01", PV_MODE_REORDER, &request, NULL), PV_OK);
    assert_string_equal(gate_of("Sold"), "not_known_yet");
    assert_int_equal(make_gates("me", NULL, PV_MODE_REORDER, &request, NULL), PV_OK);
    assert_string_equal(gate_of("Sold"), "filter");
    request.n_filters = 0;
    assert_int_equal(make_gates("me", NULL, PV_MODE_REORDER, &request, NULL), PV_OK);
    assert_string_equal(gate_of("Sold"), "out_of_stock");
}

static void a_customer_sees_what_any_of_its_lists_names(void **state)
{
    (void)state;
    ask("x", NULL, PV_MODE_MIXED); /* its own list and its parent's */
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("Q"), "open");
    assert_string_equal(gate_of("R"), "not_in_assortment");
    ask("z", NULL, PV_MODE_MIXED); /* its parent's, though it never bought */
    assert_string_equal(gate_of("P"), "not_in_assortment");
    assert_string_equal(gate_of("Q"), "open");
    ask("y", NULL, PV_MODE_MIXED); /* its price list's */
    assert_string_equal(gate_of("R"), "open");
    assert_string_equal(gate_of("Sold"), "not_in_assortment"); /* before the stock */
}

static void without_a_list_everything_is_in_the_assortment(void **state)
{
    (void)state;
    ask("me", NULL, PV_MODE_MIXED);
    assert_string_equal(gate_of("R"), "open");
    ask(NULL, NULL, PV_MODE_MIXED);
    assert_string_equal(gate_of("R"), "open");
}

/* Excluding comes first: it is what was asked for. */
static void what_lies_in_the_cart_is_hidden(void **state)
{
    (void)state;
    const pv_text cart[] = {pv_text_of("Q"), pv_text_of("no such"), pv_text_of("P")}, exclude[] = {pv_text_of("P")};
    const pv_request request = {.n = 5, .cart = cart, .n_cart = 3, .exclude = exclude, .n_exclude = 1};
    assert_int_equal(make_gates("me", NULL, PV_MODE_MIXED, &request, NULL), PV_OK);
    assert_string_equal(gate_of("Q"), "in_cart");
    assert_string_equal(gate_of("P"), "excluded");
    assert_string_equal(gate_of("R"), "open");
}

static void an_assortment_may_be_replaced(void **state)
{
    (void)state;
    const int32_t sold[] = {product_of(&built.shop, "R")};
    ask("x", NULL, PV_MODE_MIXED);
    assert_string_equal(gate_of("P"), "open");
    assert_string_equal(gate_of("R"), "not_in_assortment");
    gates.assortment.products[0] = sold; /* the list of x itself */
    assert_string_equal(gate_of("P"), "not_in_assortment");
    assert_string_equal(gate_of("R"), "open");
    assert_string_equal(gate_of("Q"), "open"); /* of its parent */
    gates.assortment.n_products[0] = 0;        /* a list that names nothing still limits */
    gates.assortment.has_list[1] = false;
    assert_string_equal(gate_of("Q"), "not_in_assortment");
    gates.assortment = pv_assortment_of_user(&built.shop, -1);
    assert_string_equal(gate_of("P"), "open");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_product_is_known_once_it_was_bought_or_is_available_before_the_date),
        TEST(what_the_customer_bought_itself_is_known),
        TEST(without_time_what_was_bought_or_announced_is_known),
        TEST(stock_of_zero_hides),
        TEST(modes_are_filters_on_what_was_bought),
        TEST(excluded_ids_are_hidden_and_unknown_ones_are_ignored),
        TEST(what_lies_in_the_cart_is_hidden),
        TEST(a_category_filter_lets_through_what_lies_below),
        TEST(two_values_of_one_column_are_either_two_columns_are_both),
        TEST(a_value_that_no_product_has_hides_all),
        TEST(a_column_that_products_do_not_have_is_refused),
        TEST(gates_are_asked_in_one_order),
        cmocka_unit_test_setup_teardown(an_assortment_may_be_replaced, set_up_assortments, tear_down),
        cmocka_unit_test_setup_teardown(a_customer_sees_what_any_of_its_lists_names, set_up_assortments, tear_down),
        cmocka_unit_test_setup_teardown(without_a_list_everything_is_in_the_assortment, set_up_assortments, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
