/* The file of trials: kept, cut by a crash, of something else. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/scratch_folder.h"
#include "tune/trial_log.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IDENTITY PV_TRIAL_LOG_MARK "\"one\"}"

static scratch_folder folder;
static char path[SCRATCH_PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    if (!scratch_folder_create(&folder)) return -1;
    scratch_path(path, &folder, "best.yaml.trials");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    return 0;
}

static pv_trial trial_of(int32_t rung, int64_t setting, double recall)
{
    pv_trial trial = {.rung = rung, .setting = setting, .recall = {(double)NAN, recall, 0, 12}};
    pv_train_options_init(&trial.options);
    trial.options.half_life_days = 45;
    return trial;
}

static pv_trial_log *open_log(const char *identity)
{
    pv_trial_log *log = NULL;
    pv_error error = {.message = ""};
    if (pv_trial_log_open(&log, path, identity, &error) != PV_OK) fail_msg("%s", error.message);
    return log;
}

/* A new file with two trials. */
static void write_two(void)
{
    const pv_trial first = trial_of(0, 0, 0.1), second = trial_of(1, 5, 0.1 + 0.2);
    assert_true(scratch_write(path, "", 0));
    pv_trial_log *log = open_log(IDENTITY);
    assert_int_equal(pv_trial_log_append(log, &first, NULL), PV_OK);
    assert_int_equal(pv_trial_log_append(log, &second, NULL), PV_OK);
    pv_trial_log_close(log);
}

static void trials_come_back_bit_by_bit(void **state)
{
    (void)state;
    write_two();
    pv_trial_log *log = open_log(IDENTITY);
    pv_trial asked = trial_of(1, 5, 0);
    const pv_tune_recall *recall = pv_trial_log_find(log, 1, 5, &asked.options);
    assert_non_null(recall);
    assert_true(recall->all_products == 0.1 + 0.2 && isnan(recall->new_products));
    assert_int_equal(recall->all_users, 12);
    assert_null(pv_trial_log_find(log, 0, 5, &asked.options));
    asked.options.alpha = 2;
    assert_null(pv_trial_log_find(log, 1, 5, &asked.options));
    pv_trial_log_close(log);
}

static void a_line_that_was_cut_is_removed(void **state)
{
    (void)state;
    write_two();
    size_t size, size_again;
    char *text = scratch_read(path, &size);
    assert_non_null(text);
    assert_true(scratch_write(path, text, size - 9));
    pv_trial_log *log = open_log(IDENTITY);
    const pv_trial first = trial_of(0, 0, 0), second = trial_of(1, 5, 0.1 + 0.2);
    assert_non_null(pv_trial_log_find(log, 0, 0, &first.options));
    assert_null(pv_trial_log_find(log, 1, 5, &second.options));
    assert_int_equal(pv_trial_log_append(log, &second, NULL), PV_OK);
    pv_trial_log_close(log);
    char *again = scratch_read(path, &size_again);
    assert_string_equal(again, text);
    free(text);
    free(again);
}

static void trials_of_something_else_are_not_used(void **state)
{
    (void)state;
    const pv_trial first = trial_of(0, 0, 0);
    write_two();
    pv_trial_log *log = open_log(PV_TRIAL_LOG_MARK "\"other\"}");
    assert_null(pv_trial_log_find(log, 0, 0, &first.options));
    pv_trial_log_close(log);
    char *text = scratch_read(path, NULL);
    assert_string_equal(text, PV_TRIAL_LOG_MARK "\"other\"}\n");
    free(text);
}

static void a_file_of_another_kind_is_left_alone(void **state)
{
    (void)state;
    pv_trial_log *log = NULL;
    pv_error error;
    assert_true(scratch_write(path, "my notes\n", 9));
    assert_int_equal(pv_trial_log_open(&log, path, IDENTITY, &error), PV_E_OUTPUT);
    assert_non_null(strstr(error.message, "is no list of trials"));
    char *text = scratch_read(path, NULL);
    assert_string_equal(text, "my notes\n");
    free(text);
}

static void a_file_in_use_is_not_taken(void **state)
{
    (void)state;
    write_two();
    pv_trial_log *log = open_log(IDENTITY), *second = NULL;
    pv_error error;
    assert_int_equal(pv_trial_log_open(&second, path, IDENTITY, &error), PV_E_OUTPUT);
    assert_non_null(strstr(error.message, "another purvey tune"));
    pv_trial_log_close(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_come_back_bit_by_bit),
        cmocka_unit_test(a_line_that_was_cut_is_removed),
        cmocka_unit_test(trials_of_something_else_are_not_used),
        cmocka_unit_test(a_file_of_another_kind_is_left_alone),
        cmocka_unit_test(a_file_in_use_is_not_taken),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
