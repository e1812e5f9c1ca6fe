#include "shop/csv_source.h"
#include "support/scratch_folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static scratch_folder folder;
static const pv_csv_options comma = {',', false};

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

static pv_status open_text(pv_row_source **source, const void *text, size_t size, const pv_csv_options *options,
                           pv_error *error)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &folder, "t.csv");
    assert_true(scratch_write(path, text, size));
    return pv_csv_source_open(source, path, "t.csv", options, error);
}

static void append_row(pv_buffer *out, const pv_row *row)
{
    pv_buffer_print(out, "%lld", (long long)row->line);
    for (int32_t i = 0; i < row->n_fields; i++) {
        pv_buffer_append_string(out, "[");
        for (size_t at = 0; at < row->fields[i].size; at++) {
            char byte = row->fields[i].data[at];
            pv_buffer_append(out, byte == '\0' ? "<NUL>" : &byte, byte == '\0' ? 5 : 1);
        }
        pv_buffer_append_string(out, "]");
    }
    if (row->fault.cause[0] != '\0') pv_buffer_print(out, "!%d %s", row->fault.column, row->fault.cause);
    pv_buffer_append_string(out, " ");
}

/* Every row as LINE[field][field]!COLUMN CAUSE, or the message of the error. */
static void assert_rows(const void *text, size_t size, const pv_csv_options *options, const char *expected)
{
    pv_row_source *source = NULL;
    pv_row row;
    pv_error error;
    pv_buffer out = {0};
    bool has_row = false;
    pv_status status = open_text(&source, text, size, options, &error);
    do {
        if (status == PV_OK) status = source->next(&has_row, &row, source, &error);
        if (status == PV_OK && has_row) append_row(&out, &row);
    } while (status == PV_OK && has_row);
    if (status != PV_OK) pv_buffer_append_string(&out, error.message);
    pv_buffer_append(&out, "", 1);
    assert_string_equal(out.data, expected);
    pv_buffer_deinit(&out);
    if (source != NULL) source->free(source);
}

static void assert_text(const char *text, const char *expected)
{
    assert_rows(text, strlen(text), &comma, expected);
}

static void rows_end_with_lf_or_crlf_or_the_file(void **state)
{
    (void)state;
    assert_text("a,b\n1,2\n3,4\n", "2[1][2] 3[3][4] ");
    assert_text("a,b\r\n1,2\r\n3,4\r\n", "2[1][2] 3[3][4] ");
    assert_text("a,b\n1,2\r\n3,4", "2[1][2] 3[3][4] ");
    assert_text("a,b\n1,\n,4", "2[1][] 3[][4] ");
    assert_text("a,b\n1,2\r", "2[1][2] ");
    assert_text("a,b\n1\r2,3\n", "2[1\r2][3] ");
    assert_text("a,b", "");
    assert_text("a,b\n", "");
}

static void empty_lines_are_no_rows(void **state)
{
    (void)state;
    assert_text("\n\r\na,b\n\n1,2\n\r\n3,4\n\n", "5[1][2] 7[3][4] ");
    assert_text("a\n\"\"\n\n \n", "2[] 4[ ] ");
}

static void quotes_keep_delimiters_and_line_breaks(void **state)
{
    (void)state;
    assert_text("a,b\n\"1,2\",\"x\ny\"\n3,4\n", "2[1,2][x\ny] 4[3][4] ");
    assert_text("a,b\n\"\",\"\r\n\"\r\n3,4\r\n", "2[][\r\n] 4[3][4] ");
    assert_text("\"a\",\"b\"\n1,\"2\"", "2[1][2] ");
    assert_text("a,b\n\"1\",\"2\"\r", "2[1][2] ");
}

static void doubled_quotes_are_one(void **state)
{
    (void)state;
    assert_text("a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", "2[say \"hi\"][\"] ");
    assert_text("a,b\n\"\"\"\"\"\",x\n", "2[\"\"][x] ");
}

static void a_quote_inside_a_field_is_taken_as_it_is(void **state)
{
    (void)state;
    assert_text("a,b\n5\" pipe,x\"y\"\n 1,2\n", "2[5\" pipe][x\"y\"] 3[ 1][2] ");
    assert_text("a,b\n1, \"2\"\n", "2[1][ \"2\"] ");
}

static void text_after_a_closing_quote_is_a_fault(void **state)
{
    (void)state;
    assert_text("a,b\n\"1\"x,2\n3,4\n", "2[\"1\"x][2]!-1 text after a closing quote 3[3][4] ");
    assert_text("a,b\n1,\"2\" \n3,4\n", "2[1][\"2\" ]!-1 text after a closing quote 3[3][4] ");
}

static void the_number_of_fields_must_be_that_of_the_header(void **state)
{
    (void)state;
    assert_text("a,b\n1\n1,2,3\n4,5\n", "2[1]!-1 1 field, the header has 2 "
                                        "3[1][2][3]!-1 3 fields, the header has 2 4[4][5] ");
    assert_text("a,b\n1,2,\n", "2[1][2][]!-1 3 fields, the header has 2 ");
}

static void nul_and_invalid_utf8_are_faults_of_their_column(void **state)
{
    (void)state;
    const char text[] = "a,b\nx,y\0z\n\xff,1\nx,\xc3\xa4\n1,\"\xc3\"\n\0,2,3\n";
    assert_rows(text, sizeof text - 1, &comma,
                "2[x][y<NUL>z]!1 NUL byte "
                "3[\xff][1]!0 invalid UTF-8 (is the file latin1?) "
                "4[x][\xc3\xa4] "
                "5[1][\xc3]!1 invalid UTF-8 (is the file latin1?) "
                "6[<NUL>][2][3]!0 NUL byte ");
}

static void latin1_becomes_utf8(void **state)
{
    (void)state;
    const pv_csv_options latin1 = {';', true};
    const char text[] = "n\xe4me;b\nM\xfcller;\"\xdf;\"\n";
    assert_rows(text, sizeof text - 1, &latin1, "2[M\xc3\xbcller][\xc3\x9f;] ");
}

static void a_mark_of_utf8_is_skipped_and_utf16_refused(void **state)
{
    (void)state;
    pv_row_source *source = NULL;
    assert_int_equal(open_text(&source,
                               "\xef\xbb\xbf"
                               "a,b\n",
                               7, &comma, NULL),
                     PV_OK);
    assert_int_equal(pv_row_source_find(source, pv_text_of("a")), 0);
    source->free(source);
    assert_rows("\xff\xfe"
                "a\0,\0b\0",
                8, &comma, "t.csv: is UTF-16, save it as UTF-8");
    assert_rows("\xfe\xff"
                "\0a\0,\0b",
                8, &comma, "t.csv: is UTF-16, save it as UTF-8");
    assert_rows("a\0,\0b\0\n\0"
                "1\0,\0"
                "2\0\n\0",
                16, &comma, "t.csv: is UTF-16, save it as UTF-8");
    const pv_csv_options latin1 = {',', true};
    assert_rows("\xff\xfe"
                "a\0,\0b\0",
                8, &latin1, "t.csv: is UTF-16, save it as UTF-8");
}

static void what_is_no_table_is_refused(void **state)
{
    (void)state;
    assert_text("", "t.csv: is empty, a header line was expected");
    assert_text("\n\n", "t.csv: is empty, a header line was expected");
    assert_text("a,b,a\n1,2,3\n", "t.csv:1: header: column \"a\" stands twice");
    assert_text("\na,b\"\xff\n", "t.csv:2: header: invalid UTF-8 (is the file latin1?)");
    assert_text("a,b\n1,2\n\n3,\"4\n5,6\n", "2[1][2] t.csv:4: a quote opened in this row is not closed");
}

static void other_delimiters_are_taken(void **state)
{
    (void)state;
    const pv_csv_options semicolon = {';', false}, tab = {'\t', false};
    assert_rows("a;b\n1,5;2\n", 10, &semicolon, "2[1,5][2] ");
    assert_rows("a\tb\n1\t\"2\t3\"\n", 12, &tab, "2[1][2\t3] ");
}

/* Rows whose lengths run through all positions of a block, in a file of many buffers, against what was written. */
static void rows_across_blocks_and_buffers_stay_whole(void **state)
{
    (void)state;
    enum { ROWS = 60000 };
    pv_buffer text = {0};
    pv_buffer_append_string(&text, "n,pad,quoted\n");
    for (int i = 0; i < ROWS; i++) {
        pv_buffer_print(
            &text, "%d,%.*s,\"a\"\"%d\nb\"\r\n", i, i % 97,
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxx",
            i);
    }
    pv_row_source *source = NULL;
    pv_row row;
    bool has_row = true;
    assert_int_equal(open_text(&source, text.data, text.size, &comma, NULL), PV_OK);
    for (int i = 0; i < ROWS; i++) {
        char number[16], quoted[24];
        snprintf(number, sizeof number, "%d", i);
        snprintf(quoted, sizeof quoted, "a\"%d\nb", i);
        assert_int_equal(source->next(&has_row, &row, source, NULL), PV_OK);
        assert_true(has_row);
        assert_int_equal(row.n_fields, 3);
        assert_int_equal(row.line, 2 + 2 * i);
        assert_true(pv_text_equal(row.fields[0], pv_text_of(number)));
        assert_int_equal(row.fields[1].size, i % 97);
        assert_true(pv_text_equal(row.fields[2], pv_text_of(quoted)));
    }
    assert_int_equal(source->next(&has_row, &row, source, NULL), PV_OK);
    assert_false(has_row);
    assert_int_equal(source->text_bytes(source), text.size);
    source->free(source);
    pv_buffer_deinit(&text);
}

static void a_row_may_be_long_but_not_endless(void **state)
{
    (void)state;
    const size_t size = (size_t)20 * 1024 * 1024;
    char *text = malloc(size);
    pv_row_source *source = NULL;
    pv_row row;
    pv_error error;
    bool has_row = false;
    memset(text, 'x', size);
    memcpy(text, "a,b\n", 4);
    text[6 * 1024 * 1024] = ',';
    text[7 * 1024 * 1024] = '\n';
    assert_int_equal(open_text(&source, text, size, &comma, NULL), PV_OK);
    assert_int_equal(source->next(&has_row, &row, source, NULL), PV_OK);
    assert_true(has_row);
    assert_int_equal(row.fields[0].size, 6 * 1024 * 1024 - 4);
    assert_int_equal(source->next(&has_row, &row, source, &error), PV_E_INPUT);
    assert_string_equal(error.message, "t.csv:3: a row longer than 16 MiB (is a quote not closed?)");
    assert_int_equal(error.position, 3);
    source->free(source);
    free(text);
}

static void columns_beyond_the_limit_are_refused_and_fields_counted(void **state)
{
    (void)state;
    pv_buffer header = {0}, row = {0};
    for (int i = 0; i <= PV_COLUMNS_MAX; i++) pv_buffer_print(&header, "%sc%d", i > 0 ? "," : "", i);
    assert_rows(header.data, header.size, &comma, "t.csv: more than 1024 columns");
    pv_buffer_append_string(&row, "a\n");
    for (int i = 0; i < 2000; i++) pv_buffer_append_string(&row, ",");
    pv_row_source *source = NULL;
    pv_row read;
    bool has_row = false;
    assert_int_equal(open_text(&source, row.data, row.size, &comma, NULL), PV_OK);
    assert_int_equal(source->next(&has_row, &read, source, NULL), PV_OK);
    assert_string_equal(read.fault.cause, "2001 fields, the header has 1");
    assert_int_equal(read.n_fields, PV_COLUMNS_MAX + 1);
    assert_int_equal(read.fields[PV_COLUMNS_MAX].size, 2000 - PV_COLUMNS_MAX);
    source->free(source);
    pv_buffer_deinit(&header);
    pv_buffer_deinit(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_end_with_lf_or_crlf_or_the_file),
        cmocka_unit_test(empty_lines_are_no_rows),
        cmocka_unit_test(quotes_keep_delimiters_and_line_breaks),
        cmocka_unit_test(doubled_quotes_are_one),
        cmocka_unit_test(a_quote_inside_a_field_is_taken_as_it_is),
        cmocka_unit_test(text_after_a_closing_quote_is_a_fault),
        cmocka_unit_test(the_number_of_fields_must_be_that_of_the_header),
        cmocka_unit_test(nul_and_invalid_utf8_are_faults_of_their_column),
        cmocka_unit_test(latin1_becomes_utf8),
        cmocka_unit_test(a_mark_of_utf8_is_skipped_and_utf16_refused),
        cmocka_unit_test(what_is_no_table_is_refused),
        cmocka_unit_test(other_delimiters_are_taken),
        cmocka_unit_test(rows_across_blocks_and_buffers_stay_whole),
        cmocka_unit_test(a_row_may_be_long_but_not_endless),
        cmocka_unit_test(columns_beyond_the_limit_are_refused_and_fields_counted),
    };
    return cmocka_run_group_tests(tests, create_folder, remove_folder);
}
