#include "remote/retry.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define SEEDS 2000

/* Largest delay of retry k among many seeds, and their mean. */
static double survey(double *mean, int k)
{
    double most = 0, sum = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const double delay = pv_retry_delay(seed, k);
        assert_true(delay >= 0);
        if (delay > most) most = delay;
        sum += delay;
    }
    *mean = sum / SEEDS;
    return most;
}

static void delays_double_up_to_five_seconds(void **state)
{
    (void)state;
    static const double bounds[] = {0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5};
    for (int k = 0; k < 8; k++) {
        double mean;
        const double most = survey(&mean, k);
        assert_true(most < bounds[k] && most > 0.99 * bounds[k]);
        assert_true(mean > 0.47 * bounds[k] && mean < 0.53 * bounds[k]);
    }
    assert_true(pv_retry_delay(1, 1000000) < 5);
}

static void two_processes_draw_other_delays(void **state)
{
    (void)state;
    pv_retry one, other;
    pv_retry_begin(&one);
    pv_retry_begin(&other);
    assert_true(one.seed != other.seed);
}

static void nobody_waits_past_the_deadline(void **state)
{
    (void)state;
    pv_retry retry = {.seed = 1, .waits = 7};
    assert_false(pv_retry_wait(&retry, pv_deadline_in(0)));
    assert_int_equal(retry.waits, 7);
}

static void a_wait_counts(void **state)
{
    (void)state;
    pv_retry retry = {.seed = 1};
    assert_true(pv_retry_wait(&retry, PV_NO_DEADLINE));
    assert_int_equal(retry.waits, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_up_to_five_seconds),
        cmocka_unit_test(two_processes_draw_other_delays),
        cmocka_unit_test(nobody_waits_past_the_deadline),
        cmocka_unit_test(a_wait_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
