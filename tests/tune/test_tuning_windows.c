/* Where the purchases are divided. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/timestamp.h"
#include "tune/tuning_windows.h"

#define DAY INT64_C(86400)

static void the_test_window_is_ninety_days_and_three_lie_before_it(void **state)
{
    (void)state;
    pv_tuning_windows w;
    pv_tuning_windows_plan(&w, 0, 400 * DAY, PV_NO_TIME);
    assert_int_equal(w.horizon_days, 90);
    assert_int_equal(w.test_begin, 310 * DAY + 1);
    assert_int_equal(w.test_end, 400 * DAY + 1);
    assert_int_equal(w.n, 3);
    assert_int_equal(w.cutoffs[0], 220 * DAY + 1);
    assert_int_equal(w.cutoffs[1], 190 * DAY + 1);
    assert_int_equal(w.cutoffs[2], 160 * DAY + 1);
}

static void every_validation_window_ends_before_the_test(void **state)
{
    (void)state;
    for (int64_t days = 21; days < 500; days += 7) {
        pv_tuning_windows w;
        pv_tuning_windows_plan(&w, 0, days * DAY, PV_NO_TIME);
        assert_true(w.n >= 1);
        for (int32_t k = 0; k < w.n; k++) {
            assert_true(w.cutoffs[k] + w.horizon_days * DAY <= w.test_begin);
            assert_true(w.cutoffs[k] >= w.horizon_days * DAY);
        }
    }
}

static void a_short_time_is_divided_by_three(void **state)
{
    (void)state;
    pv_tuning_windows w;
    pv_tuning_windows_plan(&w, 0, 30 * DAY, PV_NO_TIME);
    assert_int_equal(w.horizon_days, 10);
    assert_int_equal(w.n, 1);
    assert_int_equal(w.cutoffs[0], 10 * DAY + 1);
    pv_tuning_windows_plan(&w, 0, 20 * DAY, PV_NO_TIME);
    assert_int_equal(w.n, 0);
}

static void a_given_test_window_leaves_half_of_what_is_before_it(void **state)
{
    (void)state;
    pv_tuning_windows w;
    pv_tuning_windows_plan(&w, 0, 400 * DAY, 100 * DAY);
    assert_int_equal(w.horizon_days, 50);
    assert_int_equal(w.n, 1);
    assert_int_equal(w.cutoffs[0], 50 * DAY);
    assert_int_equal(w.test_begin, 100 * DAY);
    pv_tuning_windows_plan(&w, 0, 400 * DAY, 300 * DAY);
    assert_int_equal(w.horizon_days, 90);
    assert_int_equal(w.n, 3);
    assert_int_equal(w.cutoffs[2], 150 * DAY);
    pv_tuning_windows_plan(&w, 0, 400 * DAY, 13 * DAY);
    assert_int_equal(w.n, 0);
    pv_tuning_windows_plan(&w, 0, 400 * DAY, -DAY);
    assert_int_equal(w.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_test_window_is_ninety_days_and_three_lie_before_it),
        cmocka_unit_test(every_validation_window_ends_before_the_test),
        cmocka_unit_test(a_short_time_is_divided_by_three),
        cmocka_unit_test(a_given_test_window_leaves_half_of_what_is_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
