/* Which kind an event is, and what it asks the service for. The shapes as a whole are in test_lambda_events.py. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "lambda_event.h"
#include <stdlib.h>
#include <string.h>

typedef struct event_case {
    lambda_event event;
    char *json;
    pv_error error;
    pv_status status;
} event_case;

static event_case read_event(const char *json)
{
    event_case c = {.json = strdup(json), .error = {.position = -1}};
    assert_non_null(c.json);
    c.status = lambda_event_read(&c.event, c.json, strlen(json), &c.error);
    return c;
}

static void end_case(event_case *c)
{
    lambda_event_deinit(&c->event);
    free(c->json);
}

static void assert_text(pv_text text, const char *expected)
{
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
}

static void assert_kind(const char *json, lambda_event_kind kind)
{
    event_case c = read_event(json);
    assert_int_equal(c.event.kind, kind);
    end_case(&c);
}

static void kinds_are_told_by_their_marks_in_this_order(void **state)
{
    (void)state;
    assert_kind("{\"requestContext\":{\"elb\":{}},\"version\":\"2.0\",\"httpMethod\":\"GET\",\"path\":\"/\"}",
                EVENT_ALB);
    assert_kind("{\"requestContext\":{\"http\":{\"method\":\"GET\"}},\"version\":\"2.0\",\"rawPath\":\"/\"}",
                EVENT_HTTP);
    assert_kind("{\"requestContext\":{},\"httpMethod\":\"GET\",\"path\":\"/\",\"user_id\":1}", EVENT_REST);
    assert_kind("{\"requestContext\":{\"connectionId\":\"x\"},\"user_id\":1}", EVENT_UNKNOWN);
    assert_kind("{\"Records\":[{\"eventSource\":\"aws:s3\"}],\"user_id\":1}", EVENT_S3);
    assert_kind("{\"Records\":[{\"eventSource\":\"aws:sns\"}]}", EVENT_UNKNOWN);
    assert_kind("{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"}", EVENT_RULE);
    assert_kind("{\"op\":\"reload\",\"user_id\":1}", EVENT_RELOAD);
    assert_kind("{\"op\":\"health\"}", EVENT_HEALTH);
    assert_kind("{\"user_id\":1}", EVENT_DIRECT);
    assert_kind("{\"history\":[],\"requestContext\":null}", EVENT_DIRECT);
    assert_kind("{\"user_id\":null}", EVENT_UNKNOWN);
    assert_kind("[]", EVENT_UNKNOWN);
}

static void a_question_becomes_a_call_with_its_members_unchanged(void **state)
{
    (void)state;
    event_case c = read_event("{ \"n\" : 5.0 , \"user_id\":-12,\"as_of\":\"2020-01-01\", "
                              "\"envelope\":false,\"filter\":{\"a\":[1,{\"b\":\"}\"}]} }");
    assert_int_equal(c.status, PV_OK);
    assert_true(c.event.is_bare);
    assert_text(c.event.request.method, "POST");
    assert_text(c.event.request.path, "/v1/recommend");
    assert_text(c.event.request.body,
                "{\"user\":\"-12\",\"n\":5.0 ,\"as_of\":\"2020-01-01\",\"filter\":{\"a\":[1,{\"b\":\"}\"}]} }");
    end_case(&c);
}

static void numbers_of_users_are_integers_of_64_bits(void **state)
{
    (void)state;
    static const char *const right[][2] = {{"{\"user_id\":9223372036854775807}", "{\"user\":\"9223372036854775807\"}"},
                                           {"{\"user_id\":1e3}", "{\"user\":\"1000\"}"},
                                           {"{\"user\":0}", "{\"user\":\"0\"}"}};
    static const char *const wrong[] = {"{\"user_id\":0.5}", "{\"user_id\":1e300}", "{\"user_id\":true}",
                                        "{\"user_id\":{}}", "{\"user_id\":\"\"}"};
    for (size_t k = 0; k < sizeof right / sizeof *right; k++) {
        event_case c = read_event(right[k][0]);
        assert_int_equal(c.status, PV_OK);
        assert_text(c.event.request.body, right[k][1]);
        end_case(&c);
    }
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        event_case c = read_event(wrong[k]);
        assert_int_equal(c.status, PV_E_USAGE);
        assert_string_equal(c.error.field, "/user_id");
        end_case(&c);
    }
}

static void what_is_no_json_is_told_from_what_is_no_event(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "{", "{}x", "\"\\ud800\"", "{\"a\":1,\"a\":2}"};
    static const char *const unknown[] = {"{}", "[]", "null", "\"text\"", "{\"a\":1}"};
    for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
        event_case c = read_event(broken[k]);
        assert_int_equal(c.status, PV_E_INPUT);
        end_case(&c);
    }
    for (size_t k = 0; k < sizeof unknown / sizeof *unknown; k++) {
        event_case c = read_event(unknown[k]);
        assert_int_equal(c.status, PV_E_USAGE);
        end_case(&c);
    }
}

static void a_nul_in_a_body_is_the_services_to_refuse(void **state)
{
    (void)state;
    event_case c =
        read_event("{\"requestContext\":{\"http\":{\"method\":\"POST\"}},\"version\":\"2.0\",\"rawPath\":\"/v1\","
                   "\"body\":\"a\\u0000b\\\\u0000\"}");
    assert_int_equal(c.status, PV_OK);
    assert_text(c.event.request.body, "a\001b\\u0000"); /* an escaped backslash begins no escape of U+0000 */
    end_case(&c);
}

static void payload_1_is_encoded_again_and_alb_is_not(void **state)
{
    (void)state;
    event_case c =
        read_event("{\"requestContext\":{},\"httpMethod\":\"GET\",\"path\":\"/v1/a b%/c\",\"queryStringParameters\":"
                   "{\"n\":\"1\"},\"multiValueQueryStringParameters\":{\"x\":[\"a&b\",\"+\"],\"y=\":[\"\"]}}");
    assert_int_equal(c.status, PV_OK);
    assert_text(c.event.request.path, "/v1/a%20b%25/c");
    assert_text(c.event.request.query, "x=a%26b&x=%2B&y%3D=");
    end_case(&c);
    c = read_event(
        "{\"requestContext\":{\"elb\":{}},\"httpMethod\":\"GET\",\"path\":\"/v1/a%20b\",\"queryStringParameters\":"
        "{\"x\":\"a%26b\"}}");
    assert_int_equal(c.status, PV_OK);
    assert_text(c.event.request.path, "/v1/a%20b");
    assert_text(c.event.request.query, "x=a%26b");
    end_case(&c);
}

static void keys_of_s3_are_decoded(void **state)
{
    (void)state;
    event_case c =
        read_event("{\"Records\":[{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":"
                   "{\"key\":\"a+b%2Fc%2B%C3%A4%\"}}}]}");
    assert_int_equal(c.status, PV_OK);
    assert_int_equal(c.event.n_objects, 1);
    assert_text(c.event.objects[0].bucket, "b");
    assert_text(c.event.objects[0].key, "a b/c+\xc3\xa4%");
    end_case(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_by_their_marks_in_this_order),
        cmocka_unit_test(a_question_becomes_a_call_with_its_members_unchanged),
        cmocka_unit_test(numbers_of_users_are_integers_of_64_bits),
        cmocka_unit_test(what_is_no_json_is_told_from_what_is_no_event),
        cmocka_unit_test(a_nul_in_a_body_is_the_services_to_refuse),
        cmocka_unit_test(payload_1_is_encoded_again_and_alb_is_not),
        cmocka_unit_test(keys_of_s3_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
