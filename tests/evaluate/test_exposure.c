/* Coverage and Gini coefficient of a few lists. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/exposure.h"
#include "support/shop_case.h"
#include <math.h>

static void gini_is_0_for_equal_and_near_1_for_one_of_many(void **state)
{
    (void)state;
    int64_t equal[] = {5, 5, 5}, one[] = {9}, mixed[] = {3, 1}, nothing[] = {0};
    assert_close(pv_gini(equal, 3, 3), 0);
    assert_close(pv_gini(one, 1, 10), 0.9);
    assert_close(pv_gini(mixed, 2, 4), 0.625); /* 0, 0, 1, 3: (1 x 1 + 3 x 3) / (4 x 4) */
    assert_true(isnan(pv_gini(nothing, 0, 10)));
}

/* Two customers of one contender: 0..5 for the first, 0 alone for the second, who has no truth of the other tasks. */
static void lists_are_counted_by_task_and_length(void **state)
{
    (void)state;
    pv_exposure exposure;
    pv_list_outcome lists[PV_TASK_COUNT] = {{.list = {.n = 6, .products = {0, 1, 2, 3, 4, 5}}}};
    pv_user_outcome outcome = {.tasks = {[PV_TASK_ALL] = {.n_truth = 1}}, .lists = lists};
    pv_contender_score scores[PV_TASK_COUNT] = {0};
    pv_task_result results[PV_TASK_COUNT] = {0};
    for (int t = 0; t < PV_TASK_COUNT; t++) results[t].contenders = &scores[t];
    assert_int_equal(pv_exposure_init(&exposure, 1, 8, NULL), PV_OK);
    pv_exposure_add(&exposure, &outcome);
    lists[PV_TASK_ALL].list.n = 1;
    pv_exposure_add(&exposure, &outcome);
    pv_exposure_finish(results, &exposure, 8);
    assert_close(scores[PV_TASK_ALL].metrics[0][PV_METRIC_COVERAGE], 5.0 / 8);
    assert_close(scores[PV_TASK_ALL].metrics[1][PV_METRIC_COVERAGE], 6.0 / 8);
    assert_close(scores[PV_TASK_ALL].metrics[2][PV_METRIC_COVERAGE], 6.0 / 8);
    /* counts 0 0 0 1 1 1 1 2 and 0 0 1 1 1 1 1 2 */
    assert_close(scores[PV_TASK_ALL].metrics[0][PV_METRIC_GINI], (-1 + 1 + 3 + 5 + 2 * 7) / (8.0 * 6));
    assert_close(scores[PV_TASK_ALL].metrics[2][PV_METRIC_GINI], (-3 - 1 + 1 + 3 + 5 + 2 * 7) / (8.0 * 7));
    assert_true(isnan(scores[PV_TASK_NEW].metrics[2][PV_METRIC_COVERAGE]));
    pv_exposure_deinit(&exposure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gini_is_0_for_equal_and_near_1_for_one_of_many),
        cmocka_unit_test(lists_are_counted_by_task_and_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
