#include "shop/cell_values.h"
#include "base/random.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static double number(const char *text, char decimal)
{
    double value = 0;
    if (!pv_number_parse(&value, pv_text_of(text), decimal)) fail_msg("\"%s\" is no number", text);
    return value;
}

static void assert_same_bits(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void plain_numbers_are_read(void **state)
{
    (void)state;
    assert_same_bits(number("0", '.'), 0.0);
    assert_same_bits(number("-0", '.'), -0.0);
    assert_same_bits(number("12", '.'), 12.0);
    assert_same_bits(number("+6.95", '.'), 6.95);
    assert_same_bits(number("-0.1", '.'), -0.1);
    assert_same_bits(number(".5", '.'), 0.5);
    assert_same_bits(number("5.", '.'), 5.0);
    assert_same_bits(number("1e3", '.'), 1000.0);
    assert_same_bits(number("1.5E-2", '.'), 0.015);
    assert_same_bits(number("000000000000000000000000012.50", '.'), 12.5);
    assert_same_bits(number("12,75", ','), 12.75);
}

static void hard_numbers_are_rounded_correctly(void **state)
{
    (void)state;
    assert_same_bits(number("9007199254740993", '.'), 9007199254740992.0);
    assert_same_bits(number("179769313486231570000000000000000000000e270", '.'), 0x1.fffffffffffffp+1023);
    assert_same_bits(number("4,9e-324", ','), 0x1p-1074);
    assert_same_bits(number("0.1000000000000000055511151231257827021181583404541015625", '.'), 0.1);
    assert_same_bits(number("123456789012345678901234567890", '.'), 123456789012345678901234567890.0);
    assert_true(isinf(number("1e999", '.')));
    assert_same_bits(number("1e-99999999999999999999", '.'), 0.0);
    assert_same_bits(number("0e99999999999999999999", '.'), 0.0);
}

/* The shortcut against the C library, on numbers of every length. */
static void every_number_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 50000; i++) {
        char text[64];
        uint64_t bits = pv_random_bits(7, 1, i);
        snprintf(text, sizeof text, "%llu.%0*llue%d", (unsigned long long)(bits >> (bits % 64)), (int)(bits % 7) + 1,
                 (unsigned long long)(pv_random_bits(7, 2, i) % 1000000), (int)(bits % 61) - 30);
        assert_same_bits(number(text, '.'), strtod(text, NULL));
    }
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    const char *const texts[] = {"",        " ",   "-",   "+",    ".",     "e3",  "1e",  "1e+",
                                 "nan",     "NaN", "inf", "-inf", "0x1",   "1 2", "1,5", "1.2.3",
                                 "1,000.5", "12a", "--1", "+-1",  "1e1.5", "£5",  "5%"};
    double value = 7;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (pv_number_parse(&value, pv_text_of(texts[i]), '.')) fail_msg("\"%s\" was taken for a number", texts[i]);
    }
    assert_false(pv_number_parse(&value, pv_text_of("1.5"), ','));
    assert_false(pv_number_parse(&value, pv_text_of("1.234,5"), ','));
    assert_false(pv_number_parse(&value, (pv_text){"1\0", 2}, '.'));
    assert_same_bits(value, 7);
}

static void times_are_read_with_and_without_the_remembered_day(void **state)
{
    (void)state;
    pv_time_reader reader = {0};
    int64_t seconds = 0;
    const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        {"2010-12-09 20:01:00", 1291924860},  {"2010-12-09T20:01:01", 1291924861}, {"2010-12-09 00:00:00", 1291852800},
        {"2010-12-09", 1291852800},           {"2010-12-09 20:01", 1291924860},    {"2010-12-10 00:00:00", 1291939200},
        {"2010-12-09T20:01:01Z", 1291924861}, {"2010-12-09 23:59:59", 1291939199}, {"1970-01-01 00:00:00", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(pv_time_read(&seconds, &reader, pv_text_of(cases[i].text)));
        assert_int_equal(seconds, cases[i].seconds);
    }
    const char *const bad[] = {"",           "2010-12-09 24:00:00", "2010-12-09 20:60:00", "2010-12-09 20:01:60",
                               "2010-13-09", "2010-12-09_20:01:00", "2010-12-09 20-01:00", "2010-12-09 2a:01:00"};
    assert_true(pv_time_read(&seconds, &reader, pv_text_of("2010-12-09 20:01:00")));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (pv_time_read(&seconds, &reader, pv_text_of(bad[i]))) fail_msg("\"%s\" was taken for a time", bad[i]);
    }
}

static void times_follow_a_format(void **state)
{
    (void)state;
    pv_time_reader reader = {.format = "%d.%m.%Y %H:%M"};
    int64_t seconds = 0;
    assert_true(pv_time_read(&seconds, &reader, pv_text_of("09.12.2010 20:01")));
    assert_int_equal(seconds, 1291924860);
    assert_false(pv_time_read(&seconds, &reader, pv_text_of("2010-12-09 20:01:00")));
}

static void quoted_values_are_short_valid_and_on_one_line(void **state)
{
    (void)state;
    char out[PV_QUOTED_SIZE], text[128], expected[160];
    assert_string_equal(pv_cell_quote(out, pv_text_of("a b")), "\"a b\"");
    assert_string_equal(pv_cell_quote(out, (pv_text){"a\n\0\xff\x7f"
                                                     "b",
                                                     6}),
                        "\"a????b\"");
    memset(text, 'x', 61);
    text[61] = '\0';
    snprintf(expected, sizeof expected, "\"%.60s...\"", text);
    assert_string_equal(pv_cell_quote(out, pv_text_of(text)), expected);
    text[60] = '\0';
    snprintf(expected, sizeof expected, "\"%s\"", text);
    assert_string_equal(pv_cell_quote(out, pv_text_of(text)), expected);
    memcpy(text + 59, "\xc3\xa4", 3); /* the letter would end at byte 61 */
    snprintf(expected, sizeof expected, "\"%.59s...\"", text);
    assert_string_equal(pv_cell_quote(out, pv_text_of(text)), expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_numbers_are_read),
        cmocka_unit_test(hard_numbers_are_rounded_correctly),
        cmocka_unit_test(every_number_agrees_with_the_c_library),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(times_are_read_with_and_without_the_remembered_day),
        cmocka_unit_test(times_follow_a_format),
        cmocka_unit_test(quoted_values_are_short_valid_and_on_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
