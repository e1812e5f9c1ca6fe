/* Numbers, times and codes as people read them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "words.h"
#include <math.h>

static char out[WORDS_SIZE];

static void counts_are_grouped_by_three(void **state)
{
    (void)state;
    assert_string_equal(count_words(out, 0), "0");
    assert_string_equal(count_words(out, 999), "999");
    assert_string_equal(count_words(out, 1000), "1,000");
    assert_string_equal(count_words(out, 1234567), "1,234,567");
    assert_string_equal(count_words(out, -123), "-123");
    assert_string_equal(count_words(out, INT64_MIN), "-9,223,372,036,854,775,808");
}

static void prices_have_two_digits_unless_they_need_more(void **state)
{
    (void)state;
    assert_string_equal(price_words(out, 12.75), "12.75");
    assert_string_equal(price_words(out, 3), "3.00");
    assert_string_equal(price_words(out, 0.0125), "0.0125");
    assert_string_equal(price_words(out, (double)NAN), "");
}

static void shares_are_percentages(void **state)
{
    (void)state;
    assert_string_equal(share_words(out, 0.15), "15 %");
    assert_string_equal(share_words(out, 0.585), "58.5 %");
    assert_string_equal(share_words(out, 1), "100 %");
    assert_string_equal(share_words(out, (double)NAN), "");
}

static void midnight_is_a_date(void **state)
{
    (void)state;
    assert_string_equal(time_words(out, 1291924861), "2010-12-09 20:01:01 UTC");
    assert_string_equal(time_words(out, 1291852800), "2010-12-09");
    assert_string_equal(time_words(out, -1), "1969-12-31 23:59:59 UTC");
}

static void durations_and_sizes_have_fitting_units(void **state)
{
    (void)state;
    assert_string_equal(duration_words(out, 0.123), "0.12 s");
    assert_string_equal(duration_words(out, 12.34), "12.3 s");
    assert_string_equal(duration_words(out, 125), "2:05 min");
    assert_string_equal(size_words(out, 999), "999 bytes");
    assert_string_equal(size_words(out, 1500), "1.5 kB");
    assert_string_equal(size_words(out, 12345678), "12.3 MB");
}

static void codes_become_words_and_new_ones_are_legible(void **state)
{
    (void)state;
    assert_string_equal(signal_words(out, "als"), "similar purchases");
    assert_string_equal(signal_words(out, "bought_together"), "bought together");
    assert_string_equal(signal_words(out, "some_new_signal"), "some new signal");
    assert_string_equal(gate_words(out, "excluded"), "excluded by the request");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_grouped_by_three),
        cmocka_unit_test(prices_have_two_digits_unless_they_need_more),
        cmocka_unit_test(shares_are_percentages),
        cmocka_unit_test(midnight_is_a_date),
        cmocka_unit_test(durations_and_sizes_have_fitting_units),
        cmocka_unit_test(codes_become_words_and_new_ones_are_legible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
