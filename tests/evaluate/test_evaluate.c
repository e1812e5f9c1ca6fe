/* A whole evaluation of a small shop: what it counts, the same bytes for any number of threads, what it refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/model_files.h"
#include <math.h>
#include <purvey/evaluate.h>
#include <purvey/model.h>
#include <stdlib.h>
#include <string.h>

static scratch_folder shop, output;

static int set_up(void **state)
{
    (void)state;
    if (!scratch_folder_create(&shop) || !scratch_folder_create(&output)) return -1;
    shop_files_write(&shop, generated_shop());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_folder_remove(&shop);
    scratch_folder_remove(&output);
    return 0;
}

static pv_evaluate_options small_options(unsigned threads)
{
    pv_evaluate_options options;
    pv_evaluate_options_init(&options);
    options.train.factors = 4;
    options.train.iterations = 3;
    options.train.min_companies = 2;
    options.train.threads = threads;
    options.cutoffs = 2;
    options.horizon_days = 60;
    options.draws = 200;
    return options;
}

static pv_evaluation *evaluated(const pv_evaluate_options *options)
{
    pv_evaluation *evaluation = NULL;
    pv_error error = {0};
    const pv_status status = pv_evaluate(&evaluation, shop.path, options, &error);
    if (status != PV_OK) fail_msg("%s", error.message);
    return evaluation;
}

static void counts_add_up(void **state)
{
    (void)state;
    const pv_evaluate_options options = small_options(1);
    pv_evaluation *evaluation = evaluated(&options);
    int64_t users[PV_TASK_COUNT] = {0};
    assert_int_equal(evaluation->n_windows, 2);
    assert_true(evaluation->companies > 10 && evaluation->companies < 40); /* branches are no companies */
    for (int64_t w = 0; w < 2; w++) {
        const pv_window *window = &evaluation->windows[w];
        assert_int_equal(window->end - window->cutoff, (int64_t)60 * 86400);
        assert_int_equal(window->users_scored + window->users_idle, window->users_known);
        assert_int_equal(window->tasks[PV_TASK_ALL].users, window->users_scored);
        assert_true(window->users_scored > 0 && window->pairs >= window->users_scored);
        for (int t = 0; t < PV_TASK_COUNT; t++) users[t] += window->tasks[t].users;
    }
    for (int t = 0; t < PV_TASK_COUNT; t++) assert_int_equal(evaluation->pooled[t].users, users[t]);
    pv_evaluation_free(evaluation);
}

static void scores_stay_below_the_ceiling_and_inside_their_intervals(void **state)
{
    (void)state;
    const pv_evaluate_options options = small_options(1);
    pv_evaluation *evaluation = evaluated(&options);
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const pv_task_result *task = &evaluation->pooled[t];
        for (int64_t c = 0; c < evaluation->n_contenders; c++) {
            const pv_interval *recall = &task->contenders[c].headline[PV_HEADLINE_RECALL];
            const double *at = task->contenders[c].metrics[PV_LENGTH_COUNT - 1];
            assert_true(at[PV_METRIC_RECALL] <= task->ceiling[PV_LENGTH_COUNT - 1] + 1e-12);
            assert_close(at[PV_METRIC_RECALL], recall->value);
            assert_true(recall->low <= recall->value && recall->value <= recall->high);
            assert_true(at[PV_METRIC_COVERAGE] > 0 && at[PV_METRIC_COVERAGE] <= 1);
            for (int k = 1; k < PV_LENGTH_COUNT; k++)
                assert_true(task->contenders[c].metrics[k][PV_METRIC_RECALL] >=
                            task->contenders[c].metrics[k - 1][PV_METRIC_RECALL]);
        }
    }
    pv_evaluation_free(evaluation);
}

static void lists_of_a_task_hold_its_kind_alone(void **state)
{
    (void)state;
    const pv_evaluate_options options = small_options(1);
    pv_evaluation *evaluation = evaluated(&options);
    for (int64_t c = 0; c < evaluation->n_contenders; c++) {
        assert_close(evaluation->pooled[PV_TASK_REPEAT].contenders[c].metrics[0][PV_METRIC_REPEAT_SHARE], 1);
        assert_close(evaluation->pooled[PV_TASK_NEW].contenders[c].metrics[0][PV_METRIC_REPEAT_SHARE], 0);
    }
    assert_close(evaluation->pooled[PV_TASK_REPEAT].repeat_share, 1);
    assert_close(evaluation->pooled[PV_TASK_NEW].repeat_share, 0);
    pv_evaluation_free(evaluation);
}

static void slices_share_out_the_customers(void **state)
{
    (void)state;
    const pv_evaluate_options options = small_options(1);
    pv_evaluation *evaluation = evaluated(&options);
    int64_t by_orders = 0, by_spend = 0;
    for (int64_t k = 0; k < evaluation->n_slices; k++) {
        const pv_slice *slice = &evaluation->slices[k];
        if (strcmp(slice->group, "orders") == 0) by_orders += slice->users[PV_TASK_ALL];
        if (strcmp(slice->group, "spend") == 0) by_spend += slice->users[PV_TASK_ALL];
    }
    assert_int_equal(by_orders, evaluation->pooled[PV_TASK_ALL].users);
    assert_int_equal(by_spend, evaluation->pooled[PV_TASK_ALL].users);
    pv_evaluation_free(evaluation);
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    (void)state;
    const pv_evaluate_options one = small_options(1), three = small_options(3);
    pv_evaluation *a = evaluated(&one), *b = evaluated(&three);
    char *text_a = NULL, *text_b = NULL;
    assert_int_equal(pv_evaluation_json(&text_a, a, NULL), PV_OK);
    assert_int_equal(pv_evaluation_json(&text_b, b, NULL), PV_OK);
    assert_string_equal(text_a, text_b);
    pv_free(text_a);
    pv_free(text_b);
    pv_evaluation_free(a);
    pv_evaluation_free(b);
}

static void the_file_holds_the_json(void **state)
{
    (void)state;
    const pv_evaluate_options options = small_options(1);
    pv_evaluation *evaluation = evaluated(&options);
    char path[SCRATCH_PATH_SIZE], *json = NULL;
    pv_error error = {0};
    size_t size = 0;
    scratch_path(path, &output, "report.json");
    assert_int_equal(pv_evaluation_write(path, evaluation, NULL), PV_OK);
    assert_int_equal(pv_evaluation_json(&json, evaluation, NULL), PV_OK);
    char *written = scratch_read(path, &size);
    assert_int_equal(size, strlen(json) + 1);
    assert_memory_equal(written, json, size - 1);
    assert_int_equal(pv_evaluation_write("report.txt", evaluation, &error), PV_E_USAGE);
    assert_string_equal(error.field, "/output");
    free(written);
    pv_free(json);
    pv_evaluation_free(evaluation);
}

static void assert_refused(const char *path, const pv_evaluate_options *options, pv_status status, const char *part)
{
    pv_evaluation *evaluation = NULL;
    pv_error error = {0};
    assert_int_equal(pv_evaluate(&evaluation, path, options, &error), status);
    assert_null(evaluation);
    if (!strstr(error.message, part)) fail_msg("\"%s\" does not say \"%s\"", error.message, part);
}

static void purchases_without_time_are_refused(void **state)
{
    (void)state;
    static const char text[] = "user_id,product_id,order_id\nu1,A,1\nu2,A,2\n";
    char path[SCRATCH_PATH_SIZE];
    pv_evaluate_options options = small_options(1);
    const char *const dates[] = {"2020-06-01"};
    scratch_path(path, &output, "user_purchases.csv");
    assert_true(scratch_write(path, text, sizeof text - 1));
    assert_refused(output.path, &options, PV_E_USAGE, "no time column");
    options.dates = dates;
    options.n_dates = 1;
    assert_refused(output.path, &options, PV_E_USAGE, "no time column");
}

static void windows_without_truth_are_refused(void **state)
{
    (void)state;
    const char *const dates[] = {"2021-06-01"};
    pv_evaluate_options options = small_options(1);
    options.dates = dates;
    options.n_dates = 1;
    assert_refused(shop.path, &options, PV_E_INPUT, "2021-06-01");
    options = small_options(1);
    options.horizon_days = 300;
    assert_refused(shop.path, &options, PV_E_INPUT, "too short");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    pv_evaluate_options options = small_options(1);
    options.cutoffs = 0;
    assert_refused(shop.path, &options, PV_E_USAGE, "--cutoffs 0");
    options = small_options(1);
    options.draws = 99;
    assert_refused(shop.path, &options, PV_E_USAGE, "--draws 99");
    options = small_options(1);
    options.train.as_of = "2020-06-01";
    assert_refused(shop.path, &options, PV_E_USAGE, "as_of: the cut-offs");
    options = small_options(1);
    options.train.factors = 0;
    assert_refused(shop.path, &options, PV_E_USAGE, "--factors 0");
}

/* Stops when the stage named by the context is told. */
static int stop_at(void *context, const pv_progress_state *state)
{
    return strcmp(state->stage, context) == 0;
}

static void work_can_be_stopped_at_each_stage(void **state)
{
    (void)state;
    static char stages[][24] = {"1 of 2: fit", "2 of 2: baselines", "2 of 2: score", "2 of 2: intervals"};
    for (size_t k = 0; k < sizeof stages / sizeof *stages; k++) {
        pv_evaluate_options options = small_options(2);
        options.train.progress = stop_at;
        options.train.progress_context = stages[k];
        assert_refused(shop.path, &options, PV_E_INTERRUPTED, "interrupted");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_add_up),
        cmocka_unit_test(scores_stay_below_the_ceiling_and_inside_their_intervals),
        cmocka_unit_test(lists_of_a_task_hold_its_kind_alone),
        cmocka_unit_test(slices_share_out_the_customers),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(the_file_holds_the_json),
        cmocka_unit_test(purchases_without_time_are_refused),
        cmocka_unit_test(windows_without_truth_are_refused),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(work_can_be_stopped_at_each_stage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
