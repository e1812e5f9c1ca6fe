/* The only file that knows SQLite: writing a store and reading one.
 *
 * A store may come from anywhere, so nothing in it is trusted. It is opened read-only and as it lies on the disk (no
 * journal is played back); its schema must be, to the letter, what the writer would have made; cells must be text; and
 * a checksum over settings and rows must agree at the end, so that an altered store is refused even where SQLite itself
 * would not notice. */
#include "shop/sqlite_store.h"
#include "base/failure.h"
#include "shop/content_hash.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define APPLICATION_ID 0x50567368 /* "PVsh" */
#define STORE_VERSION 1
#define VALUE_BYTES_MAX (64 * 1024 * 1024) /* a row of CSV has 16 MiB at most */

#define SETTINGS_SQL "CREATE TABLE shop_settings(name TEXT, value BLOB, checksum TEXT)"
#define TABLES_SQL "CREATE TABLE shop_tables(name TEXT, file TEXT, n_rows INTEGER, checksum TEXT)"
#define COLUMNS_SQL "CREATE TABLE shop_columns(table_name TEXT, position INTEGER, name TEXT)"

/* --- shared by writer and reader -------------------------------------------------------------------------------- */

static bool is_same_name(const pv_buffer *sql, size_t start, size_t size, const char *name, size_t name_size)
{
    return size == name_size && sqlite3_strnicmp(sql->data + start, name, (int)size) == 0;
}

/* Append the quoted column name; SQLite does not tell upper from lower case, so a name that is taken gets a number. */
static void append_column(pv_buffer *sql, size_t *starts, size_t *sizes, int32_t index, pv_text name)
{
    for (int attempt = 1;; attempt++) {
        size_t start = sql->size;
        bool is_taken = false;
        pv_buffer_append_string(sql, "\"");
        for (size_t i = 0; i < name.size; i++) {
            pv_buffer_append(sql, &name.data[i], 1);
            if (name.data[i] == '"') pv_buffer_append_string(sql, "\"");
        }
        if (attempt > 1) pv_buffer_print(sql, "_%d", attempt);
        pv_buffer_append_string(sql, "\"");
        if (sql->failed) return;
        starts[index] = start;
        sizes[index] = sql->size - start;
        is_taken = is_same_name(sql, start, sizes[index], "\"line\"", 6);
        for (int32_t other = 0; other < index && !is_taken; other++) {
            is_taken = is_same_name(sql, start, sizes[index], sql->data + starts[other], sizes[other]);
        }
        if (!is_taken) return;
        sql->size = start;
    }
}

/* The statement that makes the table of `kind`, NUL at the end. */
static void create_table_sql(pv_buffer *sql, pv_table_kind kind, const pv_text *columns, int32_t n_columns)
{
    size_t starts[PV_COLUMNS_MAX], sizes[PV_COLUMNS_MAX];
    pv_buffer_print(sql, "CREATE TABLE %s(line INTEGER PRIMARY KEY", pv_table_kind_name(kind));
    for (int32_t i = 0; i < n_columns; i++) {
        pv_buffer_append_string(sql, ", ");
        append_column(sql, starts, sizes, i, columns[i]);
        pv_buffer_append_string(sql, " TEXT");
    }
    pv_buffer_append(sql, ")", sizeof ")");
}

static void hash_header(pv_content_hash *hash, const char *file, const pv_text *columns, int32_t n_columns)
{
    const pv_text name = pv_text_of(file);
    pv_content_hash_reset(hash);
    pv_content_hash_add(hash, &name, 1);
    pv_content_hash_add_number(hash, n_columns);
    pv_content_hash_add(hash, columns, n_columns);
}

static void hash_row(pv_content_hash *hash, const pv_row *row)
{
    pv_content_hash_add_number(hash, row->line);
    pv_content_hash_add(hash, row->fields, row->n_fields);
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

struct pv_store_writer {
    sqlite3 *database;
    sqlite3_stmt *insert; /* of the table at hand, NULL before the first */
    pv_content_hash *hash;
    pv_table_kind kind;
    char *file; /* of the table at hand */
    int64_t n_rows;
};

static pv_status fail_write(const pv_store_writer *writer, pv_error *error)
{
    if (sqlite3_errcode(writer->database) == SQLITE_NOMEM) return pv_fail_memory(error, "store", 0);
    return pv_fail(error, PV_E_OUTPUT, "cannot write the SQLite store: %s", sqlite3_errmsg(writer->database));
}

static pv_status run_sql(pv_store_writer *writer, const char *sql, pv_error *error)
{
    return sqlite3_exec(writer->database, sql, NULL, NULL, NULL) == SQLITE_OK ? PV_OK : fail_write(writer, error);
}

static pv_status prepare(sqlite3_stmt **statement, pv_store_writer *writer, const char *sql, pv_error *error)
{
    if (sqlite3_prepare_v2(writer->database, sql, -1, statement, NULL) == SQLITE_OK) return PV_OK;
    return fail_write(writer, error);
}

static void bind_text(sqlite3_stmt *statement, int place, pv_text text)
{
    /* What goes wrong here (memory) shows in the step that follows. */
    sqlite3_bind_text64(statement, place, text.data != NULL ? text.data : "", text.size, SQLITE_STATIC, SQLITE_UTF8);
}

/* Run a statement whose values are bound, and release it. */
static pv_status step_once(pv_store_writer *writer, sqlite3_stmt *statement, pv_error *error)
{
    pv_status status = sqlite3_step(statement) == SQLITE_DONE ? PV_OK : fail_write(writer, error);
    sqlite3_finalize(statement);
    return status;
}

static pv_status write_settings(pv_store_writer *writer, pv_text settings_text, pv_error *error)
{
    char checksum[PV_HASH_HEX_SIZE];
    sqlite3_stmt *insert = NULL;
    pv_status status =
        prepare(&insert, writer, "INSERT INTO shop_settings(name, value, checksum) VALUES('shop.yaml', ?, ?)", error);
    if (status != PV_OK) return status;
    pv_content_hash_reset(writer->hash);
    pv_content_hash_add(writer->hash, &settings_text, 1);
    pv_content_hash_print(checksum, writer->hash);
    sqlite3_bind_blob64(insert, 1, settings_text.data != NULL ? settings_text.data : "", settings_text.size,
                        SQLITE_STATIC);
    bind_text(insert, 2, pv_text_of(checksum));
    return step_once(writer, insert, error);
}

pv_status pv_store_writer_create(pv_store_writer **created, const char *path, pv_text settings_text, pv_error *error)
{
    char set_up[512];
    pv_status status = PV_OK;
    pv_store_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) return pv_fail_memory(error, "store", sizeof *writer);
    writer->hash = pv_content_hash_create();
    if (writer->hash == NULL) {
        status = pv_fail_memory(error, "store", 0);
        goto cleanup;
    }
    if (sqlite3_open_v2(path, &writer->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        status = fail_write(writer, error);
        goto cleanup;
    }
    /* Neither a journal nor syncs: until the caller has synced and renamed it, the file is nobody's. */
    sqlite3_snprintf(sizeof set_up, set_up,
                     "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA encoding = 'UTF-8';"
                     "PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN; %s; %s; %s",
                     APPLICATION_ID, STORE_VERSION, SETTINGS_SQL, TABLES_SQL, COLUMNS_SQL);
    PV_TRY(run_sql(writer, set_up, error));
    PV_TRY(write_settings(writer, settings_text, error));
    *created = writer;
    writer = NULL;
cleanup:
    pv_store_writer_free(writer);
    return status;
}

void pv_store_writer_free(pv_store_writer *writer)
{
    if (writer == NULL) return;
    sqlite3_finalize(writer->insert);
    sqlite3_close(writer->database);
    pv_content_hash_free(writer->hash);
    free(writer->file);
    free(writer);
}

/* Write down what the table at hand came to. */
static pv_status end_table(pv_store_writer *writer, pv_error *error)
{
    char checksum[PV_HASH_HEX_SIZE];
    sqlite3_stmt *insert = NULL;
    if (writer->insert == NULL) return PV_OK;
    sqlite3_finalize(writer->insert);
    writer->insert = NULL;
    pv_status status =
        prepare(&insert, writer, "INSERT INTO shop_tables(name, file, n_rows, checksum) VALUES(?, ?, ?, ?)", error);
    if (status != PV_OK) return status;
    pv_content_hash_print(checksum, writer->hash);
    bind_text(insert, 1, pv_text_of(pv_table_kind_name(writer->kind)));
    bind_text(insert, 2, pv_text_of(writer->file));
    sqlite3_bind_int64(insert, 3, writer->n_rows);
    bind_text(insert, 4, pv_text_of(checksum));
    return step_once(writer, insert, error);
}

static pv_status write_columns(pv_store_writer *writer, const pv_row_source *rows, pv_error *error)
{
    for (int32_t i = 0; i < rows->n_columns; i++) {
        sqlite3_stmt *insert = NULL;
        pv_status status =
            prepare(&insert, writer, "INSERT INTO shop_columns(table_name, position, name) VALUES(?, ?, ?)", error);
        if (status != PV_OK) return status;
        bind_text(insert, 1, pv_text_of(pv_table_kind_name(writer->kind)));
        sqlite3_bind_int64(insert, 2, i);
        bind_text(insert, 3, rows->columns[i]);
        status = step_once(writer, insert, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

pv_status pv_store_writer_table(pv_store_writer *writer, pv_table_kind kind, const pv_row_source *rows, pv_error *error)
{
    pv_buffer sql = {0};
    pv_status status = PV_OK;
    PV_TRY(end_table(writer, error));
    free(writer->file);
    writer->kind = kind;
    writer->n_rows = 0;
    writer->file = strdup(rows->file);
    create_table_sql(&sql, kind, rows->columns, rows->n_columns);
    if (writer->file == NULL || sql.failed) {
        status = pv_fail_memory(error, "store", sql.size);
        goto cleanup;
    }
    PV_TRY(run_sql(writer, sql.data, error));
    PV_TRY(write_columns(writer, rows, error));
    hash_header(writer->hash, writer->file, rows->columns, rows->n_columns);
    sql.size = 0;
    pv_buffer_print(&sql, "INSERT INTO %s VALUES(?", pv_table_kind_name(kind));
    for (int32_t i = 0; i < rows->n_columns; i++) pv_buffer_append_string(&sql, ",?");
    pv_buffer_append(&sql, ")", sizeof ")");
    if (sql.failed) {
        status = pv_fail_memory(error, "store", sql.size);
        goto cleanup;
    }
    PV_TRY(prepare(&writer->insert, writer, sql.data, error));
cleanup:
    pv_buffer_deinit(&sql);
    return status;
}

pv_status pv_store_writer_row(pv_store_writer *writer, const pv_row *row, pv_error *error)
{
    hash_row(writer->hash, row);
    writer->n_rows++;
    sqlite3_bind_int64(writer->insert, 1, row->line);
    for (int32_t i = 0; i < row->n_fields; i++) bind_text(writer->insert, i + 2, row->fields[i]);
    bool is_written = sqlite3_step(writer->insert) == SQLITE_DONE;
    if (sqlite3_reset(writer->insert) == SQLITE_OK && is_written) return PV_OK;
    return fail_write(writer, error);
}

pv_status pv_store_writer_finish(pv_store_writer *writer, pv_error *error)
{
    pv_status status = PV_OK;
    PV_TRY(end_table(writer, error));
    PV_TRY(run_sql(writer, "COMMIT", error));
    if (sqlite3_close(writer->database) != SQLITE_OK) return fail_write(writer, error);
    writer->database = NULL;
cleanup:
    return status;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

typedef struct stored_table {
    bool is_there;
    char *file;
    int64_t n_rows;
    char checksum[PV_HASH_HEX_SIZE];
    pv_text columns[PV_COLUMNS_MAX]; /* [n_columns], in `strings` of the store */
    int32_t n_columns;
    char *sql; /* as the schema has it, NULL: not in the schema */
} stored_table;

typedef struct sqlite_store {
    pv_shop_source base;
    char *path;
    sqlite3 *database;
    pv_arena *strings;
    pv_text settings_text;
    char settings_checksum[PV_HASH_HEX_SIZE];
    stored_table tables[PV_TABLE_COUNT];
    double file_bytes;
    int64_t n_rows; /* of all tables */
} sqlite_store;

static pv_status fail_damaged(const sqlite_store *store, const char *cause, pv_error *error)
{
    return pv_fail(error, PV_E_INPUT, "%s: the SQLite store is damaged or altered: %s", store->path, cause);
}

static pv_status fail_sqlite(const sqlite_store *store, pv_error *error)
{
    int code = sqlite3_errcode(store->database);
    if (code == SQLITE_NOMEM) return pv_fail_memory(error, "store", 0);
    if (code == SQLITE_NOTADB) {
        return pv_fail(error, PV_E_INPUT, "%s: neither a folder nor a SQLite file made by `purvey import`",
                       store->path);
    }
    return fail_damaged(store, sqlite3_errmsg(store->database), error);
}

static pv_status keep_column(pv_text *text, sqlite_store *store, sqlite3_stmt *statement, int column, pv_error *error)
{
    const int type = sqlite3_column_type(statement, column);
    if (type != SQLITE_TEXT && type != SQLITE_BLOB) return fail_damaged(store, "a text is missing", error);
    const void *bytes = sqlite3_column_blob(statement, column);
    size_t size = (size_t)sqlite3_column_bytes(statement, column);
    char *copy = pv_arena_allocate(store->strings, size + 1, 1);
    if (copy == NULL || (bytes == NULL && size > 0)) return pv_fail_memory(error, "store", size);
    if (size > 0) memcpy(copy, bytes, size);
    *text = (pv_text){copy, size};
    return PV_OK;
}

/* A text that is shown or compared: UTF-8 without NUL. */
static pv_status keep_name(pv_text *text, sqlite_store *store, sqlite3_stmt *statement, int column, pv_error *error)
{
    pv_status status = keep_column(text, store, statement, column, error);
    if (status != PV_OK) return status;
    if (pv_text_is_utf8(*text) && memchr(text->data, '\0', text->size) == NULL) return PV_OK;
    return fail_damaged(store, "a name is no text", error);
}

/* Called for each row of a query. */
typedef pv_status query_row(sqlite_store *store, sqlite3_stmt *statement, pv_error *error);

static pv_status run_query(sqlite_store *store, const char *sql, query_row *take, pv_error *error)
{
    sqlite3_stmt *statement = NULL;
    pv_status status = PV_OK;
    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK) return fail_sqlite(store, error);
    int outcome = sqlite3_step(statement);
    for (; status == PV_OK && outcome == SQLITE_ROW; outcome = sqlite3_step(statement)) {
        status = take(store, statement, error);
    }
    if (status == PV_OK && outcome != SQLITE_DONE) status = fail_sqlite(store, error);
    sqlite3_finalize(statement);
    return status;
}

static pv_status take_application(sqlite_store *store, sqlite3_stmt *statement, pv_error *error)
{
    if (sqlite3_column_int(statement, 0) == APPLICATION_ID) return PV_OK;
    return pv_fail(error, PV_E_INPUT, "%s: a SQLite file, but not made by `purvey import`", store->path);
}

static pv_status take_version(sqlite_store *store, sqlite3_stmt *statement, pv_error *error)
{
    int version = sqlite3_column_int(statement, 0);
    if (version == STORE_VERSION) return PV_OK;
    if (version > STORE_VERSION) {
        return pv_fail(error, PV_E_INPUT, "%s: store version %d, this release reads version %d: import again",
                       store->path, version, STORE_VERSION);
    }
    return fail_damaged(store, "it has no version", error);
}

static stored_table *find_table(sqlite_store *store, pv_text name)
{
    for (int kind = 0; kind < PV_TABLE_COUNT; kind++) {
        if (pv_text_equal(name, pv_text_of(pv_table_kind_name((pv_table_kind)kind)))) return &store->tables[kind];
    }
    return NULL;
}

/* One entry of the schema: nothing but our tables, as we write them. */
static pv_status take_schema(sqlite_store *store, sqlite3_stmt *statement, pv_error *error)
{
    static const char *const fixed[] = {SETTINGS_SQL, TABLES_SQL, COLUMNS_SQL};
    pv_text name, sql;
    pv_status status = PV_OK;
    PV_TRY(keep_name(&name, store, statement, 0, error));
    PV_TRY(keep_name(&sql, store, statement, 1, error));
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (pv_text_equal(sql, pv_text_of(fixed[i]))) return PV_OK;
    }
    stored_table *table = find_table(store, name);
    if (table == NULL || table->sql != NULL) return fail_damaged(store, "its schema is not ours", error);
    table->sql = pv_arena_print(store->strings, "%s", sql.data);
    if (table->sql == NULL) return pv_fail_memory(error, "store", sql.size);
cleanup:
    return status;
}

static pv_status keep_checksum(char out[PV_HASH_HEX_SIZE], sqlite_store *store, sqlite3_stmt *statement, int column,
                               pv_error *error)
{
    pv_text checksum;
    pv_status status = keep_name(&checksum, store, statement, column, error);
    if (status != PV_OK) return status;
    if (checksum.size != PV_HASH_HEX_SIZE - 1) return fail_damaged(store, "a checksum is missing", error);
    memcpy(out, checksum.data, PV_HASH_HEX_SIZE);
    return PV_OK;
}

static pv_status take_settings(sqlite_store *store, sqlite3_stmt *statement, pv_error *error)
{
    pv_status status = keep_column(&store->settings_text, store, statement, 0, error);
    return status != PV_OK ? status : keep_checksum(store->settings_checksum, store, statement, 1, error);
}

static pv_status take_table(sqlite_store *store, sqlite3_stmt *statement, pv_error *error)
{
    pv_text name, file;
    pv_status status = PV_OK;
    PV_TRY(keep_name(&name, store, statement, 0, error));
    PV_TRY(keep_name(&file, store, statement, 1, error));
    stored_table *table = find_table(store, name);
    if (table == NULL || table->is_there) return fail_damaged(store, "a table is listed wrongly", error);
    PV_TRY(keep_checksum(table->checksum, store, statement, 3, error));
    table->file = pv_arena_print(store->strings, "%s", file.data);
    table->n_rows = sqlite3_column_int64(statement, 2);
    table->is_there = true;
    if (table->file == NULL) return pv_fail_memory(error, "store", file.size);
    if (table->n_rows < 0 || table->n_rows > INT64_MAX / (2 * PV_TABLE_COUNT)) {
        return fail_damaged(store, "a count of rows is wrong", error);
    }
    store->n_rows += table->n_rows;
cleanup:
    return status;
}

static pv_status take_column(sqlite_store *store, sqlite3_stmt *statement, pv_error *error)
{
    pv_text table_name, name;
    pv_status status = PV_OK;
    PV_TRY(keep_name(&table_name, store, statement, 0, error));
    PV_TRY(keep_name(&name, store, statement, 2, error));
    stored_table *table = find_table(store, table_name);
    if (table == NULL || table->n_columns >= PV_COLUMNS_MAX || sqlite3_column_int64(statement, 1) != table->n_columns) {
        return fail_damaged(store, "a column is listed wrongly", error);
    }
    table->columns[table->n_columns++] = name;
cleanup:
    return status;
}

/* Each data table of the schema is the one that its listed columns make. */
static pv_status check_tables(const sqlite_store *store, pv_error *error)
{
    for (int kind = 0; kind < PV_TABLE_COUNT; kind++) {
        const stored_table *table = &store->tables[kind];
        pv_buffer sql = {0};
        if (table->is_there != (table->sql != NULL)) return fail_damaged(store, "a table is missing", error);
        if (!table->is_there) continue;
        create_table_sql(&sql, (pv_table_kind)kind, table->columns, table->n_columns);
        bool is_out_of_memory = sql.failed;
        bool is_ours = !is_out_of_memory && strcmp(sql.data, table->sql) == 0;
        pv_buffer_deinit(&sql);
        if (is_out_of_memory) return pv_fail_memory(error, "store", 0);
        if (!is_ours) return fail_damaged(store, "its schema is not ours", error);
    }
    return store->tables[PV_TABLE_PURCHASES].is_there ? PV_OK : fail_damaged(store, "it has no purchases", error);
}

static pv_status check_settings(const sqlite_store *store, pv_error *error)
{
    char checksum[PV_HASH_HEX_SIZE];
    pv_content_hash *hash = pv_content_hash_create();
    if (hash == NULL) return pv_fail_memory(error, "store", 0);
    pv_content_hash_add(hash, &store->settings_text, 1);
    pv_content_hash_print(checksum, hash);
    pv_content_hash_free(hash);
    if (memcmp(checksum, store->settings_checksum, sizeof checksum) == 0) return PV_OK;
    return fail_damaged(store, "the checksum of the settings differs", error);
}

/* An address that SQLite cannot take for anything but this file, and that keeps it from looking for a journal. */
static void append_uri(pv_buffer *uri, const char *path)
{
    pv_buffer_append_string(uri, path[0] == '/' ? "file:" : "file:./");
    for (; *path != '\0'; path++) {
        bool is_plain = (*path >= '0' && *path <= '9') || (*path >= 'a' && *path <= 'z') ||
                        (*path >= 'A' && *path <= 'Z') || strchr("/._-", *path) != NULL;
        if (is_plain) {
            pv_buffer_append(uri, path, 1);
        } else {
            pv_buffer_print(uri, "%%%02X", (unsigned)(unsigned char)*path);
        }
    }
    pv_buffer_append(uri, "?immutable=1", sizeof "?immutable=1");
}

static pv_status open_database(sqlite_store *store, pv_error *error)
{
    pv_buffer uri = {0};
    append_uri(&uri, store->path);
    if (uri.failed) return pv_fail_memory(error, "store", uri.size);
    int outcome =
        sqlite3_open_v2(uri.data, &store->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    pv_buffer_deinit(&uri);
    if (store->database == NULL) return pv_fail_memory(error, "store", 0);
    if (outcome != SQLITE_OK) {
        return pv_fail(error, PV_E_INPUT, "%s: cannot open: %s", store->path, sqlite3_errmsg(store->database));
    }
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(store->database, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    return sqlite3_exec(store->database, "PRAGMA cell_size_check = ON", NULL, NULL, NULL) == SQLITE_OK
               ? PV_OK
               : fail_sqlite(store, error);
}

/* --- rows ------------------------------------------------------------------------------------------------------- */

typedef struct sqlite_source {
    pv_row_source base;
    sqlite_store *store;
    const stored_table *table;
    sqlite3_stmt *select;
    pv_content_hash *hash;
    int64_t n_taken, text_bytes;
    pv_text fields[PV_COLUMNS_MAX];
} sqlite_source;

static pv_status check_end(sqlite_source *source, pv_error *error)
{
    char checksum[PV_HASH_HEX_SIZE];
    pv_content_hash_print(checksum, source->hash);
    if (source->n_taken == source->table->n_rows && memcmp(checksum, source->table->checksum, sizeof checksum) == 0) {
        return PV_OK;
    }
    return fail_damaged(source->store, "the checksum of a table differs", error);
}

static pv_status sqlite_next(bool *has_row, pv_row *row, pv_row_source *base, pv_error *error)
{
    sqlite_source *source = (sqlite_source *)base;
    int outcome = sqlite3_step(source->select);
    *has_row = outcome == SQLITE_ROW;
    if (outcome == SQLITE_DONE) return check_end(source, error);
    if (outcome != SQLITE_ROW) return fail_sqlite(source->store, error);
    for (int32_t i = 0; i < base->n_columns; i++) {
        if (sqlite3_column_type(source->select, i + 1) != SQLITE_TEXT) {
            return fail_damaged(source->store, "a cell is no text", error);
        }
        pv_text field = {(const char *)sqlite3_column_text(source->select, i + 1), 0};
        field.size = (size_t)sqlite3_column_bytes(source->select, i + 1);
        if (field.data == NULL) return pv_fail_memory(error, "store", 0);
        if (!pv_text_is_utf8(field) || memchr(field.data, '\0', field.size) != NULL) {
            return fail_damaged(source->store, "a cell is no text", error);
        }
        source->fields[i] = field;
        source->text_bytes += (int64_t)field.size + 1;
    }
    source->n_taken++;
    row->fields = source->fields;
    row->n_fields = base->n_columns;
    row->text = (pv_text){NULL, 0};
    row->line = sqlite3_column_int64(source->select, 0);
    row->fault.column = -1;
    row->fault.cause[0] = '\0';
    hash_row(source->hash, row);
    return PV_OK;
}

static void sqlite_free(pv_row_source *base)
{
    sqlite_source *source = (sqlite_source *)base;
    sqlite3_finalize(source->select);
    pv_content_hash_free(source->hash);
    free(source);
}

static double sqlite_bytes_done(const pv_row_source *base)
{
    const sqlite_source *source = (const sqlite_source *)(const void *)base;
    const sqlite_store *store = source->store;
    return store->n_rows > 0 ? store->file_bytes * (double)source->n_taken / (double)store->n_rows : 0;
}

static int64_t sqlite_text_bytes(const pv_row_source *base)
{
    return ((const sqlite_source *)(const void *)base)->text_bytes;
}

static pv_status open_table(pv_row_source **rows, pv_shop_source *base, pv_table_kind kind, pv_error *error)
{
    sqlite_store *store = (sqlite_store *)base;
    const stored_table *table = &store->tables[kind];
    pv_status status = PV_OK;
    char sql[64];
    *rows = NULL;
    if (!table->is_there) return PV_OK;
    sqlite_source *source = calloc(1, sizeof *source);
    if (source == NULL) return pv_fail_memory(error, "store", sizeof *source);
    source->store = store;
    source->table = table;
    source->base = (pv_row_source){.file = table->file,
                                   .columns = table->columns,
                                   .n_columns = table->n_columns,
                                   .delimiter = ',',
                                   .next = sqlite_next,
                                   .free = sqlite_free,
                                   .bytes_done = sqlite_bytes_done,
                                   .text_bytes = sqlite_text_bytes};
    source->hash = pv_content_hash_create();
    if (source->hash == NULL) {
        status = pv_fail_memory(error, "store", 0);
        goto cleanup;
    }
    hash_header(source->hash, table->file, table->columns, table->n_columns);
    sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM %s ORDER BY line", pv_table_kind_name(kind));
    if (sqlite3_prepare_v2(store->database, sql, -1, &source->select, NULL) != SQLITE_OK) {
        status = fail_sqlite(store, error);
        goto cleanup;
    }
    *rows = &source->base;
    source = NULL;
cleanup:
    if (source != NULL) sqlite_free(&source->base);
    return status;
}

static void store_free(pv_shop_source *base)
{
    sqlite_store *store = (sqlite_store *)base;
    sqlite3_close(store->database);
    pv_shop_settings_free(base->settings);
    pv_arena_free(store->strings);
    free(store->path);
    free(store);
}

pv_status pv_sqlite_store_open(pv_shop_source **source, const char *path, pv_error *error)
{
    struct stat facts;
    pv_status status = PV_OK;
    sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL) return pv_fail_memory(error, "store", sizeof *store);
    store->base.open_table = open_table;
    store->base.free = store_free;
    store->path = strdup(path);
    store->strings = pv_arena_create();
    if (store->path == NULL || store->strings == NULL) {
        status = pv_fail_memory(error, "store", 0);
        goto cleanup;
    }
    if (stat(path, &facts) != 0) {
        status = pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
        goto cleanup;
    }
    store->file_bytes = store->base.total_bytes = (double)facts.st_size;
    PV_TRY(open_database(store, error));
    PV_TRY(run_query(store, "PRAGMA application_id", take_application, error));
    PV_TRY(run_query(store, "PRAGMA user_version", take_version, error));
    PV_TRY(run_query(store, "SELECT name, sql FROM sqlite_schema", take_schema, error));
    PV_TRY(run_query(store, "SELECT value, checksum FROM shop_settings", take_settings, error));
    PV_TRY(run_query(store, "SELECT name, file, n_rows, checksum FROM shop_tables", take_table, error));
    PV_TRY(run_query(store, "SELECT table_name, position, name FROM shop_columns", take_column, error));
    PV_TRY(check_tables(store, error));
    PV_TRY(check_settings(store, error));
    store->base.settings_text = store->settings_text;
    PV_TRY(pv_shop_settings_read(&store->base.settings, store->settings_text, error));
    *source = &store->base;
    store = NULL;
cleanup:
    if (store != NULL) store_free(&store->base);
    return status;
}
