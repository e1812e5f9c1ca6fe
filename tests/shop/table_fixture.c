#include "table_fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

int table_fixture_create(void **state)
{
    table_fixture *fixture = calloc(1, sizeof *fixture);
    if (fixture == NULL || !scratch_folder_create(&fixture->folder)) return -1;
    scratch_path(fixture->rejects_path, &fixture->folder, "rejects.csv");
    fixture->options =
        (pv_read_options){.as_of = PV_NO_TIME, .max_bad_rows = 0.01, .rejects_path = fixture->rejects_path};
    *state = fixture;
    return 0;
}

int table_fixture_remove(void **state)
{
    table_fixture *fixture = *state;
    pv_tables_free(fixture->tables);
    scratch_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

void write_bytes(const table_fixture *fixture, const char *name, const void *bytes, size_t size)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &fixture->folder, name);
    assert_true(scratch_write(path, bytes, size));
}

void write_file(const table_fixture *fixture, const char *name, const char *text)
{
    write_bytes(fixture, name, text, strlen(text));
}

pv_status read_tables(table_fixture *fixture)
{
    pv_tables_free(fixture->tables);
    fixture->tables = NULL;
    fixture->error = (pv_error){0};
    return pv_tables_read(&fixture->tables, fixture->folder.path, &fixture->options, &fixture->report, &fixture->error);
}

void expect_read(table_fixture *fixture)
{
    pv_status status = read_tables(fixture);
    if (status != PV_OK) print_error("refused: %s\n", fixture->error.message);
    assert_int_equal(status, PV_OK);
}

void expect_refused(table_fixture *fixture, const char *message)
{
    pv_status status = read_tables(fixture);
    assert_int_equal(status, PV_E_INPUT);
    assert_int_equal(fixture->error.status, PV_E_INPUT);
    assert_string_equal(fixture->error.message, message);
    assert_null(fixture->tables);
}

int64_t user_number(const table_fixture *fixture, const char *id)
{
    int64_t number = pv_interner_find(fixture->tables->user_ids, pv_text_of(id));
    if (number < 0) fail_msg("no user %s", id);
    return number;
}

int64_t product_number(const table_fixture *fixture, const char *id)
{
    int64_t number = pv_interner_find(fixture->tables->product_ids, pv_text_of(id));
    if (number < 0) fail_msg("no product %s", id);
    return number;
}

static const char *column_value(const pv_column *columns, int64_t count, const char *name, int64_t id)
{
    for (int64_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0) return columns[i].values[id].data;
    }
    fail_msg("no column %s", name);
    return NULL;
}

const char *product_value(const table_fixture *fixture, const char *column, const char *id)
{
    return column_value(fixture->tables->product_columns, fixture->tables->n_product_columns, column,
                        product_number(fixture, id));
}

const char *user_value(const table_fixture *fixture, const char *column, const char *id)
{
    return column_value(fixture->tables->user_columns, fixture->tables->n_user_columns, column,
                        user_number(fixture, id));
}
