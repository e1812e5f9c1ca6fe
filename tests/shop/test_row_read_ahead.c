/* Rows read ahead against the same rows read one by one: values, faults, lines, and the error after the last row. */
#include "base/failure.h"
#include "shop/csv_source.h"
#include "shop/row_read_ahead.h"
#include "support/scratch_folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const pv_csv_options comma = {.delimiter = ',', .is_latin1 = false};
static scratch_folder folder;

static int create_folder(void **state)
{
    (void)state;
    return scratch_folder_create(&folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    return 0;
}

static pv_row_source *open_text(const pv_buffer *text, bool is_ahead)
{
    char path[SCRATCH_PATH_SIZE];
    pv_row_source *source = NULL;
    scratch_path(path, &folder, "t.csv");
    assert_true(scratch_write(path, text->data, text->size));
    assert_int_equal(pv_csv_source_open(&source, path, "t.csv", &comma, NULL), PV_OK);
    if (is_ahead) assert_int_equal(pv_row_read_ahead_open(&source, source, NULL), PV_OK);
    return source;
}

/* Every row as LINE[field][field]!COLUMN CAUSE, the message of the error, and the bytes taken at the end. */
static void print_rows(pv_buffer *out, const pv_buffer *text, bool is_ahead)
{
    pv_row_source *source = open_text(text, is_ahead);
    pv_row row;
    pv_error error = {.message = ""};
    bool has_row = true;
    while (source->next(&has_row, &row, source, &error) == PV_OK && has_row) {
        pv_buffer_print(out, "%lld", (long long)row.line);
        for (int32_t i = 0; i < row.n_fields; i++) {
            pv_buffer_append_string(out, "[");
            pv_buffer_append(out, row.fields[i].data, row.fields[i].size);
            pv_buffer_append_string(out, "]");
        }
        if (row.fault.cause[0] != '\0') pv_buffer_print(out, "!%d %s", row.fault.column, row.fault.cause);
        pv_buffer_append_string(out, "\n");
    }
    pv_buffer_print(out, "%s (%d), line %lld, %lld bytes", error.message, (int)error.status, (long long)error.position,
                    (long long)source->text_bytes(source));
    if (is_ahead) assert_int_equal(source->next(&has_row, &row, source, NULL), error.message[0] ? PV_E_INPUT : PV_OK);
    source->free(source);
}

static void assert_same_rows(pv_buffer *text)
{
    pv_buffer alone = {0}, ahead = {0};
    print_rows(&alone, text, false);
    print_rows(&ahead, text, true);
    assert_false(text->failed || alone.failed || ahead.failed);
    assert_int_equal(ahead.size, alone.size);
    assert_memory_equal(ahead.data, alone.data, alone.size);
    pv_buffer_deinit(&alone);
    pv_buffer_deinit(&ahead);
}

/* More than all batches hold. */
static void append_many_rows(pv_buffer *text)
{
    pv_buffer_append_string(text, "name,number\n");
    for (int row = 0; row < 30000; row++) {
        if (row % 997 == 5) pv_buffer_append_string(text, "one field\n");
        pv_buffer_print(text, row % 7 == 0 ? "\"a \"\"quoted\"\"\nname %d\",%d\n" : "name number %d,%d\n", row, row);
    }
}

static void rows_and_faults_are_those_of_the_source(void **state)
{
    (void)state;
    pv_buffer text = {0};
    append_many_rows(&text);
    assert_same_rows(&text);
    pv_buffer_deinit(&text);
}

static void an_error_comes_after_the_rows_before_it(void **state)
{
    (void)state;
    pv_buffer text = {0}, shown = {0};
    append_many_rows(&text);
    pv_buffer_append_string(&text, "open,\"never closed\n");
    assert_same_rows(&text);
    text.size = 0;
    pv_buffer_append_string(&text, "a,b\n1,2\n3,\"4\n");
    print_rows(&shown, &text, true);
    pv_buffer_append(&shown, "", 1);
    assert_non_null(strstr(shown.data, "2[1][2]\nt.csv:3: a quote opened in this row is not closed (2), line 3,"));
    pv_buffer_deinit(&text);
    pv_buffer_deinit(&shown);
}

static void rows_longer_than_a_batch_are_whole(void **state)
{
    (void)state;
    pv_buffer text = {0};
    pv_buffer_append_string(&text, "a,b\n1,2\n");
    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 40000; i++) pv_buffer_print(&text, "%06d", i);
        pv_buffer_print(&text, ",%d\nshort,row\n", row);
    }
    assert_same_rows(&text);
    pv_buffer_deinit(&text);
}

static void no_rows_are_no_rows(void **state)
{
    (void)state;
    pv_buffer text = {0};
    pv_buffer_append_string(&text, "a,b\n");
    assert_same_rows(&text);
    pv_buffer_deinit(&text);
}

static void a_source_may_be_left_before_its_end(void **state)
{
    (void)state;
    pv_buffer text = {0};
    append_many_rows(&text);
    for (int n_taken = 0; n_taken <= 4000; n_taken += 2000) {
        pv_row_source *source = open_text(&text, true);
        bool has_row = false;
        pv_row row;
        for (int i = 0; i < n_taken; i++) assert_int_equal(source->next(&has_row, &row, source, NULL), PV_OK);
        source->free(source);
    }
    pv_buffer_deinit(&text);
}

/* --- a source whose fields lie apart, as those of a database ----------------------------------------------------- */

typedef struct counting_source {
    pv_row_source base;
    int64_t n_given, n;
    char bytes[2][32];
    pv_text fields[2];
    int *n_freed;
} counting_source;

static pv_status counting_next(bool *has_row, pv_row *row, pv_row_source *base, pv_error *error)
{
    counting_source *source = (counting_source *)base;
    *has_row = source->n_given < source->n;
    if (!*has_row) return pv_fail_at(error, PV_E_INPUT, source->n, "the end");
    for (int i = 0; i < 2; i++) {
        snprintf(source->bytes[i], sizeof source->bytes[i], "%lld", (long long)source->n_given * (i + 1));
        source->fields[i] = pv_text_of(source->bytes[i]);
    }
    *row = (pv_row){.fields = source->fields, .n_fields = 2, .line = ++source->n_given, .fault = {.column = -1}};
    return PV_OK;
}

static double counting_bytes_done(const pv_row_source *base)
{
    return (double)((const counting_source *)(const void *)base)->n_given;
}

static int64_t counting_text_bytes(const pv_row_source *base)
{
    return ((const counting_source *)(const void *)base)->n_given;
}

static void counting_free(pv_row_source *base)
{
    ++*((counting_source *)base)->n_freed;
}

static void fields_may_lie_apart(void **state)
{
    (void)state;
    int n_freed = 0;
    counting_source source = {.base = {.next = counting_next,
                                       .free = counting_free,
                                       .bytes_done = counting_bytes_done,
                                       .text_bytes = counting_text_bytes},
                              .n = 100000,
                              .n_freed = &n_freed};
    pv_row_source *ahead = NULL;
    pv_row row;
    pv_error error;
    bool has_row = false;
    assert_int_equal(pv_row_read_ahead_open(&ahead, &source.base, NULL), PV_OK);
    for (int64_t i = 0; i < source.n; i++) {
        char twice[32];
        assert_int_equal(ahead->next(&has_row, &row, ahead, &error), PV_OK);
        snprintf(twice, sizeof twice, "%lld", (long long)i * 2);
        assert_true(has_row && row.n_fields == 2 && row.line == i + 1);
        assert_true(pv_text_equal(row.fields[1], pv_text_of(twice)));
    }
    assert_int_equal(ahead->next(&has_row, &row, ahead, &error), PV_E_INPUT);
    assert_string_equal(error.message, "the end");
    assert_int_equal(error.position, 100000);
    assert_true(ahead->bytes_done(ahead) == 100000);
    ahead->free(ahead);
    assert_int_equal(n_freed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_faults_are_those_of_the_source),
        cmocka_unit_test(an_error_comes_after_the_rows_before_it),
        cmocka_unit_test(rows_longer_than_a_batch_are_whole),
        cmocka_unit_test(no_rows_are_no_rows),
        cmocka_unit_test(a_source_may_be_left_before_its_end),
        cmocka_unit_test(fields_may_lie_apart),
    };
    return cmocka_run_group_tests(tests, create_folder, remove_folder);
}
