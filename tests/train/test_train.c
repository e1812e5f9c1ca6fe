/* Training a folder: options, the same bytes for any number of threads, the same scores as the model in memory. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/model_files.h"
#include "train/as_of.h"
#include <math.h>
#include <purvey/train.h>
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

/* The options of fit_settings(). */
static pv_train_options small_options(void)
{
    pv_train_options options;
    pv_train_options_init(&options);
    options.factors = 4;
    options.iterations = 5;
    options.solver = PV_SOLVER_CHOLESKY;
    options.min_companies = 2;
    options.as_of = "2020-12-31";
    return options;
}

static pv_status train(const char *name, const pv_train_options *options, pv_train_report *report, pv_error *error)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &output, name);
    return pv_train(shop.path, path, options, report, error);
}

static void the_defaults_are_those_of_the_contract(void **state)
{
    (void)state;
    pv_train_options options;
    pv_train_options_init(&options);
    assert_int_equal(options.factors, 64);
    assert_int_equal(options.iterations, 15);
    assert_int_equal(options.loss, PV_LOSS_IALSPP);
    assert_close(options.regularization, 0.01);
    assert_true(isnan(options.unobserved_weight));
    assert_close(options.alpha, 1);
    assert_int_equal(options.weighting, PV_WEIGHT_LOG);
    assert_true(isnan(options.half_life_days));
    assert_int_equal(options.solver, PV_SOLVER_AUTO);
    assert_null(options.signals);
    assert_int_equal(options.min_companies, 5);
    assert_null(options.as_of);
    assert_close(options.max_bad_rows, 0.01);
}

/* One option out of range: status, field and message, and nothing is written. */
static void assert_refused(const pv_train_options *options, const char *field, const char *message)
{
    pv_error error = {.message = ""};
    assert_int_equal(train("model", options, NULL, &error), PV_E_USAGE);
    assert_string_equal(error.field, field);
    assert_string_equal(error.message, message);
    assert_int_equal(scratch_count(&output), 0);
}

#define REFUSE(member, value, field, message)                                                                          \
    do {                                                                                                               \
        pv_train_options refused = small_options();                                                                    \
        refused.member = value;                                                                                        \
        assert_refused(&refused, field, message);                                                                      \
    } while (0)

static void options_out_of_range_are_refused_by_name(void **state)
{
    (void)state;
    REFUSE(factors, 0, "/factors", "--factors 0: expected 1 to 1024");
    REFUSE(factors, 1025, "/factors", "--factors 1025: expected 1 to 1024");
    REFUSE(iterations, -1, "/iterations", "--iterations -1: expected 0 to 10000");
    REFUSE(iterations, 10001, "/iterations", "--iterations 10001: expected 0 to 10000");
    REFUSE(regularization, -0.5, "/regularization", "--regularization -0.5: expected 0 to 1e+30");
    REFUSE(regularization, (double)NAN, "/regularization", "--regularization nan: expected 0 to 1e+30");
    REFUSE(unobserved_weight, (double)INFINITY, "/unobserved_weight", "--unobserved-weight inf: expected 0 to 1e+30");
    REFUSE(alpha, -1, "/alpha", "--alpha -1: expected 0 to 1e+30");
    REFUSE(min_companies, 0, "/min_companies", "--min-companies 0: expected 1 to 2147483647");
    REFUSE(max_bad_rows, 1.5, "/max_bad_rows", "--max-bad-rows 1.5: expected 0 to 1");
    REFUSE(half_life_days, 0, "/half_life", "--half-life 0: expected more than 0 days");
    REFUSE(half_life_days, (double)INFINITY, "/half_life", "--half-life inf: expected more than 0 days");
    REFUSE(signals, "als,als", "/signals", "--signals: als is named twice");
    REFUSE(as_of, "2020-13-01", "/as_of", "as_of: \"2020-13-01\" is no date (expected YYYY-MM-DD, ISO 8601 or now)");
}

static void as_of_is_a_date_a_time_or_now(void **state)
{
    (void)state;
    int64_t as_of = 0;
    assert_int_equal(pv_as_of_parse(&as_of, "2020-02-29", NULL), PV_OK);
    assert_int_equal(as_of, 1582934400);
    assert_int_equal(pv_as_of_parse(&as_of, "2020-02-29T01:00:00+01:00", NULL), PV_OK);
    assert_int_equal(as_of, 1582934400);
    assert_int_equal(pv_as_of_parse(&as_of, "now", NULL), PV_OK);
    assert_true(as_of > time_of("2024-01-01"));
    const int64_t before = as_of;
    assert_int_equal(pv_as_of_parse(&as_of, "", NULL), PV_E_USAGE);
    assert_int_equal(pv_as_of_parse(&as_of, "Now", NULL), PV_E_USAGE);
    assert_int_equal(as_of, before);
}

static void the_same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    char *first = NULL;
    size_t first_size = 0;
    for (unsigned threads = 1; threads <= 3; threads++) {
        char path[SCRATCH_PATH_SIZE];
        pv_train_options options = small_options();
        size_t size = 0;
        options.threads = threads;
        assert_int_equal(train("model", &options, NULL, NULL), PV_OK);
        scratch_path(path, &output, "model");
        char *bytes = scratch_read(path, &size);
        assert_non_null(bytes);
        if (first) {
            assert_int_equal(size, first_size);
            assert_memory_equal(bytes, first, size);
            free(bytes);
        } else {
            first = bytes;
            first_size = size;
        }
    }
    free(first);
}

static void a_trained_file_scores_as_the_model_in_memory(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    model_case m;
    pv_model *model = NULL;
    shop_case c = *generated_shop();
    const pv_train_options options = small_options();
    c.is_as_of_given = true;
    model_case_init(&m, &c, NULL, 2);
    assert_int_equal(train("model", &options, NULL, NULL), PV_OK);
    scratch_path(path, &output, "model");
    assert_int_equal(pv_model_open(&model, path, NULL), PV_OK);
    for (size_t t = 0; t < m.built.tensors.count; t++) {
        const pv_tensor *expected = &m.built.tensors.items[t];
        const pv_tensor *actual = pv_tensors_find(pv_safetensors_tensors(model->file), expected->name);
        assert_non_null(actual);
        assert_int_equal(actual->dtype, expected->dtype);
        assert_int_equal(actual->rank, expected->rank);
        assert_memory_equal(actual->shape, expected->shape, sizeof expected->shape);
        const size_t size = (size_t)expected->shape[0] * (size_t)expected->shape[1] * pv_dtype_size(expected->dtype);
        if (size && strcmp(expected->name, "als.half_life_days") != 0 &&
            memcmp(actual->data, expected->data, size) != 0)
            fail_msg("tensor %s differs", expected->name);
    }
    pv_model_free(model);
    model_case_deinit(&m);
}

static void a_report_tells_what_was_done(void **state)
{
    (void)state;
    pv_train_report report;
    const pv_train_options options = small_options();
    assert_int_equal(train("model", &options, &report, NULL), PV_OK);
    assert_int_equal(report.users, 39);
    assert_int_equal(report.n_iterations, 5);
    assert_int_equal(report.purchases, (int64_t)generated_shop()->n_purchases);
    assert_int_equal(report.read.rows_bad, 0);
    for (int32_t i = 1; i < 5; i++)
        assert_true(report.iterations[i].loss <= report.iterations[i - 1].loss * (1 + 1e-6));
    assert_int_equal(strlen(report.model_id), 8);
    assert_int_equal(scratch_count(&output), 1); /* no rejects, no temporary file */
    pv_train_report_deinit(&report);
}

static void a_shop_without_time_has_no_as_of(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    static const char lines[] = "user_id,product_id\na,P\nb,P\n";
    scratch_path(path, &shop, "user_purchases.csv");
    assert_true(scratch_write(path, lines, sizeof lines - 1));
    const pv_train_options options = small_options();
    assert_refused(&options, "/as_of", "as_of: the purchases have no time column");
}

static void a_shop_without_purchases_is_refused(void **state)
{
    (void)state;
    pv_error error = {.message = ""};
    pv_train_options options = small_options();
    options.as_of = "2019-01-01"; /* before every line */
    assert_int_equal(train("model", &options, NULL, &error), PV_E_INPUT);
    assert_non_null(strstr(error.message, "no purchase"));
    assert_int_equal(scratch_count(&output), 0);
}

static int stop(void *context, const pv_progress_state *progress)
{
    return strcmp(progress->stage, context) == 0;
}

static void progress_may_stop_the_work_at_any_stage(void **state)
{
    (void)state;
    static char stages[][8] = {"fit", "signals", "write"};
    for (size_t k = 0; k < 3; k++) {
        pv_train_options options = small_options();
        pv_error error = {.message = ""};
        options.progress = stop;
        options.progress_context = stages[k];
        assert_int_equal(train("model", &options, NULL, &error), PV_E_INTERRUPTED);
        assert_int_equal(scratch_count(&output), 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_defaults_are_those_of_the_contract),
        TEST(options_out_of_range_are_refused_by_name),
        TEST(as_of_is_a_date_a_time_or_now),
        TEST(the_same_bytes_for_any_number_of_threads),
        TEST(a_trained_file_scores_as_the_model_in_memory),
        TEST(a_report_tells_what_was_done),
        TEST(a_shop_without_time_has_no_as_of),
        TEST(a_shop_without_purchases_is_refused),
        TEST(progress_may_stop_the_work_at_any_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
