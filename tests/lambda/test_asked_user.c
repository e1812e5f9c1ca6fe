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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_in_the_path_or_in_the_body),
        cmocka_unit_test(where_none_is_named_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
