/* Tables as they come out in a pipe and on terminals of a given width. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "table.h"
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const table_column columns[] = {
    {"#", true, false}, {"name", false, true}, {"brand", false, true}, {"score", true, false}};
static const cli_terminal in_a_pipe = {.width = SIZE_MAX};

static char *printed(const cli_table *table, const cli_terminal *terminal)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_true(table_print(table, out, terminal));
    assert_int_equal(fclose(out), 0);
    return text;
}

static cli_table *example(const char *first_name)
{
    cli_table *table = table_create(columns, 4);
    assert_non_null(table);
    table_begin_row(table);
    table_add(table, "%d", 1);
    table_add_text(table, text_of(first_name));
    table_add_text(table, (pv_text){0});
    table_add(table, "%.2f", 1.5);
    table_add_detail(table, STYLE_GOOD, "+1.5", text_of("one two three four five six"));
    table_begin_row(table);
    table_add(table, "%d", 10);
    table_add_text(table, text_of("nut"));
    table_add_text(table, (pv_text){0});
    table_add(table, "%.2f", -0.25);
    return table;
}

static void columns_are_aligned_and_empty_ones_left_out(void **state)
{
    (void)state;
    cli_table *table = example("bolt M8");
    char *text = printed(table, &in_a_pipe);
    assert_string_equal(text, "   #  name     score\n"
                              "   1  bolt M8   1.50\n"
                              "    +1.5  one two three four five six\n"
                              "  10  nut      -0.25\n");
    free(text);
    table_free(table);
}

static void wide_characters_count_as_two_columns(void **state)
{
    (void)state;
    cli_table *table = example("\xe5\x95\x86\xe5\x93\x81\xc3\xa9");
    char *text = printed(table, &in_a_pipe);
    assert_non_null(strstr(text, "   1  \xe5\x95\x86\xe5\x93\x81\xc3\xa9   1.50\n"));
    free(text);
    table_free(table);
}

static void a_terminal_cuts_names_and_wraps_sentences(void **state)
{
    (void)state;
    cli_table *table = example("a very long name of a bolt");
    cli_terminal narrow = {.is_terminal = true, .width = 30};
    char *text = printed(table, &narrow);
    assert_string_equal(text, "   #  name               score\n"
                              "   1  a very long name\xe2\x80\xa6   1.50\n"
                              "    +1.5  one two three four\n"
                              "          five six\n"
                              "  10  nut                -0.25\n");
    free(text);
    table_free(table);
}

static void colours_come_only_where_they_are_wanted(void **state)
{
    (void)state;
    cli_table *table = example("bolt");
    cli_terminal colourful = {.is_terminal = true, .has_colour = true, .width = 80};
    char *text = printed(table, &colourful);
    assert_non_null(strstr(text, "\033[32m+1.5\033[0m"));
    free(text);
    text = printed(table, &(cli_terminal){.is_terminal = true, .width = 80});
    assert_null(strchr(text, '\033'));
    free(text);
    table_free(table);
}

static void control_characters_cannot_reach_the_terminal(void **state)
{
    (void)state;
    cli_table *table = example("a\033[2Jb\nc\xff");
    char *text = printed(table, &in_a_pipe);
    assert_non_null(strstr(text, "   1  a?[2Jb?c?"));
    free(text);
    table_free(table);
}

static int use_utf8(void **state)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8 == (locale_t)0) return -1;
    uselocale(utf8);
    *state = utf8;
    return 0;
}

static int restore_locale(void **state)
{
    uselocale(LC_GLOBAL_LOCALE);
    freelocale((locale_t)*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned_and_empty_ones_left_out),
        cmocka_unit_test(wide_characters_count_as_two_columns),
        cmocka_unit_test(a_terminal_cuts_names_and_wraps_sentences),
        cmocka_unit_test(colours_come_only_where_they_are_wanted),
        cmocka_unit_test(control_characters_cannot_reach_the_terminal),
    };
    return cmocka_run_group_tests(tests, use_utf8, restore_locale);
}
