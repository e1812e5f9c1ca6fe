/* Errors and summaries as JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <purvey/purvey.h>

static void an_error_names_code_message_and_field(void **state)
{
    (void)state;
    pv_error what = {.status = PV_E_USAGE, .position = -1, .field = "/n", .message = "n 0: expected 1 to 1000000"};
    char *json = NULL;
    assert_int_equal(pv_error_json(&json, &what, NULL), PV_OK);
    assert_string_equal(
        json, "{\"error\":{\"code\":\"bad_value\",\"message\":\"n 0: expected 1 to 1000000\",\"field\":\"/n\"}}");
    pv_free(json);
}

static void a_message_that_is_no_utf8_still_makes_json(void **state)
{
    (void)state;
    pv_error what = {.status = PV_E_INPUT, .message = "caf\xe9: no such file"};
    char *json = NULL;
    assert_int_equal(pv_error_json(&json, &what, NULL), PV_OK);
    assert_string_equal(json, "{\"error\":{\"code\":\"bad_input\",\"message\":\"caf?: no such file\",\"field\":null}}");
    pv_free(json);
}

static json_t *parse_and_free(char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    pv_free(text);
    return root;
}

static int64_t integer_at(json_t *root, const char *object, const char *key)
{
    json_t *value = json_object_get(object == NULL ? root : json_object_get(root, object), key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static double number_at(json_t *root, const char *object, const char *key)
{
    json_t *value = json_object_get(json_object_get(root, object), key);
    assert_true(json_is_real(value));
    return json_real_value(value);
}

static void training_reports_rows_iterations_and_every_part(void **state)
{
    (void)state;
    pv_iteration iterations[] = {{.loss = 10.5, .seconds = 0.25}, {.loss = 9.5, .seconds = 0.5}};
    pv_train_report report = {.read = {.rows_read = 100, .rows_bad = 2, .rows_skipped = 3, .rows_returned = 4},
                              .users = 5,
                              .products = 6,
                              .pairs = 7,
                              .purchases = 91,
                              .iterations = iterations,
                              .n_iterations = 2,
                              .read_time = {1, 2},
                              .fit_time = {3, 4},
                              .signals_time = {5, 6},
                              .weights_time = {7, 8},
                              .write_time = {9, 10},
                              .total_time = {25, 30},
                              .model_bytes = 4096,
                              .model_id = "9f3c2a71"};
    char *text = NULL;
    assert_int_equal(pv_train_report_json(&text, &report, 123456, NULL), PV_OK);
    json_t *root = parse_and_free(text);
    assert_string_equal(json_string_value(json_object_get(root, "model")), "9f3c2a71");
    assert_int_equal(integer_at(root, "rows", "read"), 100);
    assert_int_equal(integer_at(root, "rows", "bad"), 2);
    assert_int_equal(integer_at(root, "rows", "skipped"), 3);
    assert_int_equal(integer_at(root, "rows", "returned"), 4);
    assert_int_equal(integer_at(root, NULL, "peak_memory_bytes"), 123456);
    assert_int_equal(integer_at(root, NULL, "purchases"), 91);
    assert_float_equal(number_at(root, "seconds", "read"), 1, 0);
    assert_float_equal(number_at(root, "cpu_seconds", "fit"), 4, 0);
    assert_float_equal(number_at(root, "seconds", "signals"), 5, 0);
    assert_float_equal(number_at(root, "cpu_seconds", "weights"), 8, 0);
    assert_float_equal(number_at(root, "seconds", "score"), 0, 0);
    assert_float_equal(number_at(root, "seconds", "write"), 9, 0);
    assert_float_equal(number_at(root, "cpu_seconds", "total"), 30, 0);
    json_t *second = json_array_get(json_object_get(root, "iterations"), 1);
    assert_float_equal(json_real_value(json_object_get(second, "loss")), 9.5, 0);
    assert_float_equal(json_real_value(json_object_get(second, "seconds")), 0.5, 0);
    assert_true(json_is_null(json_object_get(root, "first_bad")));
    json_decref(root);
}

static void a_bulk_run_reports_what_it_wrote(void **state)
{
    (void)state;
    pv_bulk_report report = {.users = 3,
                             .rows_returned = 15,
                             .pairs_unknown = 1,
                             .read = {.rows_read = 4},
                             .score_time = {0.5, 1.5},
                             .total_time = {0.75, 2}};
    char *text = NULL;
    assert_int_equal(pv_bulk_report_json(&text, "9f3c2a71", &report, 99, NULL), PV_OK);
    json_t *root = parse_and_free(text);
    assert_int_equal(integer_at(root, NULL, "users"), 3);
    assert_int_equal(integer_at(root, "rows", "read"), 4);
    assert_int_equal(integer_at(root, "rows", "returned"), 15);
    assert_int_equal(integer_at(root, NULL, "pairs_unknown"), 1);
    assert_float_equal(number_at(root, "seconds", "score"), 0.5, 0);
    assert_float_equal(number_at(root, "cpu_seconds", "total"), 2, 0);
    json_decref(root);
}

static void an_import_reports_its_first_bad_row(void **state)
{
    (void)state;
    pv_read_report report = {.rows_read = 8, .rows_bad = 1, .first_bad = "user_purchases.csv:3: column user_id: empty"};
    char *text = NULL;
    assert_int_equal(pv_import_report_json(&text, &report, (pv_part_time){1, 1}, 7, NULL), PV_OK);
    json_t *root = parse_and_free(text);
    assert_int_equal(integer_at(root, "rows", "bad"), 1);
    assert_string_equal(json_string_value(json_object_get(root, "first_bad")), report.first_bad);
    assert_float_equal(number_at(root, "seconds", "total"), 1, 0);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_names_code_message_and_field),
        cmocka_unit_test(a_message_that_is_no_utf8_still_makes_json),
        cmocka_unit_test(training_reports_rows_iterations_and_every_part),
        cmocka_unit_test(a_bulk_run_reports_what_it_wrote),
        cmocka_unit_test(an_import_reports_its_first_bad_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
