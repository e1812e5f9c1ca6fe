#include "base/failure.h"
#include "remote/ini_file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* "LINE section.name=value;" a setting, "LINE section;" a head. */
static pv_status print_line(void *context, const pv_ini_line *line, pv_error *error)
{
    (void)error;
    pv_buffer *out = context;
    pv_buffer_print(out, "%lld ", (long long)line->line);
    pv_buffer_append_text(out, line->section);
    if (line->name.data) {
        pv_buffer_append(out, ".", 1);
        pv_buffer_append_text(out, line->name);
        pv_buffer_append(out, "=", 1);
        pv_buffer_append_text(out, line->value);
    }
    pv_buffer_append(out, ";", 1);
    return PV_OK;
}

static void assert_read(const char *text, const char *expected)
{
    pv_buffer out = {0};
    assert_int_equal(pv_ini_read("file", pv_text_of(text), print_line, &out, NULL), PV_OK);
    pv_buffer_append(&out, "", 1);
    assert_string_equal(out.data, expected);
    pv_buffer_deinit(&out);
}

static void assert_refused(pv_text text, const char *message)
{
    pv_error error;
    pv_buffer out = {0};
    assert_int_equal(pv_ini_read("file", text, print_line, &out, &error), PV_E_INPUT);
    assert_string_equal(error.message, message);
    pv_buffer_deinit(&out);
}

static void settings_come_with_their_section_and_line(void **state)
{
    (void)state;
    assert_read("[a]\nx = 1\n\ny=2\n[ b c ]\nx=3", "1 a;2 a.x=1;4 a.y=2;5 b c;6 b c.x=3;");
    assert_read("", "");
    assert_read("[a]", "1 a;");
}

static void a_colon_separates_as_well_and_the_first_one_counts(void **state)
{
    (void)state;
    assert_read("[a]\nx: 1=2\ny = 3:4==\n", "1 a;2 a.x=1=2;3 a.y=3:4==;");
}

static void comments_and_line_ends_of_windows_are_left_out(void **state)
{
    (void)state;
    assert_read("# c\r\n  ; c\r\n[a] # c\r\nx = 1 # c\r\ny = 2\t;c\r\nz = a#b;c\r\nw = ;c\r\n",
                "3 a;4 a.x=1;5 a.y=2;6 a.z=a#b;c;7 a.w=;");
}

static void what_is_indented_deeper_belongs_to_the_setting_above(void **state)
{
    (void)state;
    assert_read("[a]\ns3 =\n  region = inner\n\n  # c\n  [inner]\nx = 1\n", "1 a;2 a.s3=;7 a.x=1;");
}

static void a_file_may_be_indented_as_a_whole(void **state)
{
    (void)state;
    assert_read("  [a]\n  x = 1\n  y = 2\n    z = inner\n[b]\n\tx = 3\n\ty = 4\n",
                "1 a;2 a.x=1;3 a.y=2;5 b;6 b.x=3;7 b.y=4;");
}

static void a_wrong_line_is_named_and_not_quoted(void **state)
{
    (void)state;
    assert_refused(pv_text_of("x = 1\n"), "file:1: expected a [section] first");
    assert_refused(pv_text_of("[a\n"), "file:1: expected ] behind the section's name");
    assert_refused(pv_text_of("[a]\n\nhush\n"), "file:3: expected [section], or name = value");
    assert_refused(pv_text_of("[a]\n= hush\n"), "file:2: expected [section], or name = value");
    assert_refused((pv_text){"[a]\nx\0=1", 8}, "file: a NUL byte: expected a text file");
}

static pv_status refuse_second(void *context, const pv_ini_line *line, pv_error *error)
{
    int *count = context;
    return ++*count == 2 ? pv_fail(error, PV_E_INPUT, "line %lld", (long long)line->line) : PV_OK;
}

static void a_failure_ends_the_reading(void **state)
{
    (void)state;
    int count = 0;
    pv_error error;
    assert_int_equal(pv_ini_read("file", pv_text_of("[a]\nx=1\ny=2\n"), refuse_second, &count, &error), PV_E_INPUT);
    assert_int_equal(count, 2);
    assert_string_equal(error.message, "line 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_come_with_their_section_and_line),
        cmocka_unit_test(a_colon_separates_as_well_and_the_first_one_counts),
        cmocka_unit_test(comments_and_line_ends_of_windows_are_left_out),
        cmocka_unit_test(what_is_indented_deeper_belongs_to_the_setting_above),
        cmocka_unit_test(a_file_may_be_indented_as_a_whole),
        cmocka_unit_test(a_wrong_line_is_named_and_not_quoted),
        cmocka_unit_test(a_failure_ends_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
