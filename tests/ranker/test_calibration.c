/* Probabilities from scores: monotone, what was counted where it rises, pooled where it falls. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "ranker/calibration.h"
#include "support/shop_case.h"
#include <math.h>

static void add(pv_score_counts *counts, double score, int shown, int bought)
{
    for (int k = 0; k < shown; k++) pv_score_counts_add(counts, score, k < bought);
}

static void shares_that_fall_are_pooled_and_others_stay(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    pv_calibration calibration;
    pv_score_counts *counts = pv_allocate(1, sizeof *counts);
    const double half = PV_SCORE_BIN / 2;
    add(counts, -1, 10, 1); /* 0.1 */
    add(counts, 0, 10, 5);  /* 0.5, falls to 0.3: together 0.4 */
    add(counts, 1, 10, 3);
    add(counts, 2, 10, 9); /* 0.9 */
    assert_int_equal(pv_calibration_add(&tensors, counts, 90, NULL), PV_OK);
    assert_int_equal(pv_calibration_bind(&calibration, &tensors, NULL), PV_OK);
    assert_int_equal(calibration.n_knots, 3);
    assert_int_equal(calibration.horizon_days, 90);
    assert_close(pv_calibration_probability(&calibration, -1 + half), 0.1);
    assert_close(pv_calibration_probability(&calibration, 0.5 + half), 0.4);
    assert_close(pv_calibration_probability(&calibration, 2 + half), 0.9);
    assert_close(pv_calibration_probability(&calibration, 1.25 + half), 0.65); /* half way from 0.4 to 0.9 */
    assert_close(pv_calibration_probability(&calibration, -50), 0.1);
    assert_close(pv_calibration_probability(&calibration, 50), 0.9);
    pv_tensors_deinit(&tensors);
    pv_release(counts);
}

static void nothing_bought_gives_no_probability(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    pv_calibration calibration;
    pv_score_counts *counts = pv_allocate(1, sizeof *counts);
    add(counts, 0, 5, 0);
    assert_int_equal(pv_calibration_add(&tensors, counts, 90, NULL), PV_OK);
    assert_int_equal(pv_calibration_bind(&calibration, &tensors, NULL), PV_OK);
    assert_true(isnan(pv_calibration_probability(&calibration, 1)));
    pv_tensors_deinit(&tensors);
    pv_release(counts);
}

static void a_table_out_of_order_is_refused(void **state)
{
    (void)state;
    pv_tensors tensors = {0};
    pv_calibration calibration;
    pv_error error;
    pv_score_counts *counts = pv_allocate(1, sizeof *counts);
    add(counts, 0, 4, 1);
    add(counts, 1, 4, 2);
    assert_int_equal(pv_calibration_add(&tensors, counts, 90, NULL), PV_OK);
    double *probabilities = pv_tensors_find(&tensors, "calibration.probability")->owned;
    probabilities[0] = 0.75; /* falls */
    assert_int_equal(pv_calibration_bind(&calibration, &tensors, &error), PV_E_INPUT);
    probabilities[0] = (double)NAN;
    assert_int_equal(pv_calibration_bind(&calibration, &tensors, &error), PV_E_INPUT);
    pv_tensors_deinit(&tensors);
    pv_release(counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_that_fall_are_pooled_and_others_stay),
        cmocka_unit_test(nothing_bought_gives_no_probability),
        cmocka_unit_test(a_table_out_of_order_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
