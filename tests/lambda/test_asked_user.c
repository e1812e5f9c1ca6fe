/* Whom a request is about. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "asked_user.h"
#include "base/text.h"
#include <string.h>

static void assert_user(const char *path, const char *body, const char *expected)
{
    pv_arena *arena = pv_arena_create();
    const pv_service_request request = {.path = pv_text_of(path), .body = pv_text_of(body)};
    const pv_text user = asked_user_find(&request, arena);
    if (expected != NULL)
        assert_true(pv_text_equal(user, pv_text_of(expected)));
    else
        assert_null(user.data);
    pv_arena_free(arena);
}

static void it_stands_in_the_path_or_in_the_body(void **state)
{
    (void)state;
    assert_user("/v1/users/12/recommendations", "", "12");
    assert_user("/v1/users/a%2Fb/peers", "", "a/b");
    assert_user("/v1/users/x", "", "x");
    assert_user("/v1/recommend", "{\"n\":1,\"user\":\"\\u00e4\"}", "\xc3\xa4");
}

static void where_none_is_named_there_is_none(void **state)
{
    (void)state;
    assert_user("/v1/users/", "", NULL);
    assert_user("/v1/recommend", "", NULL);
    assert_user("/v1/recommend", "{\"user\":5}", NULL);
    assert_user("/v1/recommend", "{\"user\":\"a\"", NULL);
    assert_user("/v1/events", "[{\"user\":\"a\"}]", NULL);
}

static void assert_unknown(bool expected, int status, bool is_fallback, const char *body)
{
    char bytes[128];
    assert_true(strlen(body) < sizeof bytes);
    memcpy(bytes, body, strlen(body));
    const pv_service_response response = {
        .status = status, .is_fallback = is_fallback, .body = bytes, .size = strlen(body)};
    assert_int_equal(asked_user_is_unknown(&response), expected);
}

static void an_unknown_one_is_told_by_the_answer(void **state)
{
    (void)state;
    assert_unknown(true, 200, true, "{\"user\":\"a\",\"fallback\":\"the user is not known\",\"items\":[]}");
    assert_unknown(true, 200, true, "{\"fallback\":\"the user is not known; popular among country Italy\"}");
    assert_unknown(true, 404, false, "{\"error\":{\"code\":\"not_found\",\"field\":\"/user\"}}");
    assert_unknown(false, 200, true, "{\"user\":\"a\",\"fallback\":\"no user was named\"}");
    assert_unknown(false, 200, true,
                   "{\"user\":\"\\\"fallback\\\":\\\"the user is not known\",\"fallback\":\"other\"}");
    assert_unknown(false, 400, false, "{\"error\":{\"code\":\"bad_value\",\"field\":\"/user\"}}");
    assert_unknown(false, 404, false, "{\"error\":{\"code\":\"not_found\",\"field\":\"/item\"}}");
    assert_false(asked_user_is_unknown(&(pv_service_response){.status = 404}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_in_the_path_or_in_the_body),
        cmocka_unit_test(where_none_is_named_there_is_none),
        cmocka_unit_test(an_unknown_one_is_told_by_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
