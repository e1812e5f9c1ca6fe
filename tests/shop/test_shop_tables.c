/* products.csv, users.csv, who belongs to whom, who may buy what, and the hash over all of it. */
#include "table_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define PURCHASES "user_id,product_id\na,1\nb,9\n"

static int create_with_purchases(void **state)
{
    if (table_fixture_create(state) != 0) return -1;
    write_file(*state, "user_purchases.csv", PURCHASES);
    return 0;
}

static const pv_product_row *product(const table_fixture *fixture, const char *id)
{
    return &fixture->tables->products[product_number(fixture, id)];
}

static const pv_user_row *user(const table_fixture *fixture, const char *id)
{
    return &fixture->tables->users[user_number(fixture, id)];
}

/* Names in order, each followed by a space. */
static void assert_columns(const pv_column *columns, int64_t count, const char *expected)
{
    pv_buffer names = {0};
    for (int64_t i = 0; i < count; i++) pv_buffer_print(&names, "%s ", columns[i].name);
    pv_buffer_append(&names, "", 1);
    assert_string_equal(names.data, expected);
    pv_buffer_deinit(&names);
}

static void assert_segments(const table_fixture *fixture, const char *expected)
{
    pv_buffer names = {0};
    for (int64_t i = 0; i < fixture->tables->n_segment_columns; i++) {
        pv_buffer_append_text(&names, fixture->tables->segment_columns[i]);
        pv_buffer_append_string(&names, " ");
    }
    pv_buffer_append(&names, "", 1);
    assert_string_equal(names.data, expected);
    pv_buffer_deinit(&names);
}

static void products_are_read_column_by_column(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "products.csv",
               "colour,product_id,name,category,price,discount,brand,available_from,stock,pack\n"
               "red,1,Screw,Metal > Screws,1.5,0.1,Fix,2020-01-02,12,100\n"
               ",2,,,,,,,,\n");
    expect_read(fixture);
    const pv_product_row *screw = product(fixture, "1");
    assert_true(screw->listed);
    assert_string_equal(screw->name.data, "Screw");
    assert_string_equal(screw->category.data, "Metal > Screws");
    assert_string_equal(screw->brand.data, "Fix");
    assert_true(screw->price == 1.5 && screw->discount == 0.1 && screw->stock == 12 && screw->pack == 100);
    assert_int_equal(screw->available_from, 1577923200);
    const pv_product_row *bare = product(fixture, "2");
    assert_true(bare->listed);
    assert_null(bare->name.data);
    assert_null(bare->category.data);
    assert_true(isnan(bare->price) && isnan(bare->discount) && isnan(bare->stock) && isnan(bare->pack));
    assert_int_equal(bare->available_from, PV_NO_TIME);
    assert_false(product(fixture, "9")->listed);
    assert_int_equal(fixture->report.products_unlisted, 1);
    assert_columns(fixture->tables->product_columns, fixture->tables->n_product_columns, "colour category brand ");
    assert_string_equal(product_value(fixture, "colour", "1"), "red");
    assert_string_equal(product_value(fixture, "colour", "2"), "");
    assert_string_equal(product_value(fixture, "category", "9"), "");
}

static void mapped_columns_take_their_standard_names(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml",
               "products: {columns: {product_id: SKU, category: Group, price: Net}, decimal: \",\"}\n");
    write_file(fixture, "products.csv", "SKU,Group,Net,price,category,product_id\n1,Tools,\"2,5\",9,other,x\n");
    expect_read(fixture);
    assert_string_equal(product(fixture, "1")->category.data, "Tools");
    assert_true(product(fixture, "1")->price == 2.5);
    assert_columns(fixture->tables->product_columns, fixture->tables->n_product_columns, "category ");
}

static void an_id_may_stand_twice_only_word_for_word(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "products.csv", "product_id,name\n1,a\n2,b\n1,a\n");
    expect_read(fixture);
    write_file(fixture, "products.csv", "product_id,name\n1,a\n2,b\n1,c\n");
    expect_refused(fixture, "products.csv:4: column product_id: \"1\" stands in line 2 with other contents");
    write_file(fixture, "products.csv", "product_id,name\n1,a\n");
    write_file(fixture, "users.csv", "user_id,x,y\na,12,3\na,1,23\n");
    expect_refused(fixture, "users.csv:3: column user_id: \"a\" stands in line 2 with other contents");
}

static void users_have_parents_and_columns(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "users.csv", "parent_id,user_id,country,price_list\nH,a,DE,P1\n,c,FR,P2\n");
    expect_read(fixture);
    assert_string_equal(user(fixture, "a")->parent.data, "H");
    assert_null(user(fixture, "c")->parent.data);
    assert_null(user(fixture, "b")->parent.data);
    assert_true(user(fixture, "c")->listed);
    assert_false(user(fixture, "b")->listed);
    assert_columns(fixture->tables->user_columns, fixture->tables->n_user_columns, "country price_list ");
    assert_string_equal(user_value(fixture, "country", "a"), "DE");
    assert_string_equal(user_value(fixture, "country", "b"), "");
    assert_segments(fixture, "country ");
}

static void the_parent_may_be_any_column(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "users.csv", "user_id,holding,parent_id\na,H,x\nb,H,y\nc,K,y\n");
    write_file(fixture, "shop.yaml", "users: {parent: holding}\n");
    expect_read(fixture);
    assert_string_equal(user(fixture, "a")->parent.data, "H");
    assert_columns(fixture->tables->user_columns, fixture->tables->n_user_columns, "holding ");
    assert_segments(fixture, "");
    write_file(fixture, "shop.yaml", "users: {parent: group}\n");
    expect_refused(fixture, "shop.yaml: parent: users have no column \"group\"");
    write_file(fixture, "user_purchases.csv", "user_id,product_id,corp\na,1,C\n");
    write_file(fixture, "shop.yaml", "users: {from_purchases: {group: corp}, parent: group}\n");
    expect_read(fixture);
    assert_string_equal(user(fixture, "a")->parent.data, "C");
    assert_null(user(fixture, "b")->parent.data);
}

static void segments_are_text_columns_with_few_values(void **state)
{
    table_fixture *fixture = *state;
    pv_buffer text = {0};
    pv_buffer_append_string(&text, "user_id,two,one,numbers,mixed,many,most\n");
    for (int i = 0; i < 201; i++) {
        pv_buffer_print(&text, "u%d,%s,same,%d,%s,v%d,v%d\n", i, i % 2 == 0 ? "x" : "", i % 7, i == 3 ? "none" : "5", i,
                        i % 200);
    }
    pv_buffer_append_string(&text, "z,y,,,,,\n");
    write_bytes(fixture, "users.csv", text.data, text.size);
    pv_buffer_deinit(&text);
    expect_read(fixture);
    assert_segments(fixture, "two mixed most ");
    write_file(fixture, "shop.yaml", "users: {segments: [numbers, one]}\n");
    expect_read(fixture);
    assert_segments(fixture, "numbers one ");
    write_file(fixture, "shop.yaml", "users: {segments: []}\n");
    expect_read(fixture);
    assert_segments(fixture, "");
    write_file(fixture, "shop.yaml", "users: {segments: [none]}\n");
    expect_refused(fixture, "shop.yaml: segments: users have no column \"none\"");
}

/* A value that no user has any more makes no group. */
static void replaced_values_do_not_count_for_segments(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "users: {from_purchases: {country: land}}\n");
    write_file(fixture, "user_purchases.csv", "user_id,product_id,land\na,1,DE\na,1,FR\nb,1,FR\n");
    expect_read(fixture);
    assert_segments(fixture, "");
    write_file(fixture, "user_purchases.csv", "user_id,product_id,land\na,1,DE\na,1,FR\nb,1,DE\n");
    expect_read(fixture);
    assert_segments(fixture, "country ");
}

static void eligibility_names_one_holder_a_row(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "eligibility: {file: contracts.csv}\n");
    write_file(fixture, "contracts.csv", "product_id,price_list,user_id,parent_id\n1,,a,\n9,P,,\n1,,,H\nunknown,,a,\n");
    expect_read(fixture);
    const pv_tables *tables = fixture->tables;
    assert_true(tables->has_eligibility);
    assert_int_equal(tables->n_eligibility, 3);
    assert_int_equal(tables->eligibility[0].kind, PV_ELIGIBLE_USER);
    assert_true(pv_text_equal(tables->eligibility[0].holder, pv_text_of("a")));
    assert_int_equal(tables->eligibility[1].kind, PV_ELIGIBLE_PRICE_LIST);
    assert_int_equal(tables->eligibility[1].product, product_number(fixture, "9"));
    assert_int_equal(tables->eligibility[2].kind, PV_ELIGIBLE_PARENT);
    assert_int_equal(fixture->report.rows_skipped, 1);
    assert_int_equal(pv_interner_find(tables->product_ids, pv_text_of("unknown")), -1);
    write_file(fixture, "contracts.csv", "product_id,user_id,parent_id\n1,a,H\n1,,\n,a,\n");
    fixture->options.max_bad_rows = 1;
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_bad, 3);
    assert_string_equal(fixture->report.first_bad,
                        "contracts.csv:2: names more than one of user, parent and price list");
    write_file(fixture, "contracts.csv", "product_id,who\n1,a\n");
    expect_refused(fixture, "contracts.csv: needs a column user_id, parent_id or price_list");
}

/* --- the hash ---------------------------------------------------------------------------------------------------- */

static void assert_hash_changes(table_fixture *fixture, const char *file, const char *text, bool changes)
{
    char before[33];
    expect_read(fixture);
    memcpy(before, fixture->tables->data_hash, sizeof before);
    assert_int_equal(strlen(before), 32);
    write_file(fixture, file, text);
    expect_read(fixture);
    assert_int_equal(strcmp(before, fixture->tables->data_hash) != 0, changes);
}

static void the_hash_is_of_the_content(void **state)
{
    table_fixture *fixture = *state;
    fixture->options.max_bad_rows = 1;
    assert_hash_changes(fixture, "user_purchases.csv", "user_id,product_id\r\n\"a\",1\r\n\r\nb,\"9\"", false);
    assert_hash_changes(fixture, "user_purchases.csv", "user_id,product_id\na,1\nb\nb,9\n", false);
    assert_hash_changes(fixture, "user_purchases.csv", "user_id,product_id\na,1\nb,8\n", true);
    assert_hash_changes(fixture, "user_purchases.csv", "user_id,product_id\na,1b\n,8\n", true);
    assert_hash_changes(fixture, "user_purchases.csv", "product_id,user_id\na,1\nb,8\n", true);
    assert_hash_changes(fixture, "products.csv", "product_id\n1\n", true);
    assert_hash_changes(fixture, "products.csv", "product_id\n2\n", true);
    assert_hash_changes(fixture, "shop.yaml", "events: {purchase: 2}\n", true);
}

static void the_hash_holds_skipped_rows(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "purchases: {skip: [{column: product_id, matching: \"^9$\"}]}\n");
    assert_hash_changes(fixture, "user_purchases.csv", "user_id,product_id\na,1\nc,9\n", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(products_are_read_column_by_column, create_with_purchases,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(mapped_columns_take_their_standard_names, create_with_purchases,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(an_id_may_stand_twice_only_word_for_word, create_with_purchases,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(users_have_parents_and_columns, create_with_purchases, table_fixture_remove),
        cmocka_unit_test_setup_teardown(the_parent_may_be_any_column, create_with_purchases, table_fixture_remove),
        cmocka_unit_test_setup_teardown(segments_are_text_columns_with_few_values, create_with_purchases,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(replaced_values_do_not_count_for_segments, create_with_purchases,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(eligibility_names_one_holder_a_row, create_with_purchases,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(the_hash_is_of_the_content, create_with_purchases, table_fixture_remove),
        cmocka_unit_test_setup_teardown(the_hash_holds_skipped_rows, create_with_purchases, table_fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
