/* Words and numbers of a page, and the axes of its plots. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/html_text.h"
#include "evaluate/svg_plot.h"
#include <math.h>

static pv_buffer out;

static void assert_written(const char *expected)
{
    pv_buffer_append(&out, "", 1);
    assert_false(out.failed);
    assert_string_equal(out.data, expected);
    pv_buffer_deinit(&out);
}

static void text_is_escaped(void **state)
{
    (void)state;
    pv_html_text(&out, "<a href=\"x\">R&D's</a>\n");
    assert_written("&lt;a href=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/a&gt; ");
    pv_html_text(&out, NULL);
    assert_written("");
}

static void what_xml_does_not_know_is_replaced(void **state)
{
    (void)state;
    /* a control character, a lone byte, an overlong form, U+FFFE, half a character at the end; U+1F600 stays */
    pv_html_text(&out, "\x02|\xff|\xc0\xaf|\xef\xbf\xbe|\xf0\x9f\x98\x80|\xe2\x82");
    assert_written("\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd|\xf0\x9f\x98\x80|\xef\xbf\xbd"
                   "\xef\xbf\xbd");
}

static void long_text_ends_between_characters(void **state)
{
    (void)state;
    pv_html_text_start(&out, "\xc3\xbc&b", 2);
    assert_written("\xc3\xbc&amp;\xe2\x80\xa6");
    pv_html_text_start(&out, "\xc3\xbc&b", 3);
    assert_written("\xc3\xbc&amp;b");
}

static void decimals_are_rounded(void **state)
{
    (void)state;
    static const struct {
        double value;
        int places;
        const char *decimal, *score, *signed_score;
    } cases[] = {
        {0.12345, 4, "0.1235", "0.1235", "+0.1235"},
        {-0.05, 1, "-0.1",
         "\xe2\x88\x92"
         "0.1",
         "\xe2\x88\x92"
         "0.1"},
        {-0.04, 1, "0.0", "0.0", "0.0"},
        {0.996, 2, "1.00", "1.00", "+1.00"},
        {1234.5, 0, "1235", "1235", "+1235"},
        {3.007, 3, "3.007", "3.007", "+3.007"},
        {2e20, 2, "2e+20", "2e+20", "+2e+20"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        pv_html_decimal(&out, cases[k].value, cases[k].places);
        assert_written(cases[k].decimal);
        pv_html_score(&out, cases[k].value, cases[k].places);
        assert_written(cases[k].score);
        pv_html_signed_score(&out, cases[k].value, cases[k].places);
        assert_written(cases[k].signed_score);
    }
    pv_html_score(&out, (double)NAN, 4);
    assert_written("\xe2\x80\x93");
    pv_html_signed_score(&out, (double)INFINITY, 4);
    assert_written("\xe2\x80\x93");
}

static void counts_are_grouped(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {-123456, "-123,456"}, {1234567, "1,234,567"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        pv_html_count(&out, cases[k].value);
        assert_written(cases[k].text);
    }
}

static void dates_have_a_time_unless_it_is_midnight(void **state)
{
    (void)state;
    pv_html_date(&out, INT64_C(1283212800));
    assert_written("2010-08-31");
    pv_html_date(&out, INT64_C(1283212801));
    assert_written("2010-08-31T00:00:01Z");
    pv_html_day(&out, INT64_C(1283212801));
    assert_written("2010-08-31");
}

static void axis_has_round_steps_around_its_values(void **state)
{
    (void)state;
    static const struct {
        double low, high, axis_low, axis_high, step;
    } cases[] = {{0, 0.2463, 0, 0.25, 0.05},
                 {0.55, 0.87, 0.5, 0.9, 0.1},
                 {-0.004, 0.013, -0.005, 0.015, 0.005},
                 {0, 1, 0, 1, 0.2},
                 {0, 0, 0, 0.001, 0.001}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const pv_axis axis = pv_axis_make(cases[k].low, cases[k].high, 5, 100, 200);
        assert_true(fabs(axis.low - cases[k].axis_low) <= 1e-9);
        assert_true(fabs(axis.high - cases[k].axis_high) <= 1e-9);
        assert_true(fabs(axis.step - cases[k].step) <= 1e-9);
        assert_true(fabs(pv_axis_at(&axis, cases[k].axis_high) - 200) <= 1e-9);
    }
}

static void extent_knows_finite_values_alone(void **state)
{
    (void)state;
    pv_extent extent = PV_EXTENT_EMPTY;
    pv_extent_add(&extent, (double)NAN);
    assert_true(extent.low > extent.high);
    pv_extent_add(&extent, -3);
    pv_extent_add(&extent, (double)INFINITY);
    pv_extent_add(&extent, -5);
    assert_true(extent.low == -5);
    assert_true(extent.high == -3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(what_xml_does_not_know_is_replaced),
        cmocka_unit_test(long_text_ends_between_characters),
        cmocka_unit_test(decimals_are_rounded),
        cmocka_unit_test(counts_are_grouped),
        cmocka_unit_test(dates_have_a_time_unless_it_is_midnight),
        cmocka_unit_test(axis_has_round_steps_around_its_values),
        cmocka_unit_test(extent_knows_finite_values_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
