/* The normal distribution's tail against libm's erfc, and waiting times made of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/log_normal.h"
#include <math.h>
#include "support/shop_case.h"

static void the_tail_is_exact_to_twelve_digits(void **state)
{
    (void)state;
    for (int step = -800; step <= 3000; step++) {
        const double z = step / 100.0, expected = 0.5 * erfc(z / sqrt(2.0)), actual = pv_normal_survival(z);
        if (!(fabs(actual - expected) <= 1e-12 * expected)) fail_msg("at %g: %.17g is not %.17g", z, actual, expected);
    }
}

static void the_tail_never_rises(void **state)
{
    (void)state;
    for (int step = -8000; step < 8000; step++)
        assert_true(pv_normal_survival((step + 1) / 1000.0) <= pv_normal_survival(step / 1000.0));
}

static void known_values_of_the_tail(void **state)
{
    (void)state;
    assert_close(pv_normal_survival(0), 0.5);
    assert_close(pv_normal_survival(1.959963984540054), 0.025);
    assert_close(pv_normal_survival(-1.959963984540054), 0.975);
    assert_close(pv_normal_survival((double)INFINITY), 0);
    assert_close(pv_normal_survival(-(double)INFINITY), 1);
}

static void who_has_not_waited_yet_has_the_whole_distribution_ahead(void **state)
{
    (void)state;
    assert_close(pv_log_normal_within(0, 90, log(90), 0.7), 0.5);
}

/* Half of the mass is gone at exp(mean), all but 0.1587 a deviation later. */
static void what_has_passed_is_taken_out(void **state)
{
    (void)state;
    const double waited = exp(3.0), horizon = exp(3.5) - waited;
    assert_close(pv_log_normal_within(waited, horizon, 3, 0.5), 1 - 0.15865525393145707 / 0.5);
}

static void beyond_the_smallest_double_the_end_is_certain(void **state)
{
    (void)state;
    assert_close(pv_log_normal_within(1e6, 1, 0, 0.25), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tail_is_exact_to_twelve_digits),
        cmocka_unit_test(the_tail_never_rises),
        cmocka_unit_test(known_values_of_the_tail),
        cmocka_unit_test(who_has_not_waited_yet_has_the_whole_distribution_ahead),
        cmocka_unit_test(what_has_passed_is_taken_out),
        cmocka_unit_test(beyond_the_smallest_double_the_end_is_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
