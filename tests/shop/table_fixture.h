/* table_fixture.h - a shop's folder for one test, written file by file and read into tables. */
#ifndef TABLE_FIXTURE_H
#define TABLE_FIXTURE_H

#include "shop/tables.h"
#include "support/scratch_folder.h"

typedef struct table_fixture {
    scratch_folder folder;
    char rejects_path[SCRATCH_PATH_SIZE];
    pv_read_options options; /* as-of none, 1 %, rejects into rejects_path */
    pv_tables *tables;       /* of the last successful read */
    pv_read_report report;
    pv_error error;
} table_fixture;

/* cmocka's set-up and tear-down; *state is the fixture. */
int table_fixture_create(void **state);
int table_fixture_remove(void **state);

void write_file(const table_fixture *fixture, const char *name, const char *text);
void write_bytes(const table_fixture *fixture, const char *name, const void *bytes, size_t size);
pv_status read_tables(table_fixture *fixture);
/* The shop is read, or the test fails with the message. */
void expect_read(table_fixture *fixture);
/* Reading fails with exactly this message. */
void expect_refused(table_fixture *fixture, const char *message);

/* Numbers of ids; the test fails when there is none. */
int64_t user_number(const table_fixture *fixture, const char *id);
int64_t product_number(const table_fixture *fixture, const char *id);
/* Value of a column for an id, as a text that ends with NUL; the test fails when there is no such column. */
const char *product_value(const table_fixture *fixture, const char *column, const char *id);
const char *user_value(const table_fixture *fixture, const char *column, const char *id);

#endif
