/* Metrics as members of a line. That they keep to the specification is tested with its schema in test_lambda_log.py. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "emf.h"
#include <math.h>
#include <string.h>

static const emf_labels labels = {.metrics_namespace = "N", .service = "S"};

static char *line_of(pv_buffer *out, const metric_set *metrics)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    emf_append_members(&json, metrics, &labels, 1764000000123);
    pv_json_end_object(&json);
    pv_buffer_append(out, "", 1);
    assert_false(out->failed);
    return out->data;
}

static void what_was_put_is_declared_and_stands_at_the_root(void **state)
{
    (void)state;
    pv_buffer out = {0};
    metric_set metrics = {0};
    metric_put(&metrics, METRIC_RECOMMEND_MS, 0.41966);
    metric_put(&metrics, METRIC_REQUESTS, 1);
    const char *line = line_of(&out, &metrics);
    const char expected[] = "{\"_aws\":{\"Timestamp\":1764000000123,\"CloudWatchMetrics\":[{\"Namespace\":\"N\","
                            "\"Dimensions\":[[\"Service\"]],\"Metrics\":[{\"Name\":\"Requests\",\"Unit\":\"Count\"},"
                            "{\"Name\":\"RecommendMs\",\"Unit\":\"Milliseconds\"}]}]},\"Service\":\"S\",\"Arch\":\"";
    assert_memory_equal(line, expected, sizeof expected - 1);
    assert_non_null(strstr(line, "\",\"Requests\":1,\"RecommendMs\":0.42}"));
    pv_buffer_deinit(&out);
}

static void what_is_no_number_is_left_out(void **state)
{
    (void)state;
    pv_buffer out = {0};
    metric_set metrics = {0};
    metric_put(&metrics, METRIC_ITEMS, (double)NAN);
    metric_put(&metrics, METRIC_MODEL_BYTES, (double)INFINITY);
    metric_put(&metrics, METRIC_MODEL_AGE_SECONDS, -5);
    const char *line = line_of(&out, &metrics);
    assert_null(strstr(line, "Items"));
    assert_null(strstr(line, "ModelBytes"));
    assert_non_null(strstr(line, "\"ModelAgeSeconds\":-5}"));
    pv_buffer_deinit(&out);
}

static void every_metric_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < METRIC_COUNT; a++) {
        assert_non_null(metric_name((metric)a));
        for (int b = 0; b < a; b++) assert_string_not_equal(metric_name((metric)a), metric_name((metric)b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_declared_and_stands_at_the_root),
        cmocka_unit_test(what_is_no_number_is_left_out),
        cmocka_unit_test(every_metric_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
