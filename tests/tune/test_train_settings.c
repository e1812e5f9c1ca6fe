/* Settings as YAML: written, read again, refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "support/scratch_folder.h"
#include "tune/train_settings.h"
#include <math.h>
#include <purvey/answer.h>
#include <purvey/tune.h>
#include <string.h>

static scratch_folder folder;
static char path[SCRATCH_PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    if (!scratch_folder_create(&folder)) return -1;
    scratch_path(path, &folder, "best.yaml");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    return 0;
}

static pv_status read_settings(pv_train_options *options, char **signals, const char *yaml, pv_error *error)
{
    pv_train_options_init(options);
    assert_true(scratch_write(path, yaml, strlen(yaml)));
    return pv_train_settings_read(options, signals, path, error);
}

static void assert_refused(const char *yaml, const char *message)
{
    pv_train_options options;
    char *signals;
    pv_error error = {.message = ""};
    assert_int_equal(read_settings(&options, &signals, yaml, &error), PV_E_INPUT);
    assert_string_equal(error.message, message);
    assert_null(signals);
}

static void every_key_is_read(void **state)
{
    (void)state;
    pv_train_options options;
    char *signals;
    pv_error error = {.message = ""};
    const pv_status status = read_settings(
        &options, &signals,
        "factors: 8\niterations: 0\nloss: hkv\nregularization: 0.5\n"
        "unobserved-weight: 1\n"
        "user-side-regularization: 4\nproduct-side-regularization: 6\nalpha: 2.5\nweight: linear\nhalf-life: 30\n"
        "solver: cg\nsignals: \"als,habit\"\nmin-companies: 7\nseed: 3\n",
        &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, PV_OK);
    assert_int_equal(options.factors, 8);
    assert_int_equal(options.iterations, 0);
    assert_int_equal(options.loss, PV_LOSS_HKV);
    assert_true(options.regularization == 0.5 && options.unobserved_weight == 1 && options.alpha == 2.5);
    assert_true(options.user_side_regularization == 4 && options.product_side_regularization == 6);
    assert_int_equal(options.weighting, PV_WEIGHT_LINEAR);
    assert_true(options.half_life_days == 30);
    assert_int_equal(options.solver, PV_SOLVER_CG);
    assert_string_equal(options.signals, "als,habit");
    assert_ptr_equal(options.signals, signals);
    assert_int_equal(options.min_companies, 7);
    assert_int_equal(options.seed, 3);
    pv_free(signals);
}

static void what_is_not_named_stays(void **state)
{
    (void)state;
    pv_train_options options;
    char *signals;
    assert_int_equal(read_settings(&options, &signals, "# nothing\n", NULL), PV_OK);
    assert_int_equal(options.factors, 64);
    assert_true(isnan(options.half_life_days));
    assert_null(signals);
    assert_null(options.signals);
}

static void mistakes_are_named_with_line_and_column(void **state)
{
    (void)state;
    assert_refused("factors: 8\nfactor: 9\n",
                   "best.yaml:2:1: unknown key \"factor\" (known here: factors, iterations, loss, regularization, "
                   "unobserved-weight, user-side-regularization, product-side-regularization, alpha, weight, "
                   "half-life, solver, signals, min-companies, seed)");
    assert_refused("factors: 0\n", "best.yaml:1:10: factors \"0\": expected a whole number from 1 to 1024");
    assert_refused("factors: 2.5\n", "best.yaml:1:10: factors \"2.5\": expected a whole number from 1 to 1024");
    assert_refused("\nhalf-life: 0\n", "best.yaml:2:12: half-life \"0\": expected a number above 0");
    assert_refused("weight: cubic\n", "best.yaml:1:9: weight \"cubic\": expected log, linear");
    assert_refused("alpha: 1\nalpha: 2\n", "best.yaml:2:1: key \"alpha\" stands twice");
    assert_refused("alpha: much\n", "best.yaml:1:8: \"much\" is no number");
    assert_refused("signals: [als]\n", "best.yaml:1:10: signals: codes with commas between were expected");
    assert_refused("- 3\n", "best.yaml:1:1: `key: value` pairs were expected here");
}

static void what_is_printed_is_read_as_the_same(void **state)
{
    (void)state;
    pv_train_options options, again;
    char *signals;
    pv_buffer yaml = {0};
    pv_train_options_init(&options);
    options.regularization = 0.1 + 0.2;
    options.half_life_days = 45;
    options.weighting = PV_WEIGHT_LINEAR;
    options.signals = "als,popularity";
    pv_train_settings_print(&yaml, &options);
    pv_buffer_append(&yaml, "", 1);
    assert_false(yaml.failed);
    assert_int_equal(read_settings(&again, &signals, yaml.data, NULL), PV_OK);
    assert_true(again.regularization == options.regularization && again.half_life_days == 45);
    assert_true(isnan(again.unobserved_weight));
    assert_int_equal(again.weighting, PV_WEIGHT_LINEAR);
    assert_string_equal(again.signals, "als,popularity");
    pv_free(signals);
    pv_buffer_deinit(&yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(what_is_not_named_stays),
        cmocka_unit_test(mistakes_are_named_with_line_and_column),
        cmocka_unit_test(what_is_printed_is_read_as_the_same),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
