/* tuned_file.c - see tuned_file.h. */
#include "tune/tuned_file.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/timestamp.h"
#include "tune/train_settings.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* --- YAML -------------------------------------------------------------------------------------------------------- */

static void print_recall(pv_buffer *yaml, const char *name, double found, double given, int64_t users)
{
    if (isnan(found)) {
        pv_buffer_print(yaml, "#   %s  nobody bought such products\n", name);
        return;
    }
    pv_buffer_print(yaml, "#   %s  given %.4f  found %.4f", name, given, found);
    if (given > 0) pv_buffer_print(yaml, "  %+.1f %%", 100 * (found / given - 1));
    pv_buffer_print(yaml, "  (%" PRId64 " customers)\n", users);
}

static void print_windows(pv_buffer *yaml, const pv_tune_report *report)
{
    char from[PV_TIMESTAMP_SIZE], to[PV_TIMESTAMP_SIZE];
    const int64_t horizon = (int64_t)report->horizon_days * PV_SECONDS_PER_DAY;
    for (int32_t w = 0; w < report->n_windows; w++) {
        pv_timestamp_print(from, report->cutoffs[w]);
        pv_timestamp_print(to, report->cutoffs[w] + horizon);
        pv_buffer_print(yaml, "# validation window %d: %s to %s\n", (int)w + 1, from, to);
    }
    pv_timestamp_print(from, report->test_begin);
    pv_timestamp_print(to, report->test_end);
    pv_buffer_print(yaml, "# test window, not looked at: %s to %s\n", from, to);
}

void pv_tuned_file_print(pv_buffer *yaml, const pv_tune_report *report)
{
    const pv_tune_recall *found = &report->best_recall, *given = &report->given_recall;
    const int64_t trials = report->trials_run + report->trials_reused;
    pv_buffer_append_string(yaml,
                            "# Settings found by `purvey tune`, for `purvey train SHOP --settings FILE -o MODEL`.\n");
    pv_buffer_print(yaml, "# purvey %s, shop data %s\n", pv_version(), report->data_hash);
    pv_buffer_print(yaml, "# %" PRId64 " of %" PRId64 " trials, %d of %d rungs finished\n", trials,
                    report->trials_planned, (int)report->rungs_done, (int)report->rungs);
    print_windows(yaml, report);
    pv_buffer_append_string(yaml, "# Recall@20 on the validation windows of the last rung that was finished:\n");
    print_recall(yaml, "NEW", found->new_products, given->new_products, found->new_users);
    print_recall(yaml, "ALL", found->all_products, given->all_products, found->all_users);
    pv_buffer_print(yaml, "# gain, the mean of NEW and ALL relative to the settings given: %+.1f %%%s\n",
                    100 * report->gain, report->best_setting == 0 ? " (nothing better was found)" : "");
    pv_train_settings_print(yaml, &report->best);
}

/* --- JSON -------------------------------------------------------------------------------------------------------- */

static void recall_json(pv_json *json, const char *key, const pv_tune_recall *recall)
{
    pv_json_key(json, key);
    pv_json_begin_object(json);
    pv_json_number_field(json, "new", recall->new_products);
    pv_json_number_field(json, "all", recall->all_products);
    pv_json_integer_field(json, "users_new", recall->new_users);
    pv_json_integer_field(json, "users_all", recall->all_users);
    pv_json_end_object(json);
}

static void time_field(pv_json *json, const char *key, int64_t time)
{
    char text[PV_TIMESTAMP_SIZE];
    pv_timestamp_print(text, time);
    pv_json_string_field(json, key, text);
}

static void windows_json(pv_json *json, const pv_tune_report *report)
{
    const int64_t horizon = (int64_t)report->horizon_days * PV_SECONDS_PER_DAY;
    pv_json_key(json, "validation_windows");
    pv_json_begin_array(json);
    for (int32_t w = 0; w < report->n_windows; w++) {
        pv_json_begin_object(json);
        time_field(json, "begin", report->cutoffs[w]);
        time_field(json, "end", report->cutoffs[w] + horizon);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
    pv_json_key(json, "test_window");
    pv_json_begin_object(json);
    time_field(json, "begin", report->test_begin);
    time_field(json, "end", report->test_end);
    pv_json_end_object(json);
}

pv_status pv_tune_report_json(char **out, const pv_tune_report *report, pv_error *error)
{
    pv_buffer text = {0};
    pv_json json = {.out = &text};
    pv_json_begin_object(&json);
    pv_json_key(&json, "settings");
    pv_train_settings_json(&json, &report->best);
    pv_json_boolean_field(&json, "is_given", report->best_setting == 0);
    recall_json(&json, "recall", &report->best_recall);
    recall_json(&json, "recall_given", &report->given_recall);
    pv_json_number_field(&json, "gain", report->gain);
    pv_json_integer_field(&json, "rungs", report->rungs);
    pv_json_integer_field(&json, "rungs_done", report->rungs_done);
    pv_json_integer_field(&json, "trials_planned", report->trials_planned);
    pv_json_integer_field(&json, "trials_run", report->trials_run);
    pv_json_integer_field(&json, "trials_reused", report->trials_reused);
    pv_json_integer_field(&json, "horizon_days", report->horizon_days);
    windows_json(&json, report);
    pv_json_string_field(&json, "data_hash", report->data_hash);
    pv_json_number_field(&json, "seconds", report->seconds);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(out, &text, "a report", error);
}
