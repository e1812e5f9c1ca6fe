/* A whole search on a small shop: resumed, cut by the budget, blind to the test window. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "support/scratch_folder.h"
#include <math.h>
#include <purvey/answer.h>
#include <purvey/tune.h>
#include <stdlib.h>
#include <string.h>

#define DAYS 120
#define COMPANIES 40
#define PRODUCTS 24
#define FIRST_DAY INT64_C(1262304000) /* 2010-01-01 */

static scratch_folder folder;
static char shop[SCRATCH_PATH_SIZE], purchases[SCRATCH_PATH_SIZE + 32], output[SCRATCH_PATH_SIZE],
    trials[SCRATCH_PATH_SIZE + 8];

static void add_line(pv_buffer *csv, int company, int product, int64_t day)
{
    char date[PV_TIMESTAMP_SIZE];
    pv_date_print(date, FIRST_DAY + day * PV_SECONDS_PER_DAY);
    pv_buffer_print(csv, "c%d,p%d,%s,%d-%d\n", company, product, date, company, (int)day);
}

/* Each company buys from its third of the products about every eight days. `from` and `until`: days with twice as many
 * lines. */
static void write_shop(int64_t from, int64_t until)
{
    pv_buffer csv = {0};
    pv_buffer_append_string(&csv, "user_id,product_id,time,order_id\n");
    for (int64_t day = 0; day <= DAYS; day++)
        for (int company = 0; company < COMPANIES; company++) {
            const uint64_t bits = pv_random_bits(1, (uint64_t)day, (uint64_t)company);
            const int third = company % 3 * (PRODUCTS / 3);
            if (bits % 8 == 0 || day == 0 || day == DAYS)
                add_line(&csv, company, third + (int)(bits / 8 % (PRODUCTS / 3)), day);
            if (day >= from && day < until) add_line(&csv, company, (int)(bits / 64 % PRODUCTS), day);
        }
    assert_false(csv.failed);
    assert_true(scratch_write(purchases, csv.data, csv.size));
    pv_buffer_deinit(&csv);
}

static int set_up(void **state)
{
    (void)state;
    if (!scratch_folder_create(&folder)) return -1;
    scratch_path(shop, &folder, "");
    scratch_path(purchases, &folder, "user_purchases.csv");
    scratch_path(output, &folder, "best.yaml");
    scratch_path(trials, &folder, "best.yaml.trials");
    write_shop(0, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    return 0;
}

static pv_tune_options small_search(void)
{
    pv_tune_options options;
    pv_tune_options_init(&options);
    options.train.factors = 4;
    options.train.iterations = 3;
    options.train.min_companies = 1;
    options.train.signals = "als,habit,popularity";
    options.train.threads = 2;
    options.settings = 4;
    return options;
}

static void search_it(pv_tune_report *report, const pv_tune_options *options)
{
    pv_error error = {.message = ""};
    if (pv_tune(shop, output, options, report, &error) != PV_OK) fail_msg("%s", error.message);
}

static void forget_trials(void)
{
    assert_true(scratch_write(trials, "", 0));
}

/* Says stop when it was called more often than is allowed. */
typedef struct patience {
    int n_calls, n_allowed;
} patience;

static int lose_patience(void *context, const pv_progress_state *state)
{
    (void)state;
    patience *p = context;
    return ++p->n_calls > p->n_allowed;
}

static void a_run_that_was_stopped_gives_the_same_file(void **state)
{
    (void)state;
    pv_tune_report report;
    pv_tune_options options = small_search();
    write_shop(0, 0);
    forget_trials();
    patience p = {0, INT32_MAX};
    options.train.progress = lose_patience;
    options.train.progress_context = &p;
    search_it(&report, &options);
    assert_int_equal(report.trials_run, report.trials_planned);
    assert_int_equal(report.rungs_done, report.rungs);
    char *whole = scratch_read(output, NULL), *whole_trials = scratch_read(trials, NULL);
    forget_trials();
    p = (patience){0, p.n_calls / 2};
    pv_error error;
    assert_int_equal(pv_tune(shop, output, &options, NULL, &error), PV_E_INTERRUPTED);
    options.train.progress = NULL;
    search_it(&report, &options);
    assert_true(report.trials_reused > 0);
    assert_int_equal(report.trials_run + report.trials_reused, report.trials_planned);
    char *resumed = scratch_read(output, NULL), *resumed_trials = scratch_read(trials, NULL);
    assert_string_equal(resumed, whole);
    assert_string_equal(resumed_trials, whole_trials);
    options.train.threads = 1;
    search_it(&report, &options);
    assert_int_equal(report.trials_run, 0);
    free(whole);
    free(whole_trials);
    free(resumed);
    free(resumed_trials);
}

static void no_time_at_all_gives_a_file_that_train_takes(void **state)
{
    (void)state;
    pv_tune_report report;
    pv_tune_options options = small_search();
    options.budget_seconds = 0;
    write_shop(0, 0);
    forget_trials();
    search_it(&report, &options);
    assert_int_equal(report.trials_run, 1);
    assert_int_equal(report.rungs_done, 0);
    assert_int_equal(report.best_setting, 0);
    pv_train_options read;
    char *signals = NULL;
    pv_train_options_init(&read);
    assert_int_equal(pv_train_settings_read(&read, &signals, output, NULL), PV_OK);
    assert_int_equal(read.factors, 4);
    assert_string_equal(read.signals, "als,habit,popularity");
    pv_free(signals);
}

/* The lines of the trials without the first, which holds the hash of the data. */
static char *trial_lines(void)
{
    char *text = scratch_read(trials, NULL);
    assert_non_null(text);
    char *end = strchr(text, '\n');
    assert_non_null(end);
    memmove(text, end + 1, strlen(end));
    return text;
}

static void purchases_in_the_test_window_change_no_number(void **state)
{
    (void)state;
    pv_tune_report plain, more, earlier;
    const pv_tune_options options = small_search();
    write_shop(0, 0);
    search_it(&plain, &options);
    char *plain_lines = trial_lines();
    const int64_t test_day = (plain.test_begin - FIRST_DAY + PV_SECONDS_PER_DAY - 1) / PV_SECONDS_PER_DAY;
    write_shop(test_day, DAYS);
    search_it(&more, &options);
    char *more_lines = trial_lines();
    assert_string_not_equal(plain.data_hash, more.data_hash);
    assert_int_equal(more.trials_reused, 0);
    assert_int_equal(more.test_begin, plain.test_begin);
    assert_string_equal(more_lines, plain_lines);
    write_shop(test_day - 20, test_day - 1); /* but those before it do */
    search_it(&earlier, &options);
    char *earlier_lines = trial_lines();
    assert_string_not_equal(earlier_lines, plain_lines);
    free(plain_lines);
    free(more_lines);
    free(earlier_lines);
}

static void a_given_test_window_is_not_looked_at_either(void **state)
{
    (void)state;
    pv_tune_report plain, more;
    pv_tune_options options = small_search();
    options.test_begin = "2010-03-12"; /* day 70 */
    write_shop(0, 0);
    search_it(&plain, &options);
    assert_int_equal(plain.horizon_days, 35);
    char *plain_lines = trial_lines();
    write_shop(70, DAYS);
    search_it(&more, &options);
    char *more_lines = trial_lines();
    assert_string_equal(more_lines, plain_lines);
    free(plain_lines);
    free(more_lines);
}

static void assert_refused(const pv_tune_options *options, const char *field)
{
    pv_error error;
    assert_int_equal(pv_tune(shop, output, options, NULL, &error), PV_E_USAGE);
    assert_string_equal(error.field, field);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    pv_tune_options options = small_search();
    options.train.as_of = "2010-02-01";
    assert_refused(&options, "/as_of");
    options = small_search();
    options.budget_seconds = -1;
    assert_refused(&options, "/budget");
    options = small_search();
    options.settings = 1;
    assert_refused(&options, "/settings");
    options = small_search();
    options.train.factors = 0;
    assert_refused(&options, "/factors");
    options = small_search();
    options.train.unobserved_weight = -1;
    assert_refused(&options, "/unobserved_weight");
    options = small_search();
    options.test_begin = "soon";
    assert_refused(&options, "/test_begin");
}

static void purchases_that_are_too_short_are_refused(void **state)
{
    (void)state;
    static const char short_csv[] = "user_id,product_id,time\na,x,2010-01-01\nb,x,2010-01-05\n";
    static const char timeless_csv[] = "user_id,product_id\na,x\nb,x\n";
    const pv_tune_options options = small_search();
    pv_error error;
    assert_true(scratch_write(purchases, short_csv, sizeof short_csv - 1));
    assert_int_equal(pv_tune(shop, output, &options, NULL, &error), PV_E_INPUT);
    assert_non_null(strstr(error.message, "too few days"));
    assert_true(scratch_write(purchases, timeless_csv, sizeof timeless_csv - 1));
    assert_int_equal(pv_tune(shop, output, &options, NULL, &error), PV_E_USAGE);
    assert_non_null(strstr(error.message, "no time column"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_was_stopped_gives_the_same_file),
        cmocka_unit_test(no_time_at_all_gives_a_file_that_train_takes),
        cmocka_unit_test(purchases_in_the_test_window_change_no_number),
        cmocka_unit_test(a_given_test_window_is_not_looked_at_either),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(purchases_that_are_too_short_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
