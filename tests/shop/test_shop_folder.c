/* Which files of a folder are read, and what is said when they are not what they should be. */
#include "table_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define PURCHASES "user_id,product_id\na,1\n"

/* The message begins with the path of the folder. */
static void expect_refused_in_folder(table_fixture *fixture, const char *tail)
{
    char message[SCRATCH_PATH_SIZE + 256];
    snprintf(message, sizeof message, "%s%s", fixture->folder.path, tail);
    expect_refused(fixture, message);
}

static void write_gzip(const table_fixture *fixture, const char *name, const char *text)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &fixture->folder, name);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), strlen(text));
    gzclose(file);
}

static void a_folder_without_purchases_is_no_shop(void **state)
{
    table_fixture *fixture = *state;
    expect_refused_in_folder(fixture,
                             ": no user_purchases.csv in it, nor user_purchases.csv.gz, nor user_purchases.csv.zst");
    write_file(fixture, "shop.yaml", "purchases: {file: lines.csv}\n");
    expect_refused_in_folder(fixture, ": no lines.csv in it, nor lines.csv.gz, nor lines.csv.zst");
    write_file(fixture, "shop.yaml", "purchases: {file: lines.csv.gz}\n");
    expect_refused_in_folder(fixture, ": no lines.csv.gz in it");
    write_file(fixture, "shop.yaml", "");
    write_file(fixture, "user_purchases.csv", PURCHASES);
    expect_read(fixture);
    write_file(fixture, "shop.yaml", "users: {file: people.csv}\n");
    expect_refused_in_folder(fixture, ": no people.csv in it, nor people.csv.gz, nor people.csv.zst");
}

static void compressed_files_have_the_same_content(void **state)
{
    table_fixture *fixture = *state;
    char plain_hash[33], path[SCRATCH_PATH_SIZE], frame[128];
    write_file(fixture, "user_purchases.csv", PURCHASES);
    expect_read(fixture);
    memcpy(plain_hash, fixture->tables->data_hash, sizeof plain_hash);
    write_gzip(fixture, "user_purchases.csv.gz", PURCHASES);
    expect_refused(fixture, "user_purchases.csv and user_purchases.csv.gz are both there, remove one");
    scratch_path(path, &fixture->folder, "user_purchases.csv");
    unlink(path);
    expect_read(fixture);
    assert_string_equal(fixture->tables->data_hash, plain_hash);
    scratch_path(path, &fixture->folder, "user_purchases.csv.gz");
    unlink(path);
    size_t size = ZSTD_compress(frame, sizeof frame, PURCHASES, strlen(PURCHASES), 1);
    write_bytes(fixture, "user_purchases.csv.zst", frame, size);
    expect_read(fixture);
    assert_string_equal(fixture->tables->data_hash, plain_hash);
    write_bytes(fixture, "user_purchases.csv.zst", frame, size - 1);
    assert_int_equal(read_tables(fixture), PV_E_INPUT);
}

static void messages_name_the_file_as_it_is_called(void **state)
{
    table_fixture *fixture = *state;
    write_gzip(fixture, "lines.csv.gz", "user_id,product_id\na,1\na,\n");
    write_file(fixture, "shop.yaml", "purchases: {file: lines.csv}\n");
    fixture->options.max_bad_rows = 1;
    expect_read(fixture);
    assert_string_equal(fixture->report.first_bad, "lines.csv.gz:3: column product_id: empty id");
}

static void what_is_no_file_is_refused(void **state)
{
    table_fixture *fixture = *state;
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &fixture->folder, "user_purchases.csv");
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refused(fixture, "user_purchases.csv: is a folder, a file was expected");
    rmdir(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused(fixture, "user_purchases.csv: is no regular file, a file was expected");
}

static void a_path_of_shop_yaml_may_not_leave_by_a_link(void **state)
{
    table_fixture *fixture = *state;
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &fixture->folder, "lines.csv");
    write_file(fixture, "shop.yaml", "purchases: {file: lines.csv}\n");
    assert_int_equal(symlink("/etc/passwd", path), 0);
    expect_refused(fixture, "shop.yaml: lines.csv leads out of the shop's folder");
    unlink(path);
    write_file(fixture, "real.csv", PURCHASES);
    assert_int_equal(symlink("real.csv", path), 0);
    expect_read(fixture);
}

static void a_shop_that_is_no_folder_is_refused(void **state)
{
    table_fixture *fixture = *state;
    char path[SCRATCH_PATH_SIZE], message[SCRATCH_PATH_SIZE + 128];
    scratch_path(path, &fixture->folder, "shop");
    snprintf(message, sizeof message, "%s: No such file or directory", path);
    assert_int_equal(pv_tables_read(&fixture->tables, path, &fixture->options, &fixture->report, &fixture->error),
                     PV_E_INPUT);
    assert_string_equal(fixture->error.message, message);
    write_file(fixture, "shop",
               "user_id,product_id\na,1\n a text that is long enough to be looked at as a database ----");
    snprintf(message, sizeof message, "%s: neither a folder nor a SQLite file made by `purvey import`", path);
    assert_int_equal(pv_tables_read(&fixture->tables, path, &fixture->options, &fixture->report, &fixture->error),
                     PV_E_INPUT);
    assert_string_equal(fixture->error.message, message);
    assert_int_equal(
        pv_tables_read(&fixture->tables, "s3://bucket/shop", &fixture->options, &fixture->report, &fixture->error),
        PV_E_INPUT);
    assert_string_equal(fixture->error.message, "s3://bucket/shop: this version reads folders and SQLite files only");
}

static void a_missing_column_is_named_with_what_is_there(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv", "customer,product_id\na,1\n");
    expect_refused(fixture, "user_purchases.csv: no column user_id; its columns are customer, product_id");
    write_file(fixture, "user_purchases.csv", "user_id;product_id\na;1\n");
    expect_refused(fixture, "user_purchases.csv: no column user_id; the header looks ';'-separated, say `delimiter: "
                            "\";\"` in shop.yaml");
    write_file(fixture, "user_purchases.csv", "user_id\tproduct_id\na\t1\n");
    expect_refused(fixture, "user_purchases.csv: no column user_id; the header looks tab-separated, say `delimiter: "
                            "\"\\t\"` in shop.yaml");
    write_file(fixture, "user_purchases.csv", PURCHASES);
    write_file(fixture, "products.csv", "id,name\n1,a\n");
    expect_refused(fixture, "products.csv: no column product_id; its columns are id, name");
}

static void a_column_that_shop_yaml_names_must_be_there(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv", PURCHASES);
    write_file(fixture, "shop.yaml", "purchases: {columns: {user_id: Customer}}\n");
    expect_refused(fixture,
                   "user_purchases.csv: no column \"Customer\", which `columns` of shop.yaml names; its columns are "
                   "user_id, product_id");
    write_file(fixture, "shop.yaml", "purchases: {skip: [{column: X, empty: true}]}\n");
    expect_refused(fixture,
                   "user_purchases.csv: no column \"X\", which `skip` of shop.yaml names; its columns are user_id, "
                   "product_id");
    write_file(fixture, "shop.yaml", "purchases: {cancelled: {column: X, matching: a}}\n");
    expect_refused(fixture,
                   "user_purchases.csv: no column \"X\", which `cancelled` of shop.yaml names; its columns are "
                   "user_id, product_id");
    write_file(fixture, "shop.yaml", "users: {from_purchases: {a: X}}\n");
    expect_refused(fixture,
                   "user_purchases.csv: no column \"X\", which `from_purchases` of shop.yaml names; its columns are "
                   "user_id, product_id");
    write_file(fixture, "shop.yaml", "purchases: {file: a.csv, colums: {}}\n");
    expect_refused(fixture, "shop.yaml:1:26: unknown key \"colums\" (known here: file, delimiter, decimal, encoding, "
                            "time_format, columns, skip, cancelled, discount_unit, dislike_at)");
}

static void a_file_that_is_no_table_stops_at_once(void **state)
{
    table_fixture *fixture = *state;
    write_file(fixture, "user_purchases.csv", "user_id,product_id\na,1\na,\"1\n");
    fixture->options.max_bad_rows = 1;
    expect_refused(fixture, "user_purchases.csv:3: a quote opened in this row is not closed");
    write_file(fixture, "user_purchases.csv", "user_id,product_id,user_id\na,1,b\n");
    expect_refused(fixture, "user_purchases.csv:1: header: column \"user_id\" stands twice");
    write_file(fixture, "user_purchases.csv", "");
    expect_refused(fixture, "user_purchases.csv: is empty, a header line was expected");
}

static int stop_at_once(void *context, const pv_progress_state *progress)
{
    assert_string_equal(progress->stage, "read");
    assert_true(progress->total > 0 && progress->done <= progress->total);
    (*(int *)context)++;
    return 1;
}

static void progress_may_stop_the_reading(void **state)
{
    table_fixture *fixture = *state;
    pv_buffer text = {0};
    int calls = 0;
    pv_buffer_append_string(&text, "user_id,product_id\n");
    for (int i = 0; i < 2000; i++) pv_buffer_append_string(&text, "a,1\n");
    write_bytes(fixture, "user_purchases.csv", text.data, text.size);
    pv_buffer_deinit(&text);
    fixture->options.progress = stop_at_once;
    fixture->options.progress_context = &calls;
    assert_int_equal(read_tables(fixture), PV_E_INTERRUPTED);
    assert_int_equal(calls, 1);
    assert_int_equal(fixture->report.rows_read, 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_without_purchases_is_no_shop, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(compressed_files_have_the_same_content, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(messages_name_the_file_as_it_is_called, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, table_fixture_create, table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_path_of_shop_yaml_may_not_leave_by_a_link, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_shop_that_is_no_folder_is_refused, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_missing_column_is_named_with_what_is_there, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_column_that_shop_yaml_names_must_be_there, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_table_stops_at_once, table_fixture_create,
                                        table_fixture_remove),
        cmocka_unit_test_setup_teardown(progress_may_stop_the_reading, table_fixture_create, table_fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
