/* JSON text and numbers. snprintf and strtod are wrapped by the linker, so that a locale with another decimal point can
 * be played. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/json_writer.h"
#include "base/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *decimal_point = "."; /* what libc is made to write and read */

int __wrap_snprintf(char *out, size_t size, const char *format, ...) PV_PRINTF(3, 4);
double __wrap_strtod(const char *text, char **end);
double __real_strtod(const char *text, char **end);

int __wrap_snprintf(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(out, size, format, arguments);
    va_end(arguments);
    char *point = strcmp(decimal_point, ".") != 0 && strchr(format, 'g') ? strchr(out, '.') : NULL;
    if (point) {
        size_t longer = strlen(decimal_point) - 1;
        memmove(point + 1 + longer, point + 1, strlen(point));
        memcpy(point, decimal_point, longer + 1);
        length += (int)longer;
    }
    return length;
}

double __wrap_strtod(const char *text, char **end)
{
    char copy[2 * PV_NUMBER_SIZE];
    if (strcmp(decimal_point, ".") == 0 || !strstr(text, decimal_point)) return __real_strtod(text, end);
    size_t before = (size_t)(strstr(text, decimal_point) - text);
    memcpy(copy, text, before);
    copy[before] = '.';
    memcpy(copy + before + 1, text + before + strlen(decimal_point), strlen(text + before + strlen(decimal_point)) + 1);
    return __real_strtod(copy, NULL);
}

static void assert_number(double value, const char *expected)
{
    char out[PV_NUMBER_SIZE];
    int length = pv_number_print(out, value);
    assert_string_equal(out, expected);
    assert_int_equal(length, strlen(expected));
}

static void numbers_print_in_their_shortest_form(void **state)
{
    (void)state;
    assert_number(0.0, "0.0");
    assert_number(-0.0, "0.0");
    assert_number(12.0, "12.0");
    assert_number(-12.0, "-12.0");
    assert_number(0.1, "0.1");
    assert_number(0.1 + 0.2, "0.30000000000000004");
    assert_number(2.0 / 3.0, "0.6666666666666666");
    assert_number(1e-7, "1e-07");
    assert_number(12.75, "12.75");
    assert_number(-1.9374, "-1.9374");
    assert_number(999999999999999.0, "999999999999999.0");
    assert_number(1e15, "1e+15");
    assert_number(1e22, "1e+22");
    assert_number(1.5e300, "1.5e+300");
    assert_number(123456789012345680.0, "1.2345678901234568e+17");
    assert_number(1.7976931348623157e308, "1.7976931348623157e+308");
    assert_number(-1.7976931348623157e308, "-1.7976931348623157e+308");
    assert_number(2.2250738585072014e-308, "2.2250738585072014e-308");
    assert_number(5e-324, "5e-324");
    assert_number(9007199254740993.0, "9007199254740992.0");
    assert_number(1234567890123456.7, "1234567890123456.8");
}

/* The rule as libc says it: the first of 15, 16, 17 digits that reads back. */
static void print_by_rule(char out[PV_NUMBER_SIZE], double value)
{
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(out, PV_NUMBER_SIZE, "%.*g", precision, value);
        if (strtod(out, NULL) == value) break;
    }
    if (!strpbrk(out, ".e")) memcpy(out + strlen(out), ".0", 3);
}

static double sample(uint64_t i)
{
    uint64_t bits = pv_random_bits(1, 2, i);
    double value;
    switch (i % 6) {
    case 0: /* any bits */
        memcpy(&value, &bits, sizeof value);
        return isfinite(value) && fabs(value) > 1e-300 ? value : 1;
    case 1: /* prices */
        return (double)(bits % 100000000) / 1000.0;
    case 2: /* scores */
        return pv_random_normal(1, 5, i);
    case 3: /* around powers of two, where the steps change */
        value = ldexp(1, (int)(bits % 64) - 14);
        return bits & 64 ? nextafter(value, 0) : bits & 128 ? nextafter(value, HUGE_VAL) : value;
    case 4: /* around powers of ten */
        value = pow(10, (int)(bits % 22) - 5);
        return bits & 64 ? nextafter(value, 0) : bits & 128 ? nextafter(value, HUGE_VAL) : value;
    default: /* all sizes of the usual range */
        return pv_random_uniform(1, 6, i) * pow(10, (int)(bits % 22) - 5);
    }
}

static void numbers_read_back_and_are_those_of_the_rule(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300000; i++) {
        char out[PV_NUMBER_SIZE], expected[PV_NUMBER_SIZE];
        double value = sample(i);
        int length = pv_number_print(out, value);
        print_by_rule(expected, value);
        assert_string_equal(out, expected);
        assert_int_equal(length, strlen(expected));
        assert_true(strtod(out, NULL) == value);
    }
}

static void numbers_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const points[] = {",", "\xd9\xab"};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        decimal_point = points[i];
        assert_number(0.1 + 0.2, "0.30000000000000004");
        assert_number(1.25e-05, "1.25e-05");
        assert_number(-1.5e300, "-1.5e+300");
        assert_number(1e22, "1e+22");
        assert_number(3.0, "3.0");
    }
    decimal_point = ".";
}

static void commas_stand_between_values_only(void **state)
{
    (void)state;
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_key(&json, "a");
    pv_json_begin_array(&json);
    pv_json_integer(&json, INT64_MIN);
    pv_json_number(&json, 0.5);
    pv_json_number(&json, (double)NAN);
    pv_json_number(&json, -HUGE_VAL);
    pv_json_begin_object(&json);
    pv_json_end_object(&json);
    pv_json_begin_array(&json);
    pv_json_end_array(&json);
    pv_json_boolean(&json, true);
    pv_json_end_array(&json);
    pv_json_key(&json, "b");
    pv_json_string(&json, NULL);
    pv_json_key(&json, "c");
    pv_json_text(&json, (pv_text){0});
    pv_json_key(&json, "d");
    pv_json_boolean(&json, false);
    pv_json_end_object(&json);
    pv_buffer_append(&out, "", 1);
    assert_string_equal(out.data, "{\"a\":[-9223372036854775808,0.5,null,null,{},[],true],\"b\":null,\"c\":null,"
                                  "\"d\":false}");
    pv_buffer_deinit(&out);
}

static void assert_string(pv_text text, const char *expected)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_text(&json, text);
    pv_buffer_append(&out, "", 1);
    assert_string_equal(out.data, expected);
    pv_buffer_deinit(&out);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    assert_string(pv_text_of(""), "\"\"");
    assert_string(pv_text_of("3/8\" screw \\ nut"), "\"3/8\\\" screw \\\\ nut\"");
    assert_string(pv_text_of("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    assert_string((pv_text){"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\x7f\"");
    assert_string(pv_text_of("\xe2\x82\xac 5"), "\"\xe2\x82\xac 5\"");
    assert_string(pv_text_of("a\xff\xc3"
                             "b\xed\xa0\x80"),
                  "\"a\xef\xbf\xbd\xef\xbf\xbd"
                  "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_print_in_their_shortest_form),
        cmocka_unit_test(numbers_read_back_and_are_those_of_the_rule),
        cmocka_unit_test(numbers_do_not_depend_on_the_locale),
        cmocka_unit_test(commas_stand_between_values_only),
        cmocka_unit_test(strings_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
