#include "shop/shop_settings.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pv_shop_settings *read_text(const char *yaml)
{
    pv_shop_settings *settings = NULL;
    pv_error error;
    if (pv_shop_settings_read(&settings, pv_text_of(yaml), &error) != PV_OK) fail_msg("%s", error.message);
    return settings;
}

static void assert_refused(const char *yaml, const char *message)
{
    pv_shop_settings *settings = NULL;
    pv_error error;
    assert_int_equal(pv_shop_settings_read(&settings, pv_text_of(yaml), &error), PV_E_INPUT);
    assert_string_equal(error.message, message);
    assert_null(settings);
}

static void assert_text(pv_text text, const char *expected)
{
    assert_true(pv_text_equal(text, pv_text_of(expected)));
}

static void no_text_gives_the_defaults(void **state)
{
    (void)state;
    const char *const empty[] = {"", "# nothing\n", "purchases:\nproducts:\nusers: ~\n", "{}"};
    for (size_t i = 0; i < 4; i++) {
        pv_shop_settings *settings = read_text(empty[i]);
        assert_null(settings->files[PV_TABLE_PURCHASES].file);
        assert_int_equal(settings->files[PV_TABLE_USERS].delimiter, ',');
        assert_int_equal(settings->files[PV_TABLE_PRODUCTS].decimal, '.');
        assert_false(settings->files[PV_TABLE_PURCHASES].is_latin1);
        assert_null(settings->time_format);
        assert_true(isnan(settings->dislike_at));
        assert_true(settings->purchase_weight == 1);
        assert_false(settings->has_segments);
        assert_false(settings->has_eligibility);
        pv_shop_settings_free(settings);
    }
}

static void every_key_of_the_contract_is_read(void **state)
{
    (void)state;
    pv_shop_settings *settings = read_text(
        "purchases: {file: lines.csv, delimiter: \";\", decimal: \",\", encoding: latin1, "
        "time_format: \"%d.%m.%Y %H:%M\",\n"
        "  columns: {user_id: Customer, product_id: SKU, order_id: Invoice, time: Date, unit_price: Price},\n"
        "  skip: [{column: Customer, empty: true}, {column: SKU, not_matching: \"^[0-9]{5}[A-Za-z]*$\"}],\n"
        "  cancelled: {column: Invoice, matching: \"^C\"}, discount_unit: percent, dislike_at: 2}\n"
        "products: {from_purchases: {name: Description, price: Price}}\n"
        "users: {from_purchases: {country: Country, holding: HoldingId}, segments: [country], parent: holding}\n"
        "events: {purchase: 0.5}\n"
        "eligibility: {file: contracts.csv}\n");
    const pv_file_settings *purchases = &settings->files[PV_TABLE_PURCHASES];
    assert_string_equal(purchases->file, "lines.csv");
    assert_int_equal(purchases->delimiter, ';');
    assert_int_equal(purchases->decimal, ',');
    assert_true(purchases->is_latin1);
    assert_string_equal(settings->time_format, "%d.%m.%Y %H:%M");
    assert_int_equal(purchases->columns.count, 5);
    assert_text(purchases->columns.items[1].name, "product_id");
    assert_text(purchases->columns.items[1].column, "SKU");
    assert_int_equal(settings->n_skip, 2);
    assert_int_equal(settings->skip[0].kind, PV_RULE_EMPTY);
    assert_text(settings->skip[1].column, "SKU");
    assert_int_equal(settings->skip[1].kind, PV_RULE_NOT_MATCHING);
    assert_int_equal(settings->cancelled->kind, PV_RULE_MATCHING);
    assert_true(settings->discount_is_percent);
    assert_true(settings->dislike_at == 2);
    assert_text(settings->products_from_purchases.items[1].name, "price");
    assert_text(settings->products_from_purchases.items[1].column, "Price");
    assert_text(settings->users_from_purchases.items[1].name, "holding");
    assert_true(settings->has_segments);
    assert_text(settings->segments[0], "country");
    assert_text(settings->parent, "holding");
    assert_true(settings->purchase_weight == 0.5);
    assert_true(settings->has_eligibility);
    assert_string_equal(settings->files[PV_TABLE_ELIGIBILITY].file, "contracts.csv");
    pv_shop_settings_free(settings);
}

static void unknown_keys_are_named_with_line_and_column(void **state)
{
    (void)state;
    assert_refused("purchase: {file: a.csv}\n",
                   "shop.yaml:1:1: unknown key \"purchase\" (known here: purchases, products, "
                   "users, events, eligibility)");
    assert_refused(
        "purchases:\n  file: a.csv\n  delimeter: \";\"\n",
        "shop.yaml:3:3: unknown key \"delimeter\" (known here: file, delimiter, decimal, encoding, time_format, "
        "columns, skip, cancelled, discount_unit, dislike_at)");
    assert_refused("users: {columns: {user: Customer}}\n",
                   "shop.yaml:1:19: unknown key \"user\" (known here: user_id, parent_id, price_list)");
    assert_refused("events: {view: 0.1}\n", "shop.yaml:1:10: unknown key \"view\" (known here: purchase)");
    assert_refused("products: {skip: []}\n",
                   "shop.yaml:1:12: unknown key \"skip\" (known here: file, delimiter, decimal, "
                   "encoding, columns, from_purchases)");
    assert_refused("users: {parent: a, parent: b}\n", "shop.yaml:1:20: key \"parent\" stands twice");
}

static void values_out_of_place_are_named(void **state)
{
    (void)state;
    assert_refused("purchases: {delimiter: \";;\"}\n",
                   "shop.yaml:1:24: a delimiter is one ASCII character, and neither a "
                   "quote nor a line break");
    assert_refused("purchases: {decimal: \";\"}\n", "shop.yaml:1:22: decimal is \".\" or \",\"");
    assert_refused("purchases: {encoding: utf16}\n", "shop.yaml:1:23: encoding is utf-8 or latin1");
    assert_refused("purchases: {discount_unit: cents}\n", "shop.yaml:1:28: discount_unit is fraction or percent");
    assert_refused("purchases: {dislike_at: two}\n", "shop.yaml:1:25: \"two\" is no number");
    assert_refused("purchases: {dislike_at: .nan}\n", "shop.yaml:1:25: \".nan\" is no number");
    assert_refused("events: {purchase: -1}\n", "shop.yaml:1:20: a weight must not be negative");
    assert_refused("purchases: [1]\n", "shop.yaml:1:12: `key: value` pairs were expected here");
    assert_refused("users: {segments: country}\n", "shop.yaml:1:19: a list of columns was expected here");
    assert_refused("users: {segments: [a, a]}\n", "shop.yaml:1:23: the segment stands twice");
    assert_refused("users: {parent: }\n", "shop.yaml:1:17: a text was expected here");
    assert_refused("users: {parent: \"a\\0b\"}\n", "shop.yaml:1:17: a text without NUL was expected here");
    assert_refused("eligibility: {}\n", "shop.yaml:1:14: eligibility names no file");
    assert_refused("products: {from_purchases: {product_id: A}}\n", "shop.yaml:1:29: product_id is the id itself");
}

static void rules_are_a_column_and_one_test(void **state)
{
    (void)state;
    assert_refused("purchases: {skip: [{empty: true}]}\n", "shop.yaml:1:20: the rule names no column");
    assert_refused("purchases: {skip: [{column: A}]}\n", "shop.yaml:1:20: a rule is a column and one test");
    assert_refused("purchases: {skip: [{column: A, empty: false}]}\n", "shop.yaml:1:39: empty can only be true");
    assert_refused("purchases: {skip: [{column: A, matching: a, not_matching: b}]}\n",
                   "shop.yaml:1:59: a rule has one test, this is the second");
    assert_refused("purchases: {skip: [{column: A, empty: true, matching: b}]}\n",
                   "shop.yaml:1:20: a rule is a column and one test");
    assert_refused("purchases: {cancelled: {column: A, empty: true}}\n",
                   "shop.yaml:1:36: unknown key \"empty\" (known here: column, matching)");
    assert_refused("purchases: {cancelled: {column: A, matching: \"(\"}}\n",
                   "shop.yaml:1:46: \"(\" is no regular expression: Unmatched ( or \\(");
}

static void paths_stay_inside_the_folder(void **state)
{
    (void)state;
    assert_refused("users: {file: /etc/passwd}\n", "shop.yaml:1:15: the path must be relative to the shop's folder");
    const char *const outside[] = {"..", "../a.csv", "a/../../b.csv", "a/..", "a/../b.csv"};
    for (size_t i = 0; i < 5; i++) {
        char yaml[64];
        snprintf(yaml, sizeof yaml, "users: {file: %s}\n", outside[i]);
        assert_refused(yaml, "shop.yaml:1:15: the path must stay inside the shop's folder");
    }
    pv_shop_settings *settings = read_text("users: {file: \"data/..a/b..csv\"}\n");
    assert_string_equal(settings->files[PV_TABLE_USERS].file, "data/..a/b..csv");
    pv_shop_settings_free(settings);
}

static void what_is_no_yaml_is_refused(void **state)
{
    (void)state;
    assert_refused("users: [\n", "shop.yaml:2:1: did not find expected node content");
    assert_refused("a: b: c\n", "shop.yaml:1:5: mapping values are not allowed in this context");
    assert_refused("users: {}\n---\nusers: {}\n", "shop.yaml:3:1: a second document");
    assert_refused("users: {}\n--- [\n", "shop.yaml:3:1: did not find expected node content");
    assert_refused("just a text\n", "shop.yaml:1:1: `key: value` pairs were expected here");
    assert_refused("? [a]\n: b\n", "shop.yaml:1:3: a key must be a text");
}

static void patterns_match_bytes_and_remember(void **state)
{
    (void)state;
    pv_text_pattern *pattern = NULL;
    bool matches = false;
    assert_int_equal(pv_text_pattern_create(&pattern, "^C[0-9]+$", NULL), PV_OK);
    const struct {
        const char *text;
        bool matches;
    } cases[] = {{"C12", true}, {"C", false},  {"c12", false}, {"C12", true},
                 {"", false},   {"C12", true}, {"xC12", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(pv_text_pattern_match(&matches, pattern, pv_text_of(cases[i].text), NULL), PV_OK);
        assert_int_equal(matches, cases[i].matches);
    }
    pv_text_pattern_free(pattern);
}

static void assert_pattern(const char *expression, const char *cause)
{
    pv_text_pattern *pattern = NULL;
    pv_error error;
    char message[512];
    pv_status status = pv_text_pattern_create(&pattern, expression, &error);
    if (cause == NULL && status != PV_OK) fail_msg("%s", error.message);
    if (cause != NULL) {
        snprintf(message, sizeof message, "\"%s\" is not taken as a regular expression: %s", expression, cause);
        assert_int_equal(status, PV_E_INPUT);
        assert_string_equal(error.message, message);
    }
    pv_text_pattern_free(pattern);
}

/* Some short expressions would take the C library years. */
static void patterns_that_could_take_long_are_refused(void **state)
{
    (void)state;
    assert_pattern("a**", "a repetition is repeated");
    assert_pattern("[0-9]{5}*", "a repetition is repeated");
    assert_pattern("a{2}{3}", "a repetition is repeated");
    assert_pattern("a{1001}", "it is too large");
    assert_pattern("a{1,1001}", "it is too large");
    assert_pattern("(a{100}){100}", "it is too large");
    assert_pattern("((a{20}){20}){20}", "it is too large");
    assert_pattern("a{99999999999999999999999}", "it is too large");
    assert_pattern("(((((((((((((((((a)))))))))))))))))", "groups are nested too deep");
    assert_pattern("((((((((((((((((a))))))))))))))))", NULL);
    assert_pattern("^[0-9]{5}[A-Za-z]*$", NULL);
    assert_pattern("^([A-Z]{2}-)?[0-9]{4,8}(/[0-9]+)*$", NULL);
    assert_pattern("[*+?]*\\**", NULL);
    assert_pattern("[]*]+[^]*]*[[:alpha:]*]*", NULL);
    assert_pattern("(a{30}){30}", NULL);
}

/* More distinct texts than are remembered. */
static void patterns_match_when_their_memory_is_full(void **state)
{
    (void)state;
    pv_text_pattern *pattern = NULL;
    bool matches = false;
    assert_int_equal(pv_text_pattern_create(&pattern, "7$", NULL), PV_OK);
    for (int i = 0; i < 70000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(pv_text_pattern_match(&matches, pattern, pv_text_of(text), NULL), PV_OK);
        assert_int_equal(matches, i % 10 == 7);
    }
    pv_text_pattern_free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_gives_the_defaults),
        cmocka_unit_test(every_key_of_the_contract_is_read),
        cmocka_unit_test(unknown_keys_are_named_with_line_and_column),
        cmocka_unit_test(values_out_of_place_are_named),
        cmocka_unit_test(rules_are_a_column_and_one_test),
        cmocka_unit_test(paths_stay_inside_the_folder),
        cmocka_unit_test(what_is_no_yaml_is_refused),
        cmocka_unit_test(patterns_match_bytes_and_remember),
        cmocka_unit_test(patterns_that_could_take_long_are_refused),
        cmocka_unit_test(patterns_match_when_their_memory_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
