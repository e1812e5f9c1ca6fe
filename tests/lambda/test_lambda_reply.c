/* The envelope around an answer. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "lambda_reply.h"
#include <string.h>

static void assert_reply(const lambda_event *event, const pv_service_response *response, const char *expected)
{
    pv_buffer out = {0};
    lambda_reply_append(&out, event, response);
    assert_false(out.failed);
    pv_buffer_append(&out, "", 1);
    assert_string_equal(out.data, expected);
    pv_buffer_deinit(&out);
}

static pv_service_response response_of(char *body)
{
    return (pv_service_response){.status = 200, .body = body, .size = strlen(body), .model = "0123abcd"};
}

static void the_direct_answer_has_three_members(void **state)
{
    (void)state;
    char body[] = "{\"a\":\"\\n\"}";
    const pv_service_response response = response_of(body);
    assert_reply(&(lambda_event){.kind = EVENT_DIRECT}, &response,
                 "{\"statusCode\":200,\"headers\":{\"content-type\":\"application/json\"},"
                 "\"body\":\"{\\\"a\\\":\\\"\\\\n\\\"}\"}");
    assert_reply(&(lambda_event){.kind = EVENT_DIRECT, .is_bare = true}, &response, body);
}

static void http_carries_the_services_headers(void **state)
{
    (void)state;
    char body[] = "{}";
    pv_service_response response = response_of(body);
    memcpy(response.recommendation_id, "0123", 5);
    assert_reply(
        &(lambda_event){.kind = EVENT_HTTP}, &response,
        "{\"statusCode\":200,\"headers\":{\"content-type\":\"application/json\",\"x-purvey-model\":\"0123abcd\","
        "\"x-recommendation-id\":\"0123\"},\"body\":\"{}\",\"isBase64Encoded\":false}");
    response.status = 503;
    response.retry_after = 1;
    response.recommendation_id[0] = '\0';
    assert_reply(
        &(lambda_event){.kind = EVENT_REST}, &response,
        "{\"statusCode\":503,\"headers\":{\"content-type\":\"application/json\",\"x-purvey-model\":\"0123abcd\","
        "\"retry-after\":\"1\"},\"body\":\"{}\",\"isBase64Encoded\":false}");
}

static void alb_has_a_description_and_the_form_of_headers_that_it_sent(void **state)
{
    (void)state;
    char body[] = "{}";
    pv_service_response response = response_of(body);
    response.status = 405;
    response.allow = "POST";
    assert_reply(&(lambda_event){.kind = EVENT_ALB, .has_multi_value_headers = true}, &response,
                 "{\"statusCode\":405,\"statusDescription\":\"405 Method Not Allowed\",\"multiValueHeaders\":"
                 "{\"content-type\":[\"application/json\"],\"x-purvey-model\":[\"0123abcd\"],\"allow\":[\"POST\"]},"
                 "\"body\":\"{}\",\"isBase64Encoded\":false}");
}

static void an_answer_without_memory_for_a_body_is_still_one(void **state)
{
    (void)state;
    const pv_service_response response = {.status = 503};
    assert_reply(&(lambda_event){.kind = EVENT_DIRECT}, &response,
                 "{\"statusCode\":503,\"headers\":{\"content-type\":\"application/json\"},\"body\":\"\"}");
    assert_reply(&(lambda_event){.kind = EVENT_DIRECT, .is_bare = true}, &response, "null");
}

static void a_look_is_told_with_its_failure(void **state)
{
    (void)state;
    pv_buffer out = {0};
    lambda_reply_append_reload(&out, true, "0123abcd", NULL);
    lambda_reply_append_reload(&out, false, "0123abcd", "a \"b\"");
    pv_buffer_append(&out, "", 1);
    assert_string_equal(out.data, "{\"reloaded\":true,\"model\":\"0123abcd\"}"
                                  "{\"reloaded\":false,\"model\":\"0123abcd\",\"error\":\"a \\\"b\\\"\"}");
    pv_buffer_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_direct_answer_has_three_members),
        cmocka_unit_test(http_carries_the_services_headers),
        cmocka_unit_test(alb_has_a_description_and_the_form_of_headers_that_it_sent),
        cmocka_unit_test(an_answer_without_memory_for_a_body_is_still_one),
        cmocka_unit_test(a_look_is_told_with_its_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
