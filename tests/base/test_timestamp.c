/* Times read, checked and printed. Seconds were computed with Python's datetime. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/timestamp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void assert_seconds(const char *text, int64_t expected)
{
    int64_t seconds = 77;
    if (!pv_timestamp_parse(&seconds, pv_text_of(text))) fail_msg("\"%s\" is a date", text);
    if (seconds != expected) fail_msg("\"%s\" is %lld, not %lld", text, (long long)expected, (long long)seconds);
}

static void iso_8601_is_read(void **state)
{
    (void)state;
    assert_seconds("2010-12-09", 1291852800);
    assert_seconds("2010-12-09 20:01", 1291924860);
    assert_seconds("2010-12-09T20:01", 1291924860);
    assert_seconds("2010-12-09T20:01:00Z", 1291924860);
    assert_seconds("2010-12-09T20:01:07.999999", 1291924867);
    assert_seconds("2010-12-09T20:01:07,5Z", 1291924867);
    assert_seconds("2010-12-09T22:01:00+02:00", 1291924860);
    assert_seconds("2010-12-09T22:01+0200", 1291924860);
    assert_seconds("2010-12-09T14:31:00.25-05:30", 1291924860);
    assert_seconds("1900-01-01", -2208988800);
    assert_seconds("2200-12-31T23:59:59", 7289654399);
    assert_seconds("2000-02-29 12:34:56", 951827696);
    assert_seconds("1969-12-31T23:59:59", -1);
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        " ",
                                        "2010",
                                        "2010-12",
                                        "2010-12-9",
                                        "10-12-09",
                                        "2010/12/09",
                                        "2010-13-01",
                                        "2010-00-01",
                                        "2010-01-00",
                                        "2010-01-32",
                                        "2010-04-31",
                                        "2010-02-29",
                                        "1900-02-29",
                                        "2100-02-29",
                                        "1899-12-31",
                                        "2201-01-01",
                                        "20101209",
                                        "2010-12-09 ",
                                        " 2010-12-09",
                                        "2010-12-09T",
                                        "2010-12-09 2",
                                        "2010-12-09 20",
                                        "2010-12-09 24:00",
                                        "2010-12-09 20:60",
                                        "2010-12-09 20:01:60",
                                        "2010-12-09 20:01:0",
                                        "2010-12-09 20:01:00.",
                                        "2010-12-09 20:1",
                                        "2010-12-09T20:01:00X",
                                        "2010-12-09T20:01:00Z ",
                                        "2010-12-09T20:01:00+2",
                                        "2010-12-09T20:01:00+02",
                                        "2010-12-09T20:01:00+24:00",
                                        "2010-12-09T20:01:00+02:60",
                                        "2010-12-09Z",
                                        "2010-12-09  20:01",
                                        "+010-12-09",
                                        "2010-12--9",
                                        "-2010-12-09",
                                        "2010-12-09T20:01:00ZZ",
                                        "2010-12-09t20:01",
                                        "0x10-12-09",
                                        "1291852800"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t seconds = 77;
        if (pv_timestamp_parse(&seconds, pv_text_of(wrong[i]))) fail_msg("\"%s\" is no date", wrong[i]);
        assert_int_equal(seconds, 77);
    }
    int64_t seconds;
    assert_false(pv_timestamp_parse(&seconds, (pv_text){"2010-12-09\0", 11}));
    assert_false(pv_timestamp_parse(&seconds, (pv_text){NULL, 0}));
}

static void formats_are_read_to_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *format, *text;
        int64_t seconds; /* -2: refused */
    } cases[] = {
        {"%d.%m.%Y %H:%M", "09.12.2010 20:01", 1291924860},
        {"%d.%m.%Y %H:%M", "9.12.2010 20:1", 1291924860},
        {"%m/%d/%y %H:%M", "12/1/10 8:26", 1291191960},
        {"%d-%b-%Y", "09-dec-2010", 1291852800},
        {"%d-%b-%Y", "09-DEC-2010", 1291852800},
        {"%Y%m%d%H%M%S", "20101209200100", 1291924860},
        {"%y-%m-%d", "69-12-31", -86400},
        {"%y-%m-%d", "68-12-31", 3124137600},
        {"100%% %Y-%m-%d", "100% 2010-12-09", 1291852800},
        {"%Y-%m", "2010-12", 1291161600},
        {"%d.%m.%Y", "09.12.2010 20:01", -2},
        {"%d.%m.%Y %H:%M", "09.12.2010", -2},
        {"%d.%m.%Y", "31.02.2010", -2},
        {"%d.%m.%Y", "9.12.10", -2},
        {"%d-%b-%Y", "09-dez-2010", -2},
        {"%d-%b-%Y", "09-de", -2},
        {"%m-%d", "12-09", -2},
        {"%Y-%m-%d %Q", "2010-12-09 1", -2},
        {"%Y-%m-%d%", "2010-12-09", -2},
        {"%Y-%m-%d", "", -2},
        {"", "2010-12-09", -2},
        {"%Y-%m-%d %H:%M:%S", "2010-12-09 10:10:60", -2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t seconds = -2;
        bool is_date = pv_timestamp_parse_format(&seconds, pv_text_of(cases[i].text), cases[i].format);
        if (seconds != cases[i].seconds) fail_msg("\"%s\" by %s", cases[i].text, cases[i].format);
        assert_int_equal(is_date, cases[i].seconds != -2);
    }
}

/* Walks the calendar by its rules alone: thirty days hath September. */
static void every_day_from_1900_to_2200_comes_back(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t expected = -2208988800;
    for (int year = 1900; year <= 2200; year++) {
        for (int month = 1; month <= 12; month++) {
            bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int length = lengths[month - 1] + (month == 2 && is_leap);
            for (int day = 1; day <= length; day++, expected += PV_SECONDS_PER_DAY) {
                char text[40], printed[PV_TIMESTAMP_SIZE];
                snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
                assert_seconds(text, expected);
                pv_date_print(printed, expected + 86399);
                assert_string_equal(printed, text);
            }
        }
    }
}

static void times_are_printed_in_utc(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {1291924861, "2010-12-09T20:01:01Z"},
        {951827696, "2000-02-29T12:34:56Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
        {INT64_MAX, "292277026596-12-04T15:30:07Z"},
    };
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char printed[PV_TIMESTAMP_SIZE];
        pv_timestamp_print(printed, cases[i].seconds);
        assert_string_equal(printed, cases[i].text);
    }
    unsetenv("TZ");
}

static void clocks_run_forward(void **state)
{
    (void)state;
    double start = pv_clock_seconds(), cpu_start = pv_clock_cpu_seconds();
    volatile double sum = 0;
    for (int i = 0; i < 2000000; i++) sum = sum + i;
    assert_true(pv_clock_seconds() > start);
    assert_true(pv_clock_cpu_seconds() > cpu_start);
    assert_true(pv_clock_now() > 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_8601_is_read),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(formats_are_read_to_the_end),
        cmocka_unit_test(every_day_from_1900_to_2200_comes_back),
        cmocka_unit_test(times_are_printed_in_utc),
        cmocka_unit_test(clocks_run_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
