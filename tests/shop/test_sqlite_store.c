/* Importing a folder into SQLite: the same tables come out, nothing else is taken for a store, no half file appears. */
#include "table_fixture.h"
#include "base/random.h"
#include <purvey/train.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct store_fixture {
    table_fixture shop;
    scratch_folder folder;
    char path[SCRATCH_PATH_SIZE], rejects_path[SCRATCH_PATH_SIZE];
    pv_tables *tables; /* read from the store */
    pv_read_report report;
    pv_error error;
} store_fixture;

static int create(void **state)
{
    store_fixture *fixture = calloc(1, sizeof *fixture);
    void *shop = NULL;
    if (fixture == NULL || table_fixture_create(&shop) != 0 || !scratch_folder_create(&fixture->folder)) return -1;
    fixture->shop = *(table_fixture *)shop;
    free(shop);
    fixture->shop.options.rejects_path = fixture->shop.rejects_path;
    scratch_path(fixture->path, &fixture->folder, "a shop?.sqlite"); /* a name that an address would have to escape */
    scratch_path(fixture->rejects_path, &fixture->folder, "a shop?.sqlite.rejects.csv");
    *state = fixture;
    return 0;
}

static int remove_all(void **state)
{
    store_fixture *fixture = *state;
    pv_tables_free(fixture->tables);
    pv_tables_free(fixture->shop.tables);
    scratch_folder_remove(&fixture->shop.folder);
    scratch_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

static void write_shop(const store_fixture *fixture)
{
    const table_fixture *shop = &fixture->shop;
    write_file(
        shop, "shop.yaml",
        "purchases: {file: \"lines of.csv\", delimiter: \";\", columns: {user_id: Customer, quantity: \"select\"},\n"
        "  skip: [{column: Customer, matching: \"^S\"}], cancelled: {column: order_id, matching: \"^C\"}}\n"
        "users: {from_purchases: {country: Land}}\neligibility: {file: e.csv}\n");
    write_file(shop, "lines of.csv",
               "Customer;product_id;select;time;order_id;Land;land;line;\"quote\"\"d\";;rowid\n"
               "a;1;2;2020-01-01;o1;DE;;x;\"1;\"\"2\"\"\n3\";é;\n"
               "S;1;2;2020-01-01;o1;DE;;;;;\n"
               "b;2;1;2020-01-02 10:00:00;o2;FR;;;;;\n"
               "b;2;-1;2020-01-03;C2;FR;;;;;\n"
               "b;01;;2020-01-05;o4;;;;;;\n");
    write_file(shop, "products.csv", "product_id,name,price\n1,Screw,2.5\n3,Bolt,\n");
    write_file(shop, "users.csv", "user_id,parent_id\na,H\nz,\n");
    write_file(shop, "e.csv", "product_id,user_id\n1,a\n");
}

static pv_status import_shop(store_fixture *fixture, double max_bad_rows)
{
    fixture->error = (pv_error){0};
    return pv_import(fixture->shop.folder.path, fixture->path, max_bad_rows, NULL, NULL, &fixture->report,
                     &fixture->error);
}

static pv_status read_store(store_fixture *fixture)
{
    pv_tables_free(fixture->tables);
    fixture->tables = NULL;
    fixture->error = (pv_error){0};
    return pv_tables_read(&fixture->tables, fixture->path, &fixture->shop.options, &fixture->report, &fixture->error);
}

static void assert_same_ids(const pv_interner *a, const pv_interner *b)
{
    assert_int_equal(pv_interner_count(a), pv_interner_count(b));
    for (int64_t i = 0; i < pv_interner_count(a); i++) {
        assert_true(pv_text_equal(pv_interner_text(a, i), pv_interner_text(b, i)));
    }
}

static void assert_same_columns(const pv_column *a, int64_t n_a, const pv_column *b, int64_t n_b, int64_t n_ids)
{
    assert_int_equal(n_a, n_b);
    for (int64_t i = 0; i < n_a; i++) {
        assert_string_equal(a[i].name, b[i].name);
        for (int64_t id = 0; id < n_ids; id++) assert_true(pv_text_equal(a[i].values[id], b[i].values[id]));
    }
}

static void assert_same_tables(const pv_tables *a, const pv_tables *b)
{
    assert_string_equal(a->data_hash, b->data_hash);
    assert_same_ids(a->user_ids, b->user_ids);
    assert_same_ids(a->product_ids, b->product_ids);
    assert_same_ids(a->order_ids, b->order_ids);
    assert_int_equal(a->purchases.n, b->purchases.n);
    for (int64_t i = 0; i < a->purchases.n; i++) {
        const pv_purchase_row left = pv_purchase_table_row(&a->purchases, i);
        const pv_purchase_row right = pv_purchase_table_row(&b->purchases, i);
        assert_int_equal(left.user, right.user);
        assert_int_equal(left.product, right.product);
        assert_int_equal(left.time, right.time);
        assert_int_equal(left.order, right.order);
        assert_memory_equal(&left.quantity, &right.quantity, sizeof(double));
        assert_int_equal(left.cancelled, right.cancelled);
    }
    assert_same_columns(a->product_columns, a->n_product_columns, b->product_columns, b->n_product_columns,
                        pv_interner_count(a->product_ids));
    assert_same_columns(a->user_columns, a->n_user_columns, b->user_columns, b->n_user_columns,
                        pv_interner_count(a->user_ids));
    assert_int_equal(a->n_eligibility, b->n_eligibility);
    assert_int_equal(a->n_segment_columns, b->n_segment_columns);
    assert_int_equal(a->last_time, b->last_time);
}

static void a_store_gives_the_tables_of_its_folder(void **state)
{
    store_fixture *fixture = *state;
    write_shop(fixture);
    expect_read(&fixture->shop);
    assert_int_equal(import_shop(fixture, 0.01), PV_OK);
    assert_int_equal(fixture->report.rows_read, 10);
    assert_int_equal(fixture->report.rows_skipped, 1);
    assert_int_equal(read_store(fixture), PV_OK);
    assert_same_tables(fixture->shop.tables, fixture->tables);
    assert_int_equal(fixture->report.rows_read, fixture->shop.report.rows_read);
    assert_int_equal(fixture->report.rows_cancelled, 1);
    fixture->shop.options.as_of = 1577923200;
    expect_read(&fixture->shop);
    assert_int_equal(read_store(fixture), PV_OK);
    assert_same_tables(fixture->shop.tables, fixture->tables);
    assert_int_equal(scratch_count(&fixture->folder), 1); /* no temporary file, no journal, no rejects */
}

static void the_columns_keep_their_names_where_sql_can_tell_them_apart(void **state)
{
    store_fixture *fixture = *state;
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    write_shop(fixture);
    assert_int_equal(import_shop(fixture, 0.01), PV_OK);
    assert_int_equal(sqlite3_open_v2(fixture->path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database,
                           "SELECT line, \"Land\", \"land_2\", \"line_2\", \"quote\"\"d\", \"\" FROM purchases "
                           "WHERE Customer = 'a'",
                           -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 2);
    assert_string_equal((const char *)sqlite3_column_text(statement, 1), "DE");
    assert_string_equal((const char *)sqlite3_column_text(statement, 2), "");
    assert_string_equal((const char *)sqlite3_column_text(statement, 3), "x");
    assert_string_equal((const char *)sqlite3_column_text(statement, 4), "1;\"2\"\n3");
    assert_string_equal((const char *)sqlite3_column_text(statement, 5), "é");
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

/* Rows of no sound form go to the rejects of the import only; what is only wrong in meaning is stored and told again.
 */
static void bad_rows_are_told_with_the_original_file_and_line(void **state)
{
    store_fixture *fixture = *state;
    write_file(&fixture->shop, "user_purchases.csv",
               "user_id,product_id,quantity\na,1,1\na\na,\xff,1\na,\"1\n\",x\na,1,2\n");
    assert_int_equal(import_shop(fixture, 1), PV_OK);
    assert_int_equal(fixture->report.rows_bad, 3);
    char *rejects = scratch_read(fixture->rejects_path, NULL);
    assert_string_equal(rejects, "file,line,column,cause,row\n"
                                 "user_purchases.csv,3,,\"1 field, the header has 3\",\"a\"\n"
                                 "user_purchases.csv,4,product_id,invalid UTF-8 (is the file latin1?),\"a,\xff,1\"\n"
                                 "user_purchases.csv,5,quantity,\"\"\"x\"\" is no number\",\"a,\"\"1\n\"\",x\"\n");
    free(rejects);
    fixture->shop.options.max_bad_rows = 1;
    expect_read(&fixture->shop);
    assert_int_equal(read_store(fixture), PV_OK);
    assert_string_equal(fixture->report.first_bad, "user_purchases.csv:5: column quantity: \"x\" is no number");
    assert_int_equal(fixture->report.rows_bad, 1);
    assert_same_tables(fixture->shop.tables, fixture->tables);
}

static void too_many_bad_rows_leave_the_old_store(void **state)
{
    store_fixture *fixture = *state;
    write_file(&fixture->shop, "user_purchases.csv", "user_id,product_id\na,1\n");
    assert_int_equal(import_shop(fixture, 0.01), PV_OK);
    write_file(&fixture->shop, "user_purchases.csv", "user_id,product_id\na,2\n,1\n");
    assert_int_equal(import_shop(fixture, 0.01), PV_E_INPUT);
    assert_string_equal(fixture->error.message, "user_purchases.csv: 1 of 2 rows are bad (limit 1 %); the first: "
                                                "user_purchases.csv:3: column user_id: empty id");
    assert_int_equal(read_store(fixture), PV_OK);
    assert_int_equal(pv_interner_find(fixture->tables->product_ids, pv_text_of("1")), 0);
    assert_int_equal(scratch_count(&fixture->folder), 2); /* store and rejects */
}

static void a_shop_that_cannot_be_read_or_written_is_told(void **state)
{
    store_fixture *fixture = *state;
    assert_int_equal(import_shop(fixture, 0.01), PV_E_INPUT);
    write_shop(fixture);
    assert_int_equal(import_shop(fixture, 2), PV_E_USAGE);
    assert_int_equal(pv_import(fixture->shop.folder.path, fixture->folder.path, 0.01, NULL, NULL, NULL, NULL),
                     PV_E_OUTPUT);
    assert_int_equal(scratch_count(&fixture->folder), 0);
}

/* --- what is no store -------------------------------------------------------------------------------------------- */

static void run_sql(const store_fixture *fixture, const char *sql)
{
    sqlite3 *database = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s", message);
    sqlite3_close(database);
}

static void assert_store_refused(store_fixture *fixture, const char *cause)
{
    char message[SCRATCH_PATH_SIZE + 256];
    snprintf(message, sizeof message, "%s: %s", fixture->path, cause);
    assert_int_equal(read_store(fixture), PV_E_INPUT);
    assert_string_equal(fixture->error.message, message);
    assert_null(fixture->tables);
}

static void somebody_elses_sqlite_is_refused(void **state)
{
    store_fixture *fixture = *state;
    run_sql(fixture, "CREATE TABLE purchases(user_id, product_id); INSERT INTO purchases VALUES('a', '1')");
    assert_store_refused(fixture, "a SQLite file, but not made by `purvey import`");
    assert_true(scratch_write(fixture->path, "", 0));
    assert_store_refused(fixture, "a SQLite file, but not made by `purvey import`");
}

static void an_altered_store_is_refused(void **state)
{
    static const struct {
        const char *sql, *cause;
    } cases[] = {
        {"UPDATE purchases SET product_id = '2' WHERE line = 2",
         "the SQLite store is damaged or altered: the checksum of a table differs"},
        {"UPDATE purchases SET line = 100 WHERE line = 2",
         "the SQLite store is damaged or altered: the checksum of a table differs"},
        {"DELETE FROM users", "the SQLite store is damaged or altered: the checksum of a table differs"},
        {"UPDATE purchases SET Land = x'4142'", "the SQLite store is damaged or altered: a cell is no text"},
        {"UPDATE purchases SET Land = NULL", "the SQLite store is damaged or altered: a cell is no text"},
        {"UPDATE purchases SET Land = CAST(x'ff' AS TEXT)",
         "the SQLite store is damaged or altered: a cell is no text"},
        {"UPDATE purchases SET Land = CAST(x'6100' AS TEXT)",
         "the SQLite store is damaged or altered: a cell is no text"},
        {"UPDATE shop_settings SET value = ''",
         "the SQLite store is damaged or altered: the checksum of the settings differs"},
        {"UPDATE shop_tables SET file = 'x.csv' WHERE name = 'purchases'",
         "the SQLite store is damaged or altered: the checksum of a table differs"},
        {"UPDATE shop_tables SET n_rows = n_rows + 1 WHERE name = 'purchases'",
         "the SQLite store is damaged or altered: the checksum of a table differs"},
        {"UPDATE shop_columns SET name = 'x' WHERE name = 'price'",
         "the SQLite store is damaged or altered: its schema is not ours"},
        {"DELETE FROM shop_columns WHERE position = 1",
         "the SQLite store is damaged or altered: a column is listed wrongly"},
        {"DELETE FROM shop_tables WHERE name = 'users'", "the SQLite store is damaged or altered: a table is missing"},
        {"DROP TABLE purchases", "the SQLite store is damaged or altered: a table is missing"},
        {"CREATE VIEW v AS SELECT 1", "the SQLite store is damaged or altered: its schema is not ours"},
        {"CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END",
         "the SQLite store is damaged or altered: its schema is not ours"},
        {"CREATE INDEX i ON users(user_id)", "the SQLite store is damaged or altered: its schema is not ours"},
        {"DROP TABLE users; CREATE VIEW users AS SELECT 1 AS line, 'a' AS user_id, '' AS parent_id",
         "the SQLite store is damaged or altered: its schema is not ours"},
        {"PRAGMA user_version = 2", "store version 2, this release reads version 1: import again"},
        {"PRAGMA user_version = 0", "the SQLite store is damaged or altered: it has no version"},
        {"PRAGMA application_id = 0", "a SQLite file, but not made by `purvey import`"},
    };
    store_fixture *fixture = *state;
    write_shop(fixture);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(import_shop(fixture, 0.01), PV_OK);
        run_sql(fixture, cases[i].sql);
        assert_store_refused(fixture, cases[i].cause);
    }
}

/* Cut anywhere or with a byte changed: refused, or, where the byte means nothing, read as it was. */
static void a_damaged_store_is_refused_or_reads_the_same(void **state)
{
    store_fixture *fixture = *state;
    size_t size = 0;
    int n_refused = 0;
    write_shop(fixture);
    expect_read(&fixture->shop);
    assert_int_equal(import_shop(fixture, 0.01), PV_OK);
    char *bytes = scratch_read(fixture->path, &size);
    for (uint64_t i = 0; i < 600; i++) {
        size_t place = (size_t)(pv_random_bits(3, 1, i) % size);
        char before = bytes[place];
        bytes[place] = (char)(before ^ (char)(1u << (pv_random_bits(3, 2, i) % 8)));
        assert_true(scratch_write(fixture->path, bytes, i % 4 == 0 ? place : size));
        pv_status status = read_store(fixture);
        bytes[place] = before;
        n_refused += status != PV_OK;
        if (status == PV_OK) assert_same_tables(fixture->shop.tables, fixture->tables);
    }
    assert_true(n_refused > 150); /* most of the pages is empty room */
    free(bytes);
}

/* --- killed in the middle ---------------------------------------------------------------------------------------- */

/* Import in a child that is killed after `microseconds`; whether it came to its end. */
static bool import_and_kill(const store_fixture *fixture, useconds_t microseconds)
{
    int outcome = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        pv_status status = pv_import(fixture->shop.folder.path, fixture->path, 0.01, NULL, NULL, NULL, NULL);
        _exit(status == PV_OK ? 0 : 1);
    }
    usleep(microseconds);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &outcome, 0), child);
    return WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0;
}

static void a_kill_leaves_no_half_store(void **state)
{
    store_fixture *fixture = *state;
    pv_buffer text = {0};
    struct stat facts;
    pv_buffer_append_string(&text, "user_id,product_id\n");
    for (int i = 0; i < 40000; i++) pv_buffer_print(&text, "u%d,p%d\n", i % 1000, i % 777);
    write_bytes(&fixture->shop, "user_purchases.csv", text.data, text.size);
    pv_buffer_deinit(&text);
    expect_read(&fixture->shop);
    bool is_complete = false;
    for (useconds_t delay = 500; !is_complete && delay < 20 * 1000 * 1000; delay += delay / 4) {
        unlink(fixture->path);
        is_complete = import_and_kill(fixture, delay);
        if (stat(fixture->path, &facts) != 0) continue;
        assert_int_equal(read_store(fixture), PV_OK);
        assert_same_tables(fixture->shop.tables, fixture->tables);
    }
    assert_true(is_complete);
    assert_int_equal(import_shop(fixture, 0.01), PV_OK);
    assert_int_equal(scratch_count(&fixture->folder), 1); /* what the killed ones left is gone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_store_gives_the_tables_of_its_folder, create, remove_all),
        cmocka_unit_test_setup_teardown(the_columns_keep_their_names_where_sql_can_tell_them_apart, create, remove_all),
        cmocka_unit_test_setup_teardown(bad_rows_are_told_with_the_original_file_and_line, create, remove_all),
        cmocka_unit_test_setup_teardown(too_many_bad_rows_leave_the_old_store, create, remove_all),
        cmocka_unit_test_setup_teardown(a_shop_that_cannot_be_read_or_written_is_told, create, remove_all),
        cmocka_unit_test_setup_teardown(somebody_elses_sqlite_is_refused, create, remove_all),
        cmocka_unit_test_setup_teardown(an_altered_store_is_refused, create, remove_all),
        cmocka_unit_test_setup_teardown(a_damaged_store_is_refused_or_reads_the_same, create, remove_all),
        cmocka_unit_test_setup_teardown(a_kill_leaves_no_half_store, create, remove_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
