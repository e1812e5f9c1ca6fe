/* Brier score and bins of a few predictions. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/reliability.h"
#include "support/shop_case.h"
#include <math.h>

static void predictions_fall_into_bins(void **state)
{
    (void)state;
    const pv_predictions predictions = {
        .n = 4, .probability = {0.12, 0.18, 1.0, 0.3}, .is_bought = {true, false, true, false}};
    pv_reliability_sums sums = {0};
    pv_reliability_add(&sums, &predictions);
    const pv_reliability made = pv_reliability_finish(&sums);
    assert_int_equal(made.bins[1].pairs, 2);
    assert_close(made.bins[1].probability, 0.15);
    assert_close(made.bins[1].bought, 0.5);
    assert_int_equal(made.bins[9].pairs, 1); /* 1 is in the last bin */
    assert_close(made.bins[9].bought, 1);
    assert_int_equal(made.bins[3].pairs, 1);
    assert_close(made.brier, (0.88 * 0.88 + 0.18 * 0.18 + 0 + 0.3 * 0.3) / 4);
}

static void without_predictions_there_is_nothing_to_compare(void **state)
{
    (void)state;
    const pv_predictions none = {0};
    pv_reliability_sums sums = {0};
    pv_reliability_add(&sums, &none);
    const pv_reliability made = pv_reliability_finish(&sums);
    assert_true(isnan(made.brier) && isnan(made.bins[0].probability));
    assert_int_equal(made.bins[0].pairs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_fall_into_bins),
        cmocka_unit_test(without_predictions_there_is_nothing_to_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
