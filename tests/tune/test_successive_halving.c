/* Successive halving on planted recalls. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/failure.h"
#include "tune/successive_halving.h"
#include <math.h>

#define SETTINGS 8

/* What is true of each setting, what was tried, and after how many trials the time is over. */
typedef struct planted {
    double new_recall[SETTINGS], all_recall[SETTINGS];
    int n_tried[4][SETTINGS];
    int n_trials, n_allowed;
} planted;

static pv_status look_up(void *context, pv_tune_recall *recall, bool *is_over, int32_t rung, int64_t setting,
                         pv_error *error)
{
    planted *p = context;
    (void)error;
    *is_over = p->n_trials >= p->n_allowed;
    if (*is_over) return PV_OK;
    p->n_trials++;
    p->n_tried[rung][setting]++;
    *recall = (pv_tune_recall){p->new_recall[setting], p->all_recall[setting], 10, 20};
    return PV_OK;
}

static planted eight_settings(void)
{
    return (planted){.new_recall = {0.10, 0.20, 0.12, 0.05, 0.15, 0.11, 0.30, 0.01},
                     .all_recall = {0.20, 0.20, 0.20, 0.20, 0.20, 0.20, 0.20, 0.20},
                     .n_allowed = 1000};
}

static void assert_tried(const planted *p, int rung, const int *expected)
{
    for (int k = 0; k < SETTINGS; k++) assert_int_equal(p->n_tried[rung][k], expected[k]);
}

static void the_better_half_goes_on_with_the_given_setting(void **state)
{
    static const int all[] = {1, 1, 1, 1, 1, 1, 1, 1}, better[] = {1, 1, 0, 0, 1, 0, 1, 0},
                     best[] = {1, 0, 0, 0, 0, 0, 1, 0};
    (void)state;
    planted p = eight_settings();
    pv_halving_outcome outcome;
    assert_int_equal(pv_halving_run(&outcome, SETTINGS, 3, look_up, &p, NULL), PV_OK);
    assert_tried(&p, 0, all);
    assert_tried(&p, 1, better);
    assert_tried(&p, 2, best);
    assert_int_equal(outcome.best, 6);
    assert_int_equal(outcome.rungs_done, 3);
    assert_true(fabs(outcome.gain - 1.0) < 1e-12); /* NEW three times as good, ALL the same */
    assert_true(outcome.given_recall.new_products == 0.10);
    assert_true(outcome.best_recall.new_products == 0.30);
}

static void what_was_given_wins_when_nothing_is_better(void **state)
{
    (void)state;
    planted p = eight_settings();
    p.new_recall[0] = 0.9;
    pv_halving_outcome outcome;
    assert_int_equal(pv_halving_run(&outcome, SETTINGS, 3, look_up, &p, NULL), PV_OK);
    assert_int_equal(outcome.best, 0);
    assert_true(outcome.gain == 0);
}

static void equal_gains_keep_the_order_of_the_settings(void **state)
{
    static const int first_four[] = {1, 1, 1, 1, 0, 0, 0, 0};
    (void)state;
    planted p = {.n_allowed = 1000};
    pv_halving_outcome outcome;
    assert_int_equal(pv_halving_run(&outcome, SETTINGS, 2, look_up, &p, NULL), PV_OK);
    assert_tried(&p, 1, first_four);
    assert_int_equal(outcome.best, 0);
}

static void a_rung_that_is_cut_does_not_count(void **state)
{
    (void)state;
    planted p = eight_settings();
    p.n_allowed = 8 + 3; /* the second rung has four: 0, 6, 1, 4 */
    pv_halving_outcome outcome;
    assert_int_equal(pv_halving_run(&outcome, SETTINGS, 3, look_up, &p, NULL), PV_OK);
    assert_int_equal(outcome.rungs_done, 1);
    assert_int_equal(outcome.best, 6);
    assert_int_equal(p.n_tried[1][1], 1);
    assert_int_equal(p.n_tried[1][4], 0);
}

static void the_first_rung_cut_gives_the_best_of_those_tried(void **state)
{
    (void)state;
    planted p = eight_settings();
    p.n_allowed = 3;
    pv_halving_outcome outcome;
    assert_int_equal(pv_halving_run(&outcome, SETTINGS, 3, look_up, &p, NULL), PV_OK);
    assert_int_equal(outcome.rungs_done, 0);
    assert_int_equal(outcome.best, 1);
}

static void gains_are_means_of_the_tasks_that_count_somebody(void **state)
{
    (void)state;
    const pv_tune_recall given = {0.10, 0.20, 1, 1}, better = {0.11, 0.26, 1, 1};
    assert_true(fabs(pv_halving_gain(&better, &given) - 0.2) < 1e-12); /* 10 % and 30 % */
    const pv_tune_recall no_new = {(double)NAN, 0.20, 0, 1}, no_new_better = {(double)NAN, 0.21, 0, 1};
    assert_true(fabs(pv_halving_gain(&no_new_better, &no_new) - 0.05) < 1e-12);
    const pv_tune_recall nothing = {0, 0.20, 1, 1}, something = {0.02, 0.20, 1, 1};
    assert_true(fabs(pv_halving_gain(&something, &nothing) - 0.01) < 1e-12); /* 0.02 and 0 */
}

static void a_rung_has_half_of_the_one_before_and_never_fewer_than_two(void **state)
{
    (void)state;
    assert_int_equal(pv_halving_width(32, 0), 32);
    assert_int_equal(pv_halving_width(32, 3), 4);
    assert_int_equal(pv_halving_width(5, 1), 3);
    assert_int_equal(pv_halving_width(5, 3), 2);
    assert_int_equal(pv_halving_width(1, 3), 1);
}

static pv_status fail_trial(void *context, pv_tune_recall *recall, bool *is_over, int32_t rung, int64_t setting,
                            pv_error *error)
{
    (void)context, (void)recall, (void)is_over, (void)rung, (void)setting;
    return pv_fail(error, PV_E_INTERRUPTED, "interrupted");
}

static void a_trial_that_fails_ends_the_search(void **state)
{
    (void)state;
    pv_halving_outcome outcome;
    pv_error error;
    assert_int_equal(pv_halving_run(&outcome, SETTINGS, 3, fail_trial, NULL, &error), PV_E_INTERRUPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_better_half_goes_on_with_the_given_setting),
        cmocka_unit_test(what_was_given_wins_when_nothing_is_better),
        cmocka_unit_test(equal_gains_keep_the_order_of_the_settings),
        cmocka_unit_test(a_rung_that_is_cut_does_not_count),
        cmocka_unit_test(the_first_rung_cut_gives_the_best_of_those_tried),
        cmocka_unit_test(gains_are_means_of_the_tasks_that_count_somebody),
        cmocka_unit_test(a_rung_has_half_of_the_one_before_and_never_fewer_than_two),
        cmocka_unit_test(a_trial_that_fails_ends_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
