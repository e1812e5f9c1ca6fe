/* Members of an object as they stand in its text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "json_members.h"
#include <stdlib.h>
#include <string.h>

static void members_come_in_order_with_their_values_unread(void **state)
{
    (void)state;
    static const char *const expected[][2] = {
        {"a", "1"}, {"b\\\"", "\"x,}\\\\\""}, {"", "{\"c\":[1,{\"d\":\"]}\"}]}"}, {"e", "[]"}, {"f", "null"}};
    json_members members = json_members_of(
        pv_text_of("{\"a\":1,\"b\\\"\":\"x,}\\\\\",\"\":{\"c\":[1,{\"d\":\"]}\"}]},\n\t\"e\" : [],\"f\":null}"));
    json_member member;
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        assert_true(json_members_next(&member, &members));
        assert_true(pv_text_equal(member.key, pv_text_of(expected[k][0])));
        assert_true(pv_text_equal(member.value, pv_text_of(expected[k][1])));
    }
    assert_false(json_members_next(&member, &members));
    assert_false(json_members_next(&member, &members));
}

static void an_empty_object_has_none(void **state)
{
    (void)state;
    json_member member;
    json_members members = json_members_of(pv_text_of(" { } "));
    assert_false(json_members_next(&member, &members));
}

/* The text has been parsed before; all the same nothing is read beyond its end. */
static void a_text_that_ends_anywhere_is_not_left(void **state)
{
    (void)state;
    static const char whole[] = "{\"a\":{\"b\":[1,\"\\\"\"]},\"c\":\"d\"}";
    for (size_t size = 0; size < sizeof whole; size++) {
        char *part = malloc(size + 1); /* a byte more, since malloc(0) may be NULL */
        assert_non_null(part);
        memcpy(part, whole, size);
        part[size] = '"';
        json_members members = json_members_of((pv_text){part, size});
        json_member member;
        while (json_members_next(&member, &members)) {
            assert_true(member.key.data + member.key.size <= part + size);
            assert_true(member.value.data + member.value.size <= part + size);
        }
        free(part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_order_with_their_values_unread),
        cmocka_unit_test(an_empty_object_has_none),
        cmocka_unit_test(a_text_that_ends_anywhere_is_not_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
