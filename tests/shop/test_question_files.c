/* The files that come with a question: histories, lists of users, lists of pairs. */
#include "table_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pv_status read_history(table_fixture *fixture, const char *text)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &fixture->folder, "history.csv");
    write_file(fixture, "history.csv", text);
    pv_tables_free(fixture->tables);
    fixture->tables = NULL;
    return pv_tables_read_history(&fixture->tables, path, &fixture->options, &fixture->report, &fixture->error);
}

static void a_history_needs_a_product_only(void **state)
{
    table_fixture *fixture = *state;
    assert_int_equal(read_history(fixture, "product_id\n1\n2\n1\n"), PV_OK);
    assert_int_equal(fixture->tables->purchases.n, 3);
    assert_int_equal(fixture->tables->purchases.user[2], 0);
    assert_int_equal(fixture->tables->purchases.product[2], 0);
    assert_int_equal(pv_purchase_table_row(&fixture->tables->purchases, 2).time, PV_NO_TIME);
    assert_int_equal(pv_interner_count(fixture->tables->product_ids), 2);
    assert_int_equal(pv_interner_count(fixture->tables->user_ids), 1);
    assert_false(fixture->tables->has_time);
}

static void a_history_has_the_columns_of_purchases(void **state)
{
    table_fixture *fixture = *state;
    assert_int_equal(read_history(fixture, "time,order_id,product_id,quantity,unit_price,discount,user_id\n"
                                           "2020-01-02,o,1,-3,2.5,0.5,x\n,,2,1,,,y\n"),
                     PV_OK);
    const pv_purchase_row rows[] = {pv_purchase_table_row(&fixture->tables->purchases, 0),
                                    pv_purchase_table_row(&fixture->tables->purchases, 1)};
    assert_int_equal(rows[0].time, 1577923200);
    assert_int_equal(rows[0].order, 0);
    assert_true(rows[0].quantity == -3 && rows[0].discount == 0.5);
    assert_true(isnan(fixture->tables->products[rows[0].product].last_unit_price)); /* a return says nothing of it */
    assert_int_equal(rows[1].time, PV_NO_TIME);
    assert_int_equal(rows[1].order, -1);
    assert_int_equal(rows[1].user, 0);
    assert_int_equal(fixture->tables->last_time, 1577923200);
    assert_int_equal(fixture->report.rows_returned, 1);
}

static void a_history_may_be_empty(void **state)
{
    table_fixture *fixture = *state;
    assert_int_equal(read_history(fixture, "product_id\n"), PV_OK);
    assert_int_equal(fixture->tables->purchases.n, 0);
}

static void bad_rows_of_a_history_are_told(void **state)
{
    table_fixture *fixture = *state;
    char message[SCRATCH_PATH_SIZE + 128];
    assert_int_equal(read_history(fixture, "product_id,time\n1,2020-01-01\n2,soon\n"), PV_E_INPUT);
    assert_int_equal(fixture->report.rows_bad, 1);
    snprintf(message, sizeof message, "%s/history.csv:3: column time: \"soon\" is no date", fixture->folder.path);
    assert_memory_equal(fixture->report.first_bad, message, strlen(message));
    assert_int_equal(read_history(fixture, "product;time\n1;2\n"), PV_E_INPUT);
    snprintf(message, sizeof message,
             "%s/history.csv: no column product_id; the header looks ';'-separated, a comma was "
             "expected",
             fixture->folder.path);
    assert_string_equal(fixture->error.message, message);
}

static void rows_after_the_date_are_left_out_of_a_history(void **state)
{
    table_fixture *fixture = *state;
    fixture->options.as_of = 1577923200;
    assert_int_equal(read_history(fixture, "product_id,time\n1,2020-01-01T23:59:59\n2,2020-01-02\n3,\n"), PV_OK);
    assert_int_equal(fixture->tables->purchases.n, 2);
    assert_int_equal(fixture->report.rows_later, 1);
}

static pv_status read_ids(table_fixture *fixture, const char *text, pv_text **users, pv_text **products, int64_t *count,
                          pv_arena **strings)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &fixture->folder, "ids.csv");
    write_file(fixture, "ids.csv", text);
    return pv_tables_read_ids(users, products, count, strings, path, &fixture->error);
}

static void users_and_pairs_are_listed_in_order(void **state)
{
    table_fixture *fixture = *state;
    pv_text *users = NULL, *products = NULL;
    pv_arena *strings = NULL;
    int64_t count = -1;
    assert_int_equal(read_ids(fixture, "x,user_id\n1,b\n2,a\n\n3,b\n", &users, NULL, &count, &strings), PV_OK);
    assert_int_equal(count, 3);
    assert_true(pv_text_equal(users[0], pv_text_of("b")) && pv_text_equal(users[1], pv_text_of("a")) &&
                pv_text_equal(users[2], pv_text_of("b")));
    pv_arena_free(strings);
    assert_int_equal(read_ids(fixture, "product_id,user_id\n\"1,5\",b\n02,a\n", &users, &products, &count, &strings),
                     PV_OK);
    assert_int_equal(count, 2);
    assert_true(pv_text_equal(products[0], pv_text_of("1,5")) && pv_text_equal(products[1], pv_text_of("02")));
    assert_true(pv_text_equal(users[1], pv_text_of("a")));
    pv_arena_free(strings);
    assert_int_equal(read_ids(fixture, "user_id\n", &users, NULL, &count, &strings), PV_OK);
    assert_int_equal(count, 0);
    pv_arena_free(strings);
}

static void a_bad_line_of_ids_is_an_error(void **state)
{
    table_fixture *fixture = *state;
    pv_text *users = NULL, *products = NULL;
    pv_arena *strings = NULL;
    int64_t count = -1;
    char message[SCRATCH_PATH_SIZE + 128];
    const struct {
        const char *text, *tail;
    } cases[] = {
        {"user_id,product_id\na,1\n,1\n", ":3: column user_id: empty id"},
        {"user_id,product_id\na,1\nb,\n", ":3: column product_id: empty id"},
        {"user_id,product_id\na,1\nb\n", ":3: 1 field, the header has 2"},
        {"user_id\na\n", ": no column product_id; its columns are user_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_ids(fixture, cases[i].text, &users, &products, &count, &strings), PV_E_INPUT);
        snprintf(message, sizeof message, "%s/ids.csv%s", fixture->folder.path, cases[i].tail);
        assert_string_equal(fixture->error.message, message);
    }
    assert_null(users);
    assert_null(strings);
    assert_int_equal(count, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_history_needs_a_product_only, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_history_has_the_columns_of_purchases, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_history_may_be_empty, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(bad_rows_of_a_history_are_told, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(rows_after_the_date_are_left_out_of_a_history, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(users_and_pairs_are_listed_in_order, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_bad_line_of_ids_is_an_error, table_fixture_create, table_fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
