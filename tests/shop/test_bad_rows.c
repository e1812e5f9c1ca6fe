/* Every kind of row that is not understood, the file it goes to, and how many are too many. */
#include "table_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* One bad row with this message; what else the file holds is fine. */
static void assert_bad(table_fixture *fixture, const char *purchases, const char *message)
{
    write_file(fixture, "user_purchases.csv", purchases);
    fixture->options.max_bad_rows = 0.5;
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_bad, 1);
    assert_string_equal(fixture->report.first_bad, message);
}

static void empty_ids_are_bad(void **state)
{
    assert_bad(*state, "user_id,product_id\na,1\n,2\n", "user_purchases.csv:3: column user_id: empty id");
    assert_bad(*state, "user_id,product_id\na,1\na,\n", "user_purchases.csv:3: column product_id: empty id");
    assert_bad(*state, "user_id,product_id\na,1\n\"  \",2\n", "user_purchases.csv:3: column user_id: empty id");
}

static void numbers_that_are_none_are_bad(void **state)
{
    assert_bad(*state, "user_id,product_id,quantity\na,1,1\na,2,two\n",
               "user_purchases.csv:3: column quantity: \"two\" is no number");
    assert_bad(*state, "user_id,product_id,quantity\na,1,1\na,2,nan\n",
               "user_purchases.csv:3: column quantity: \"nan\" is no number");
    assert_bad(*state, "user_id,product_id,purchase_count\na,1,1\na,2,0x10\n",
               "user_purchases.csv:3: column purchase_count: \"0x10\" is no number");
    assert_bad(*state, "user_id,product_id,unit_price\na,1,1\na,2,inf\n",
               "user_purchases.csv:3: column unit_price: \"inf\" is no number");
    assert_bad(*state, "user_id,product_id,unit_price\na,1,1\na,2,\"1,50\"\n",
               "user_purchases.csv:3: column unit_price: \"1,50\" is no number");
}

static void numbers_out_of_range_are_bad(void **state)
{
    assert_bad(*state, "user_id,product_id,quantity\na,1,-1e9\na,2,1000000001\n",
               "user_purchases.csv:3: column quantity: \"1000000001\" is out of range (|x| <= 1e9)");
    assert_bad(*state, "user_id,product_id,purchase_count\na,1,1e9\na,2,-1e10\n",
               "user_purchases.csv:3: column purchase_count: \"-1e10\" is out of range (|x| <= 1e9)");
    assert_bad(*state, "user_id,product_id,quantity\na,1,1\na,2,1e999\n",
               "user_purchases.csv:3: column quantity: \"1e999\" is out of range (|x| <= 1e9)");
    assert_bad(*state, "user_id,product_id,discount\na,1,1\na,2,1.01\n",
               "user_purchases.csv:3: column discount: \"1.01\" is out of range (0 to 1)");
    assert_bad(*state, "user_id,product_id,discount\na,1,0\na,2,-0.1\n",
               "user_purchases.csv:3: column discount: \"-0.1\" is out of range (0 to 1)");
    assert_bad(*state, "user_id,product_id,unit_price\na,1,-1e12\na,2,1e13\n",
               "user_purchases.csv:3: column unit_price: \"1e13\" is out of range (|x| <= 1e12)");
    assert_bad(*state, "user_id,product_id,rating\na,1,-3\na,2,1e999\n",
               "user_purchases.csv:3: column rating: \"1e999\" is out of range (a finite number)");
}

static void dates_that_are_none_are_bad(void **state)
{
    assert_bad(*state, "user_id,product_id,time\na,1,2020-12-01\na,2,2020-13-01\n",
               "user_purchases.csv:3: column time: \"2020-13-01\" is no date (expected YYYY-MM-DD or ISO 8601)");
    assert_bad(*state, "user_id,product_id,time\na,1,1900-01-01\na,2,1899-12-31\n",
               "user_purchases.csv:3: column time: \"1899-12-31\" is no date (expected YYYY-MM-DD or ISO 8601)");
    assert_bad(*state, "user_id,product_id,time\na,1,2020-12-01\na,2,\n",
               "user_purchases.csv:3: column time: empty, every row needs a time when there is such a column");
    assert_bad(*state, "user_id,product_id,time\na,1,2020-12-01\na,2,2200-01-01\n",
               "user_purchases.csv:3: column time: \"2200-01-01\" is after tomorrow");
}

static void tomorrow_is_still_a_date(void **state)
{
    table_fixture *fixture = *state;
    char day[PV_TIMESTAMP_SIZE], after[PV_TIMESTAMP_SIZE], text[256];
    int64_t today = pv_clock_now() / PV_SECONDS_PER_DAY * PV_SECONDS_PER_DAY;
    pv_date_print(day, today + PV_SECONDS_PER_DAY);
    pv_date_print(after, today + 3 * PV_SECONDS_PER_DAY);
    snprintf(text, sizeof text, "user_id,product_id,time\na,1,%sT23:00:00\nb,1,%s\n", day, after);
    write_file(fixture, "user_purchases.csv", text);
    fixture->options.max_bad_rows = 1;
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_bad, 1);
    assert_int_equal(fixture->tables->purchases.n, 1);
    fixture->options.as_of = today; /* known later, not bad */
    expect_read(fixture);
    assert_int_equal(fixture->report.rows_bad, 0);
    assert_int_equal(fixture->report.rows_later, 2);
}

static void rows_of_another_form_are_bad(void **state)
{
    table_fixture *fixture = *state;
    assert_bad(fixture, "user_id,product_id\na,1\na\n", "user_purchases.csv:3: 1 field, the header has 2");
    assert_bad(fixture, "user_id,product_id\na,1\na,1,1\n", "user_purchases.csv:3: 3 fields, the header has 2");
    assert_bad(fixture, "user_id,product_id\na,1\n\xff,1\n",
               "user_purchases.csv:3: column user_id: invalid UTF-8 (is the file latin1?)");
    const char with_nul[] = "user_id,product_id\na,1\n\na,1\0\n";
    write_bytes(fixture, "user_purchases.csv", with_nul, sizeof with_nul - 1);
    expect_read(fixture);
    assert_string_equal(fixture->report.first_bad, "user_purchases.csv:4: column product_id: NUL byte");
}

static void rows_are_named_by_the_line_where_they_start(void **state)
{
    assert_bad(*state, "user_id,product_id,note,quantity\na,1,\"two\nlines\",1\n\na,1,\"three\n\nlines\",x\n",
               "user_purchases.csv:5: column quantity: \"x\" is no number");
}

static void values_in_messages_are_cut_and_cleaned(void **state)
{
    assert_bad(*state, "user_id,product_id,quantity\na,1,1\na,2,\"new\nline\"\n",
               "user_purchases.csv:3: column quantity: \"new?line\" is no number");
    assert_bad(
        *state,
        "user_id,product_id,quantity\na,1,1\n"
        "a,2,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        "user_purchases.csv:3: column quantity: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\""
        " is no number");
}

static void products_and_users_have_bad_rows_too(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "products.csv",
               "product_id,price,discount,stock,available_from\n1,2,0.1,-3,2020-01-01\n2,-1,,,\n"
               "3,,2,,\n4,,,many,\n5,,,,soon\n,,,,\n7,,,,\n");
    write_file(fixture, "users.csv", "user_id,parent_id\na,x\n ,y\n");
    write_file(fixture, "user_purchases.csv", "user_id,product_id\na,1\n");
    fixture->options.max_bad_rows = 1;
    expect_read(fixture);
    char *rejects = scratch_read(fixture->rejects_path, NULL);
    assert_string_equal(rejects, "file,line,column,cause,row\n"
                                 "products.csv,3,price,\"\"\"-1\"\" is out of range (0 to 1e12)\",\"2,-1,,,\"\n"
                                 "products.csv,4,discount,\"\"\"2\"\" is out of range (0 to 1)\",\"3,,2,,\"\n"
                                 "products.csv,5,stock,\"\"\"many\"\" is no number\",\"4,,,many,\"\n"
                                 "products.csv,6,available_from,\"\"\"soon\"\" is no date (expected YYYY-MM-DD or ISO "
                                 "8601)\",\"5,,,,soon\"\n"
                                 "products.csv,7,product_id,empty id,\",,,,\"\n"
                                 "users.csv,3,user_id,empty id,\" ,y\"\n");
    free(rejects);
    assert_int_equal(fixture->report.rows_bad, 6);
    assert_int_equal(fixture->report.rows_read, 10);
    assert_int_equal(pv_interner_find(fixture->tables->product_ids, pv_text_of("2")), -1);
    assert_true(fixture->tables->products[product_number(fixture, "1")].stock == -3);
}

static void rejects_hold_the_row_as_csv(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv", "user_id,product_id,quantity\na,1,1\n\"a, \"\"b\"\"\",\"2\n3\",x\nb\n");
    fixture->options.max_bad_rows = 1;
    expect_read(fixture);
    char *rejects = scratch_read(fixture->rejects_path, NULL);
    assert_string_equal(rejects, "file,line,column,cause,row\n"
                                 "user_purchases.csv,3,quantity,\"\"\"x\"\" is no number\","
                                 "\"\"\"a, \"\"\"\"b\"\"\"\"\"\",\"\"2\n3\"\",x\"\n"
                                 "user_purchases.csv,5,,\"1 field, the header has 3\",\"b\"\n");
    free(rejects);
}

static void rejects_of_an_earlier_run_are_removed(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "rejects.csv", "old");
    write_file(fixture, "user_purchases.csv", "user_id,product_id\na,1\n");
    expect_read(fixture);
    assert_null(scratch_read(fixture->rejects_path, NULL));
}

static void more_than_the_limit_stops_and_the_rejects_are_kept(void **state)
{
    table_fixture *fixture = *state;
    pv_buffer text = {0};
    pv_buffer_append_string(&text, "user_id,product_id,time\n");
    for (int i = 0; i < 98; i++) pv_buffer_append_string(&text, "a,1,2020-01-01\n");
    pv_buffer_append_string(&text, "a,1,2020-13-01\na,1,x\n");
    write_bytes(fixture, "user_purchases.csv", text.data, text.size);
    fixture->options.max_bad_rows = 0.02;
    expect_read(fixture);
    fixture->options.max_bad_rows = 0.015;
    expect_refused(fixture,
                   "user_purchases.csv: 2 of 100 rows are bad (limit 1.5 %); the first: user_purchases.csv:100: "
                   "column time: \"2020-13-01\" is no date (expected YYYY-MM-DD or ISO 8601)");
    assert_int_equal(fixture->error.position, 100);
    assert_int_equal(fixture->report.rows_read, 100);
    assert_int_equal(fixture->report.rows_bad, 2);
    char *rejects = scratch_read(fixture->rejects_path, NULL);
    assert_non_null(strstr(rejects, "user_purchases.csv,101,time,"));
    free(rejects);
    fixture->options.max_bad_rows = 0;
    assert_int_equal(read_tables(fixture), PV_E_INPUT);
    pv_buffer_deinit(&text);
}

/* Each file has its own share: a few bad users do not hide behind many purchases. */
static void the_limit_is_one_of_each_file(void **state)
{
    table_fixture *fixture = *state;
    pv_buffer text = {0};
    pv_buffer_append_string(&text, "user_id,product_id\n");
    for (int i = 0; i < 1000; i++) pv_buffer_append_string(&text, "a,1\n");
    write_bytes(fixture, "user_purchases.csv", text.data, text.size);
    write_file(fixture, "users.csv", "user_id\na\n\" \"\n");
    expect_refused(fixture,
                   "users.csv: 1 of 2 rows are bad (limit 1 %); the first: users.csv:3: column user_id: empty id");
    pv_buffer_deinit(&text);
}

static void a_file_that_is_bad_throughout_stops_early(void **state)
{
    table_fixture *fixture = *state;
    pv_buffer text = {0};
    pv_buffer_append_string(&text, "user_id,product_id\n");
    for (int i = 0; i < 5000; i++) pv_buffer_append_string(&text, ",1\n");
    write_bytes(fixture, "user_purchases.csv", text.data, text.size);
    assert_int_equal(read_tables(fixture), PV_E_INPUT);
    assert_int_equal(fixture->report.rows_read, 1001);
    pv_buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(empty_ids_are_bad, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(numbers_that_are_none_are_bad, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(numbers_out_of_range_are_bad, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(dates_that_are_none_are_bad, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(tomorrow_is_still_a_date, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(rows_of_another_form_are_bad, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(rows_are_named_by_the_line_where_they_start, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(values_in_messages_are_cut_and_cleaned, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(products_and_users_have_bad_rows_too, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(rejects_hold_the_row_as_csv, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(rejects_of_an_earlier_run_are_removed, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(more_than_the_limit_stops_and_the_rejects_are_kept, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(the_limit_is_one_of_each_file, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_file_that_is_bad_throughout_stops_early, table_fixture_create,
                                        table_fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
