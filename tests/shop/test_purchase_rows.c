/* What the rows of user_purchases.csv come to: skipped, later, zero, cancelled, returned, kept, and what they tell. */
#include "table_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pv_purchase_row purchase(const table_fixture *fixture, int64_t index)
{
    assert_in_range(index, 0, fixture->tables->purchases.n - 1);
    return pv_purchase_table_row(&fixture->tables->purchases, index);
}

static const pv_product_row *product(const table_fixture *fixture, const char *id)
{
    return &fixture->tables->products[product_number(fixture, id)];
}

static void assert_has(const table_fixture *fixture, bool has_user, const char *id)
{
    const pv_interner *ids = has_user ? fixture->tables->user_ids : fixture->tables->product_ids;
    if (pv_interner_find(ids, pv_text_of(id)) < 0) fail_msg("no id %s", id);
}

static void two_columns_are_enough(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv", "product_id,user_id\n007,b\n7,a\n007,a\n");
    expect_read(fixture);
    const pv_tables *tables = fixture->tables;
    assert_int_equal(tables->purchases.n, 3);
    assert_int_equal(product_number(fixture, "007"), 0);
    assert_int_equal(user_number(fixture, "a"), 1);
    assert_int_equal(purchase(fixture, 2).user, 1);
    assert_int_equal(purchase(fixture, 2).product, 0);
    assert_int_equal(purchase(fixture, 2).time, PV_NO_TIME);
    assert_int_equal(purchase(fixture, 2).order, -1);
    assert_true(isnan(purchase(fixture, 2).quantity) && isnan(purchase(fixture, 2).discount));
    assert_true(fixture->tables->purchase_weight == 1);
    assert_false(tables->has_time || tables->has_order || tables->has_quantity || tables->has_purchase_count ||
                 tables->has_discount || tables->has_unit_price || tables->has_rating || tables->has_eligibility);
    assert_int_equal(tables->last_time, PV_NO_TIME);
    assert_int_equal(tables->n_product_columns, 0);
    assert_int_equal(fixture->report.rows_read, 3);
    assert_int_equal(fixture->report.products_unlisted, 0);
}

static void every_column_is_read(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,purchase_count,quantity,time,unit_price,discount,order_id,rating,colour\n"
               "a,1,2,3.5,2020-01-02T03:04:05Z,1e2,0.25,o1,4,red\n"
               "a,2,,,2020-01-02,,,,,\n");
    expect_read(fixture);
    pv_purchase_row row = purchase(fixture, 0);
    assert_true(row.purchase_count == 2 && row.quantity == 3.5 && product(fixture, "1")->last_unit_price == 100 &&
                row.discount == 0.25 && row.rating == 4);
    assert_int_equal(row.time, 1577934245);
    assert_int_equal(row.order, 0);
    assert_false(row.cancelled);
    row = purchase(fixture, 1);
    assert_true(isnan(row.purchase_count) && isnan(row.quantity) && isnan(product(fixture, "2")->last_unit_price) &&
                isnan(row.rating));
    assert_int_equal(row.order, -1);
    assert_int_equal(fixture->tables->last_time, 1577934245);
    assert_true(fixture->tables->has_time && fixture->tables->has_order && fixture->tables->has_rating);
    assert_true(fixture->report.rating_unused);
    write_file(fixture, "shop.yaml", "purchases: {dislike_at: 2}\nevents: {purchase: 3}\n");
    expect_read(fixture);
    assert_false(fixture->report.rating_unused);
    assert_true(fixture->tables->dislike_at == 2);
    assert_true(fixture->tables->purchase_weight == 3);
}

static void skipped_rows_are_counted_and_never_bad(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml",
               "purchases: {skip: [{column: user_id, empty: true}, {column: product_id, not_matching: "
               "\"^[0-9]+$\"}, {column: note, matching: test}]}\n");
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,note,quantity\n,1,,x\n a ,1,,1\nb,P1,,x\nc,2,a test,1\n"
               "\"  \",1,,1\nd,3,tes t,1\n");
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_skipped, 4);
    assert_int_equal(fixture->report.rows_bad, 0);
    assert_int_equal(fixture->tables->purchases.n, 2);
    assert_int_equal(pv_interner_count(fixture->tables->user_ids), 2);
    assert_has(fixture, true, " a ");
    assert_has(fixture, true, "d");
}

static void zero_is_no_purchase_and_returns_are_kept_apart(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,quantity,purchase_count\na,1,0,\na,2,,0\na,3,-2,\na,4,5,-1\n"
               "a,5,-3,2\na,6,-0,1\na,7,1,1\n");
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_zero, 3);
    assert_int_equal(fixture->report.rows_returned, 3);
    assert_int_equal(fixture->tables->purchases.n, 4);
    assert_true(purchase(fixture, 0).quantity == -2);
    assert_int_equal(pv_interner_find(fixture->tables->product_ids, pv_text_of("1")), -1);
    fixture->options.keep_negative_count = true; /* of these only the negative quantities remain returns */
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_returned, 2);
    assert_int_equal(fixture->tables->purchases.n, 4);
}

static void cancelled_rows_are_marked(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "purchases: {cancelled: {column: order_id, matching: \"^C\"}}\n");
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,quantity,order_id\na,1,2,o1\na,1,-2,C2\na,1,3,C3\na,1,-1,o4\n"
               "a,1,0,C5\n");
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_cancelled, 2);
    assert_int_equal(fixture->report.rows_returned, 1);
    assert_int_equal(fixture->report.rows_zero, 1);
    assert_false(purchase(fixture, 0).cancelled);
    assert_true(purchase(fixture, 1).cancelled);
    assert_true(purchase(fixture, 2).cancelled);
    assert_false(purchase(fixture, 3).cancelled);
}

/* Strictly before the date is known; what is not known leaves nothing behind. */
static void later_rows_leave_no_trace(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "products: {from_purchases: {name: title}}\n");
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,time,order_id,unit_price,title\n"
               "a,1,2020-01-01 12:00:00,o1,5,first\n"
               "b,2,2020-01-02,o2,6,second\n"
               "a,1,2020-01-03,o3,7,third\n"
               "a,1,2020-01-01 23:59:59,o1,4,known\n");
    char whole_hash[33];
    expect_read(fixture);
    memcpy(whole_hash, fixture->tables->data_hash, sizeof whole_hash);
    assert_true(product(fixture, "1")->last_unit_price == 7);
    fixture->options.as_of = 1577923200; /* 2020-01-02 00:00:00 */
    expect_read(fixture);
    const pv_tables *tables = fixture->tables;
    assert_int_equal(tables->purchases.n, 2);
    assert_int_equal(fixture->report.rows_later, 2);
    assert_int_equal(tables->last_time, 1577923199);
    assert_int_equal(pv_interner_count(tables->user_ids), 1);
    assert_int_equal(pv_interner_count(tables->product_ids), 1);
    assert_int_equal(pv_interner_count(tables->order_ids), 1);
    assert_true(product(fixture, "1")->last_unit_price == 4);
    assert_string_equal(product(fixture, "1")->name.data, "known");
    assert_string_equal(tables->data_hash, whole_hash);
}

static void ids_of_the_other_tables_are_known_whatever_the_date(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv", "user_id,product_id,time\na,1,2020-01-01\n");
    write_file(fixture, "products.csv", "product_id\n2\n");
    write_file(fixture, "users.csv", "user_id\nb\n");
    fixture->options.as_of = 0;
    expect_read(fixture);
    assert_int_equal(fixture->tables->purchases.n, 0);
    assert_int_equal(pv_interner_count(fixture->tables->user_ids), 1);
    assert_int_equal(pv_interner_count(fixture->tables->product_ids), 1);
    assert_has(fixture, true, "b");
    assert_has(fixture, false, "2");
    assert_true(fixture->tables->products[0].listed && fixture->tables->users[0].listed);
}

static void the_last_value_by_time_wins(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml",
               "purchases: {cancelled: {column: order_id, matching: \"^C\"}}\n"
               "products: {from_purchases: {name: title, price: cost, category: group, colour: colour}}\n"
               "users: {from_purchases: {country: land}}\n");
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,time,order_id,quantity,title,cost,group,colour,land\n"
               "a,1,2020-01-03,o1,1,late,3,tools,red,FR\n"
               "a,1,2020-01-01,o2,1,early,1,toys,blue,DE\n"
               "a,1,2020-01-03,o3,1,same time,,,green,\n"
               "a,1,2020-01-04,C4,-1,cancelled,9,x,x,x\n"
               "a,1,2020-01-05,o5,-1,returned,9,x,x,x\n"
               "b,2,2020-01-05,o5,1,,-4,,,\n");
    expect_read(fixture);
    assert_string_equal(product(fixture, "1")->name.data, "same time");
    assert_true(product(fixture, "1")->price == 3);
    assert_string_equal(product(fixture, "1")->category.data, "tools");
    assert_string_equal(product_value(fixture, "colour", "1"), "green");
    assert_string_equal(user_value(fixture, "country", "a"), "FR");
    assert_string_equal(user_value(fixture, "country", "b"), "");
    assert_null(product(fixture, "2")->name.data);
    assert_true(product(fixture, "2")->price == -4);
    assert_true(isnan(product(fixture, "2")->last_unit_price));
    assert_false(product(fixture, "1")->listed);
}

static void without_time_the_last_row_of_the_file_wins(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "products: {from_purchases: {name: title}}\n");
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,title,unit_price\na,1,first,1\nb,1,second,2\nc,1,,\n");
    expect_read(fixture);
    assert_string_equal(product(fixture, "1")->name.data, "second");
    assert_true(product(fixture, "1")->last_unit_price == 2);
}

static void a_number_from_purchases_must_be_one(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "products: {from_purchases: {price: cost}}\n");
    write_file(fixture, "user_purchases.csv", "user_id,product_id,cost\na,1,1\na,1,dear\n");
    fixture->options.max_bad_rows = 1;
    expect_read(fixture);
    assert_string_equal(fixture->report.first_bad, "user_purchases.csv:3: column cost: \"dear\" is no number");
}

static void products_csv_wins_over_purchases(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "products: {from_purchases: {name: title, price: unit_price}}\n");
    write_file(fixture, "user_purchases.csv",
               "user_id,product_id,time,title,unit_price\na,1,2020-01-01,sold as,5\na,2,2020-01-01,two,6\n");
    write_file(fixture, "products.csv", "product_id,name,price\n1,listed as,\n2,,8\n3,,\n");
    expect_read(fixture);
    assert_string_equal(product(fixture, "1")->name.data, "listed as");
    assert_true(product(fixture, "1")->price == 5);
    assert_string_equal(product(fixture, "2")->name.data, "two");
    assert_true(product(fixture, "2")->price == 8);
    assert_true(isnan(product(fixture, "3")->price));
}

static void german_files_are_read(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml",
               "purchases: {file: zeilen.csv, delimiter: \";\", decimal: \",\", encoding: latin1,\n"
               "  time_format: \"%d.%m.%Y %H:%M\", discount_unit: percent,\n"
               "  columns: {user_id: Kunde, product_id: Artikel, time: Datum, unit_price: Preis, discount: Rabatt}}\n");
    write_file(fixture, "zeilen.csv",
               "Kunde;Artikel;Datum;Preis;Rabatt\nM\xfcller;\"\xc4 1\";09.12.2010 20:01;12,75;15\n");
    expect_read(fixture);
    pv_purchase_row row = purchase(fixture, 0);
    assert_has(fixture, true, "M\xc3\xbcller");
    assert_has(fixture, false, "\xc3\x84 1");
    assert_int_equal(row.time, 1291924860);
    assert_true(product(fixture, "\xc3\x84 1")->last_unit_price == 12.75 && row.discount == 0.15);
    write_file(fixture, "zeilen.csv",
               "Kunde;Artikel;Datum;Preis;Rabatt\nM;1;2010-12-09;1;1\nM;1;09.12.2010 20:01;1.5;1\n"
               "M;1;09.12.2010 20:01;1.234,5;1\nM;1;09.12.2010 20:01;1;101\n");
    fixture->options.max_bad_rows = 1;
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_bad, 4);
    assert_string_equal(fixture->report.first_bad,
                        "zeilen.csv:2: column Datum: \"2010-12-09\" is no date (expected %d.%m.%Y %H:%M)");
    char *rejects = scratch_read(fixture->rejects_path, NULL);
    assert_non_null(strstr(rejects, "zeilen.csv,3,Preis,\"\"\"1.5\"\" is no number\""));
    assert_non_null(strstr(rejects, "zeilen.csv,4,Preis,\"\"\"1.234,5\"\" is no number\""));
    assert_non_null(strstr(rejects, "zeilen.csv,5,Rabatt,\"\"\"101\"\" is out of range (0 to 100)\""));
    free(rejects);
}

static void a_mapped_column_wins_and_counts_once(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "shop.yaml", "purchases: {columns: {quantity: pieces, purchase_count: quantity}}\n");
    write_file(fixture, "user_purchases.csv", "user_id,product_id,quantity,pieces,purchase_count\na,1,2,24,7\n");
    expect_read(fixture);
    assert_true(purchase(fixture, 0).quantity == 24);
    assert_true(purchase(fixture, 0).purchase_count == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_columns_are_enough, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(every_column_is_read, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(skipped_rows_are_counted_and_never_bad, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(zero_is_no_purchase_and_returns_are_kept_apart, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(cancelled_rows_are_marked, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(later_rows_leave_no_trace, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(ids_of_the_other_tables_are_known_whatever_the_date, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(the_last_value_by_time_wins, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(without_time_the_last_row_of_the_file_wins, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_number_from_purchases_must_be_one, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(products_csv_wins_over_purchases, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(german_files_are_read, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_mapped_column_wins_and_counts_once, table_fixture_create,
                                        table_fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
