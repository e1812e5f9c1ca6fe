/* Errors and the views of status.def. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/failure.h"
#include <string.h>

static pv_status fail_in_the_middle(int *n_steps)
{
    pv_status status = PV_OK;
    PV_TRY(PV_OK);
    ++*n_steps;
    PV_TRY(PV_E_NOT_FOUND);
    ++*n_steps;
cleanup:
    return status;
}

static void try_leaves_at_the_first_failure(void **state)
{
    (void)state;
    int n_steps = 0;
    assert_int_equal(fail_in_the_middle(&n_steps), PV_E_NOT_FOUND);
    assert_int_equal(n_steps, 1);
}

static void an_error_carries_status_position_field_and_message(void **state)
{
    (void)state;
    pv_error error;
    assert_int_equal(pv_fail_at(&error, PV_E_INPUT, 17, "%s:%d: bad", "a.csv", 17), PV_E_INPUT);
    assert_int_equal(error.status, PV_E_INPUT);
    assert_int_equal(error.position, 17);
    assert_string_equal(error.field, "");
    assert_string_equal(error.message, "a.csv:17: bad");
    assert_int_equal(pv_fail_field(&error, PV_E_USAGE, "/n", "n is %d", 0), PV_E_USAGE);
    assert_int_equal(error.position, -1);
    assert_string_equal(error.field, "/n");
    assert_int_equal(pv_fail(&error, PV_E_OUTPUT, "full"), PV_E_OUTPUT);
    assert_string_equal(error.field, "");
    assert_int_equal(pv_fail_memory(&error, "factors", 4096), PV_E_MEMORY);
    assert_string_equal(error.message, "no memory for factors (4096 bytes)");
    assert_int_equal(pv_fail(NULL, PV_E_OUTPUT, "full"), PV_E_OUTPUT);
}

static void a_message_is_one_line_without_control_characters(void **state)
{
    (void)state;
    pv_error error;
    assert_int_equal(pv_fail(&error, PV_E_INPUT, "%s",
                             "a\n\x1b[2Jb\x7f\t\xc2\x9b"
                             "c\xff\xc3\xa9"),
                     PV_E_INPUT);
    assert_string_equal(error.message, "a??[2Jb???c?\xc3\xa9");
}

static void a_long_message_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    pv_error error;
    char text[1201] = "";
    for (size_t i = 0; i < 600; i++) memcpy(text + 2 * i, "\xc3\xa9", 3);
    assert_int_equal(pv_fail(&error, PV_E_INPUT, "%s", text), PV_E_INPUT);
    assert_int_equal(strlen(error.message), 510);
    assert_memory_equal(error.message, text, 510);
}

static void a_message_may_quote_itself(void **state)
{
    (void)state;
    pv_error error;
    assert_int_equal(pv_fail(&error, PV_E_INPUT, "line 3"), PV_E_INPUT);
    assert_int_equal(pv_fail(&error, error.status, "a.csv: %s", error.message), PV_E_INPUT);
    assert_string_equal(error.message, "a.csv: line 3");
}

static void every_status_has_its_codes(void **state)
{
    (void)state;
    assert_string_equal(pv_status_text(PV_OK), "done");
    assert_string_equal(pv_status_json_code(PV_E_USAGE), "bad_value");
    assert_int_equal(pv_status_exit_code(PV_OK), 0);
    assert_int_equal(pv_status_exit_code(PV_E_USAGE), 2);
    assert_int_equal(pv_status_exit_code(PV_E_INPUT), 3);
    assert_int_equal(pv_status_exit_code(PV_E_NOT_FOUND), 3);
    assert_int_equal(pv_status_exit_code(PV_E_OUTPUT), 1);
    assert_int_equal(pv_status_exit_code(PV_E_INTERRUPTED), 1);
    assert_int_equal(pv_status_http(PV_E_NOT_FOUND), 404);
    assert_string_equal(pv_status_json_code(PV_STATUS_COUNT), "internal");
    assert_string_equal(pv_status_json_code((pv_status)-1), "internal");
    for (int status = 0; status < PV_STATUS_COUNT; status++) assert_non_null(pv_status_text((pv_status)status));
}

static void the_version_has_three_numbers(void **state)
{
    (void)state;
    int n_dots = 0;
    for (const char *at = pv_version(); *at; at++) {
        n_dots += *at == '.';
        assert_true(*at == '.' || (*at >= '0' && *at <= '9'));
    }
    assert_int_equal(n_dots, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(try_leaves_at_the_first_failure),
        cmocka_unit_test(an_error_carries_status_position_field_and_message),
        cmocka_unit_test(a_message_is_one_line_without_control_characters),
        cmocka_unit_test(a_long_message_is_cut_at_a_whole_character),
        cmocka_unit_test(a_message_may_quote_itself),
        cmocka_unit_test(every_status_has_its_codes),
        cmocka_unit_test(the_version_has_three_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
