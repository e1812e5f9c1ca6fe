/* exp2 and logarithms against libm's long double, at dense and at awkward arguments. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/elementary.h"
#include "base/random.h"
#include <float.h>
#include <math.h>

enum { SAMPLES = 200000 };

static const double infinity = (double)INFINITY;

/* |actual - expected| in units of the last place of `expected`, which is finite and not 0. */
static void assert_within_ulp(double x, double actual, long double expected)
{
    const double rounded = fabs((double)expected), unit = nextafter(rounded, infinity) - rounded;
    const double error = (double)fabsl((long double)actual - expected) / unit;
    if (!(error < 1.5)) fail_msg("at %.17g: %.17g is %g units from %.17g", x, actual, error, (double)expected);
}

/* From -range to range. */
static double draw(double range, uint64_t stream, int k)
{
    return range * (2 * pv_random_uniform(7, stream, (uint64_t)k) - 1);
}

static void exp2_is_right_to_the_last_place_or_two(void **state)
{
    (void)state;
    for (int k = 0; k < SAMPLES; k++) {
        const double x = k % 2 ? draw(1048, 1, k) - 25 : draw(2, 1, k);
        assert_within_ulp(x, pv_exp2(x), exp2l((long double)x));
    }
}

static void logarithms_are_right_to_the_last_place_or_two(void **state)
{
    (void)state;
    for (int k = 0; k < SAMPLES; k++) {
        const double counts = k + 2, around_one = 1 + draw(0.5, 2, k),
                     any = ldexp(1 + pv_random_uniform(7, 4, (uint64_t)k), (int)draw(1022, 3, k));
        const double x = k % 3 == 0 ? counts : k % 3 == 1 ? around_one : any;
        assert_within_ulp(x, pv_log(x), logl((long double)x));
        assert_within_ulp(x, pv_log2(x), log2l((long double)x));
    }
}

static void neighbours_of_one_keep_their_digits(void **state)
{
    (void)state;
    for (double step = DBL_EPSILON; step < 0.1; step *= 3) {
        assert_within_ulp(1 + step, pv_log(1 + step), logl((long double)(1 + step)));
        assert_within_ulp(1 - step, pv_log2(1 - step), log2l((long double)(1 - step)));
        assert_within_ulp(step, pv_exp2(step), exp2l((long double)step));
    }
}

static void powers_of_two_are_exact(void **state)
{
    (void)state;
    for (int exponent = -1074; exponent < 1024; exponent++) {
        assert_true(pv_log2(ldexp(1, exponent)) == exponent);
        assert_true(pv_exp2(exponent) == ldexp(1, exponent));
    }
    assert_true(pv_log(1) == 0);
}

static void the_ends_of_the_range_are_those_of_libm(void **state)
{
    (void)state;
    assert_true(pv_exp2(1024) == infinity && pv_exp2(infinity) == infinity);
    assert_true(pv_exp2(-1076) == 0 && pv_exp2(-infinity) == 0 && pv_exp2(-1075) == 0);
    assert_true(pv_log(0) == -infinity && pv_log2(0) == -infinity);
    assert_true(pv_log(infinity) == infinity && pv_log2(infinity) == infinity);
    assert_true(isnan(pv_log(-1)) && isnan(pv_log2(-infinity)));
    assert_true(isnan(pv_exp2((double)NAN)) && isnan(pv_log((double)NAN)) && isnan(pv_log2((double)NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp2_is_right_to_the_last_place_or_two),
        cmocka_unit_test(logarithms_are_right_to_the_last_place_or_two),
        cmocka_unit_test(neighbours_of_one_keep_their_digits),
        cmocka_unit_test(powers_of_two_are_exact),
        cmocka_unit_test(the_ends_of_the_range_are_those_of_libm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
