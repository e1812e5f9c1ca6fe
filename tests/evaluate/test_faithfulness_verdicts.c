/* From counts to values, gates and verdicts: medians and means by hand, each gate on both of its sides. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/faithfulness_verdicts.h"
#include <math.h>
#include <purvey/model.h>
#include <string.h>

static double coverage[8];

/* Counts with which every gate is passed. */
static pv_faithfulness_tally sound_counts(void)
{
    pv_faithfulness_tally tally = {.items = 10,
                                   .additivity = 1e-12,
                                   .removal = 1e-8,
                                   .removals = 50,
                                   .signs = 40,
                                   .signs_right = 40,
                                   .drop_largest = {60, 10},
                                   .drop_random = {20, 10},
                                   .sufficient = 9,
                                   .sufficient_alone = 3,
                                   .honest = 10,
                                   .coverage = {0.9, 0.5, 0.8},
                                   .n_coverage = 3,
                                   .stability = {9.5, 10},
                                   .stability_ordered = {9, 10},
                                   .sanity = {2, 10},
                                   .texts = 30,
                                   .facts = 70};
    tally.counterfactuals[0] = (pv_counterfactual_tally){.items = 4, .valid = 3, .itself = 1};
    tally.counterfactuals[0].sizes[1] = 2;
    tally.counterfactuals[0].sizes[4] = 1;
    return tally;
}

static pv_faithfulness concluded(const pv_faithfulness_tally *tally)
{
    pv_faithfulness faithfulness = {.n = 10};
    pv_faithfulness_sums sums = {.coverage = coverage};
    pv_faithfulness_sums_add(&sums, tally);
    pv_faithfulness_conclude(&faithfulness, &sums);
    return faithfulness;
}

static double value_of(const pv_faithfulness *faithfulness, pv_faithfulness_criterion which)
{
    return faithfulness->results[which].value;
}

static void assert_value(const pv_faithfulness *faithfulness, pv_faithfulness_criterion which, double expected)
{
    assert_true(fabs(value_of(faithfulness, which) - expected) <= 1e-12);
}

/* The counts fail this gate and no other. */
static void assert_fails(const pv_faithfulness_tally *tally, pv_faithfulness_criterion which)
{
    const pv_faithfulness faithfulness = concluded(tally);
    assert_false(faithfulness.is_passed);
    assert_string_equal(pv_faithfulness_failed(&faithfulness), pv_faithfulness_title(which));
    for (int c = 0; c < PV_FAITHFULNESS_COUNT; c++)
        assert_int_equal(faithfulness.results[c].verdict == PV_CLAIM_FAILED, c == (int)which);
}

static void values_are_those_computed_by_hand(void **state)
{
    (void)state;
    const pv_faithfulness_tally tally = sound_counts();
    const pv_faithfulness f = concluded(&tally);
    assert_true(f.is_passed);
    assert_null(pv_faithfulness_failed(&f));
    assert_value(&f, PV_FAITHFULNESS_REMOVAL_SIGN, 1);
    assert_value(&f, PV_FAITHFULNESS_NECESSITY, 3);
    assert_value(&f, PV_FAITHFULNESS_SUFFICIENCY, 0.9);
    assert_value(&f, PV_FAITHFULNESS_COVERAGE, 0.8);
    assert_value(&f, PV_FAITHFULNESS_STABILITY, 0.95);
    assert_value(&f, PV_FAITHFULNESS_SANITY, 0.2);
    assert_value(&f, PV_FAITHFULNESS_HONESTY, 1);
    assert_true(fabs(f.coverage_mean - 2.2 / 3) <= 1e-12);
    assert_true(fabs(f.sufficiency_alone - 0.3) <= 1e-12);
    assert_int_equal(f.counterfactuals[0].found, 3);
    assert_int_equal(f.counterfactuals[0].itself, 1);
    assert_true(fabs(f.counterfactuals[0].median_size - 1) <= 1e-12);
    assert_true(fabs(f.counterfactuals[0].share_without - 0.25) <= 1e-12);
    assert_int_equal(f.results[PV_FAITHFULNESS_HONESTY].verdict, PV_CLAIM_REPORTED);
}

static void counts_of_customers_add_up(void **state)
{
    (void)state;
    pv_faithfulness f = {.n = 10};
    pv_faithfulness_sums sums = {.coverage = coverage};
    pv_faithfulness_tally first = sound_counts(), second = sound_counts();
    second.removal = 5e-7;
    second.n_coverage = 1; /* 0.9 */
    second.counterfactuals[0].sizes[4] = 2;
    pv_faithfulness_sums_add(&sums, &first);
    pv_faithfulness_sums_add(&sums, &second);
    pv_faithfulness_conclude(&f, &sums);
    assert_int_equal(f.items, 20);
    assert_value(&f, PV_FAITHFULNESS_REMOVAL, 5e-7);
    assert_value(&f, PV_FAITHFULNESS_COVERAGE, 0.85); /* of 0.5, 0.8, 0.9, 0.9 */
    assert_int_equal(f.counterfactuals[0].found, 7);
    assert_true(fabs(f.counterfactuals[0].median_size - 1) <= 1e-12); /* 1 1 1 1 4 4 4 */
}

static void each_gate_fails_on_its_other_side(void **state)
{
    (void)state;
    pv_faithfulness_tally tally = sound_counts();
    tally.additivity = 2e-9;
    assert_fails(&tally, PV_FAITHFULNESS_ADDITIVITY);
    tally = sound_counts();
    tally.removal = 2e-6;
    assert_fails(&tally, PV_FAITHFULNESS_REMOVAL);
    tally = sound_counts();
    tally.signs_right = 39;
    assert_fails(&tally, PV_FAITHFULNESS_REMOVAL_SIGN);
    tally = sound_counts();
    tally.drop_largest.sum = 40; /* twice as many are not more than twice */
    assert_fails(&tally, PV_FAITHFULNESS_NECESSITY);
    tally = sound_counts();
    tally.sufficient = 8;
    assert_fails(&tally, PV_FAITHFULNESS_SUFFICIENCY);
    tally = sound_counts();
    tally.coverage[2] = 0.6;
    assert_fails(&tally, PV_FAITHFULNESS_COVERAGE);
    tally = sound_counts();
    tally.counterfactuals[0].valid = 2;
    assert_fails(&tally, PV_FAITHFULNESS_COUNTERFACTUAL);
    tally = sound_counts();
    tally.stability.sum = 8.9;
    assert_fails(&tally, PV_FAITHFULNESS_STABILITY);
    tally = sound_counts();
    tally.sanity.sum = 7;
    assert_fails(&tally, PV_FAITHFULNESS_SANITY);
    tally = sound_counts();
    tally.told_ids = 1;
    assert_fails(&tally, PV_FAITHFULNESS_PRIVACY);
    tally = sound_counts();
    tally.small_counts = 1;
    assert_fails(&tally, PV_FAITHFULNESS_PRIVACY);
}

static void shuffled_weights_must_change_more_than_an_order_does(void **state)
{
    (void)state;
    pv_faithfulness_tally tally = sound_counts();
    tally.stability.sum = 5;
    tally.sanity.sum = 5.5;
    const pv_faithfulness f = concluded(&tally);
    assert_true(fabs(f.results[PV_FAITHFULNESS_SANITY].gate - 0.5) <= 1e-12);
    assert_int_equal(f.results[PV_FAITHFULNESS_SANITY].verdict, PV_CLAIM_FAILED);
}

static void an_error_that_is_no_number_fails(void **state)
{
    (void)state;
    pv_faithfulness f = {.n = 10};
    pv_faithfulness_sums sums = {.coverage = coverage};
    pv_faithfulness_tally broken = sound_counts(), sound = sound_counts();
    broken.removal = (double)NAN;
    pv_faithfulness_sums_add(&sums, &broken);
    pv_faithfulness_sums_add(&sums, &sound);
    pv_faithfulness_conclude(&f, &sums);
    assert_true(isinf(value_of(&f, PV_FAITHFULNESS_REMOVAL)));
    assert_int_equal(f.results[PV_FAITHFULNESS_REMOVAL].verdict, PV_CLAIM_FAILED);
}

static void random_reasons_that_cost_nothing_make_the_necessity_infinite(void **state)
{
    (void)state;
    pv_faithfulness_tally tally = sound_counts();
    tally.drop_random.sum = 0;
    const pv_faithfulness f = concluded(&tally);
    assert_true(isinf(value_of(&f, PV_FAITHFULNESS_NECESSITY)));
    assert_int_equal(f.results[PV_FAITHFULNESS_NECESSITY].verdict, PV_CLAIM_PASSED);
}

static void what_is_not_measured_neither_passes_nor_fails(void **state)
{
    (void)state;
    const pv_faithfulness_tally nothing = {0};
    const pv_faithfulness f = concluded(&nothing);
    for (int c = 0; c < PV_FAITHFULNESS_COUNT; c++) assert_int_equal(f.results[c].verdict, PV_CLAIM_NOT_MEASURED);
    assert_true(f.is_passed);
}

static void json_tells_value_gate_and_verdict(void **state)
{
    (void)state;
    char *json = NULL;
    pv_faithfulness_tally tally = sound_counts();
    tally.sufficient = 8;
    pv_faithfulness f = concluded(&tally);
    f.as_of = INT64_MIN;
    assert_int_equal(pv_faithfulness_json(&json, &f, NULL), PV_OK);
    assert_non_null(strstr(json, "\"as_of\":null"));
    assert_non_null(strstr(json, "\"passed\":false"));
    assert_non_null(strstr(json, "\"sufficiency\":{\"value\":0.8,\"rule\":\"at_least\",\"gate\":0.9,\"counted\":10,"
                                 "\"verdict\":\"failed\",\"alone\":0.3}"));
    assert_non_null(strstr(json, "\"honesty\":{\"value\":1.0,\"rule\":null,\"gate\":null,\"counted\":10,"
                                 "\"verdict\":\"reported\"}"));
    pv_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_computed_by_hand),
        cmocka_unit_test(counts_of_customers_add_up),
        cmocka_unit_test(each_gate_fails_on_its_other_side),
        cmocka_unit_test(shuffled_weights_must_change_more_than_an_order_does),
        cmocka_unit_test(an_error_that_is_no_number_fails),
        cmocka_unit_test(random_reasons_that_cost_nothing_make_the_necessity_infinite),
        cmocka_unit_test(what_is_not_measured_neither_passes_nor_fails),
        cmocka_unit_test(json_tells_value_gate_and_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
