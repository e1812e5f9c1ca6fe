/* The dates of an evaluation: rolling back from the last purchase, or as they were given. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/cutoffs.h"
#include "support/shop_case.h"

static pv_evaluate_options options;
static pv_cutoffs cutoffs;

static int set_up(void **state)
{
    (void)state;
    pv_evaluate_options_init(&options);
    return 0;
}

static void the_last_window_ends_with_the_day_of_the_last_purchase(void **state)
{
    (void)state;
    pv_cutoffs_roll(&cutoffs, time_of("2019-01-01"), time_of("2020-06-30T15:00:00"), &options);
    assert_int_equal(cutoffs.n, 4);
    assert_int_equal(cutoffs.at[3], time_of("2020-04-02"));
    assert_int_equal(cutoffs.at[2], time_of("2020-03-03"));
    assert_int_equal(cutoffs.at[0], time_of("2020-01-03"));
}

static void dates_before_1970_are_cut_at_midnight_too(void **state)
{
    (void)state;
    pv_cutoffs_roll(&cutoffs, time_of("1959-01-01"), time_of("1960-06-30T15:00:00"), &options);
    assert_int_equal(cutoffs.at[3], time_of("1960-04-02"));
}

static void a_cutoff_needs_a_horizon_of_purchases_before_it(void **state)
{
    (void)state;
    /* 180 days end at midnight after 2020-06-28: the first date is exactly possible, the second would need 210 */
    pv_cutoffs_roll(&cutoffs, time_of("2020-01-01"), time_of("2020-06-28"), &options);
    assert_int_equal(cutoffs.n, 1);
    assert_int_equal(cutoffs.at[0], time_of("2020-03-31"));
    pv_cutoffs_roll(&cutoffs, time_of("2020-01-01T00:00:01"), time_of("2020-06-28"), &options);
    assert_int_equal(cutoffs.n, 0);
}

static void given_dates_are_sorted_and_taken_once(void **state)
{
    (void)state;
    const char *const dates[] = {"2020-03-01", "2020-01-01T12:00:00Z", "2020-03-01T00:00:00"};
    options.dates = dates;
    options.n_dates = 3;
    assert_int_equal(pv_cutoffs_choose(&cutoffs, "no shop is read", &options, NULL), PV_OK);
    assert_int_equal(cutoffs.n, 2);
    assert_int_equal(cutoffs.at[0], time_of("2020-01-01T12:00:00Z"));
    assert_int_equal(cutoffs.at[1], time_of("2020-03-01"));
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    const char *const dates[] = {"yesterday"};
    pv_error error = {0};
    options.dates = dates;
    options.n_dates = 1;
    assert_int_equal(pv_cutoffs_choose(&cutoffs, "no shop is read", &options, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/cutoff");
    options.n_dates = PV_CUTOFFS_MAX + 1;
    assert_int_equal(pv_cutoffs_choose(&cutoffs, "no shop is read", &options, &error), PV_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_last_window_ends_with_the_day_of_the_last_purchase, set_up),
        cmocka_unit_test_setup(dates_before_1970_are_cut_at_midnight_too, set_up),
        cmocka_unit_test_setup(a_cutoff_needs_a_horizon_of_purchases_before_it, set_up),
        cmocka_unit_test_setup(given_dates_are_sorted_and_taken_once, set_up),
        cmocka_unit_test_setup(what_is_no_date_is_refused, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
