/* JSON from outside that is refused, and at which byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/json_reader.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_taken(const char *text)
{
    pv_json_document *document;
    pv_error error = {.message = ""};
    if (pv_json_document_parse(&document, pv_text_of(text), &error) != PV_OK) fail_msg("%s", error.message);
    pv_json_document_free(document);
}

/* A text that may not be terminated by NUL, in memory of its own, so that reading past its end is seen. */
static void assert_bytes_refused(const char *bytes, size_t size, const char *message)
{
    pv_error error = {.field = "/old"};
    pv_json_document *none = (pv_json_document *)&error;
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    if (size > 0) memcpy(copy, bytes, size);
    const pv_status status = pv_json_document_parse(&none, (pv_text){copy, size}, &error);
    free(copy);
    assert_int_equal(status, PV_E_USAGE);
    assert_null(none);
    assert_string_equal(error.field, "");
    assert_string_equal(error.message, message);
}

static void assert_refused(const char *text, const char *message)
{
    assert_bytes_refused(text, strlen(text), message);
}

static void a_text_that_is_no_json_is_refused_with_the_byte(void **state)
{
    (void)state;
    assert_refused("", "body: empty, expected JSON");
    assert_bytes_refused(NULL, 0, "body: empty, expected JSON");
    assert_refused(" \n", "body: byte 2: ends before its value does, near ` ?`");
    assert_refused("[1,", "body: byte 3: ends before its value does, near `[1,`");
    assert_refused("\"abc", "body: byte 4: ends before its value does, near `\"abc`");
    assert_refused("nul", "body: byte 3: is no JSON, near `nul`");
    assert_refused("{a:1}", "body: byte 2: is no JSON, near `{a`");
    assert_refused("[1,]", "body: byte 4: is no JSON, near `[1,]`");
    assert_refused("[01]", "body: byte 2: is no JSON, near `[0`");
    assert_refused("[+1]", "body: byte 2: is no JSON, near `[+`");
    assert_refused("NaN", "body: byte 3: is no JSON, near `NaN`");
    assert_refused("]", "body: byte 1: is no JSON, near `]`");
    assert_refused("[\"a\nb\"]", "body: byte 3: is no JSON, near `[\"a`");
    assert_refused("\"\\x\"", "body: byte 3: is no JSON, near `\"\\x`");
    assert_refused("// remark\n1", "body: byte 1: is no JSON, near `/`");
    assert_refused("\xef\xbb\xbf{}", "body: byte 3: is no JSON, near `\xef\xbb\xbf`");
}

static void the_bytes_near_a_fault_are_whole_characters_of_one_line(void **state)
{
    (void)state;
    pv_json_document *document;
    pv_error error;
    static const char text[] = "[\"012345678901234567\xc3\xa9\n45\", x]";
    assert_int_equal(pv_json_document_parse(&document, pv_text_of(text), &error), PV_E_USAGE);
    assert_null(strchr(error.message, '\n'));
    /* The 24 bytes before the fault begin within the two of the letter, which is left out. */
    assert_refused("[\"\xc3\xa9"
                   "1234567890123456789\", x]",
                   "body: byte 27: is no JSON, near `1234567890123456789\", x`");
}

static void what_follows_the_value_is_refused(void **state)
{
    (void)state;
    assert_refused("1 2", "body: byte 3: expected nothing after the value, near `1 2`");
    assert_refused("{} {}", "body: byte 4: expected nothing after the value, near `{} {`");
    assert_refused("[],", "body: byte 3: expected nothing after the value, near `[],`");
    assert_bytes_refused("{}\0", 3, "body: byte 3: expected nothing after the value, near `{}`");
    assert_taken(" {} \r\n\t ");
}

static void a_field_that_stands_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":1,\"a\":2}", "body: byte 10: a field stands twice, near `{\"a\":1,\"a\"`");
    assert_refused("[{\"b\":{\"\":1,\"\":1}}]", "body: byte 14: a field stands twice, near `[{\"b\":{\"\":1,\"\"`");
    assert_refused("{\"a\":1,\"\\u0061\":2}", "body: byte 15: a field stands twice, near `{\"a\":1,\"\\u0061\"`");
    assert_taken("{\"a\":{\"a\":1},\"A\":2}");
}

static void bytes_that_are_no_utf8_are_refused(void **state)
{
    (void)state;
    assert_refused("\xff", "body: byte 1: is no UTF-8, near `?`");
    assert_refused("\"ab\xc3\"", "body: byte 4: is no UTF-8, near `\"ab?`");
    assert_refused("\"\xc0\x80\"", "body: byte 2: is no UTF-8, near `\"?`");
    assert_refused("\"\xed\xa0\x80\"", "body: byte 2: is no UTF-8, near `\"?`");
    assert_refused("{\"\xc3\xa9\":\"\xf4\x90\x80\x80\"}", "body: byte 8: is no UTF-8, near `{\"\xc3\xa9\":\"?`");
    assert_taken("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

static void lone_surrogates_and_nul_are_refused(void **state)
{
    (void)state;
    assert_refused("\"\\ud800\"", "body: byte 8: is no JSON, near `\"\\ud800\"`");
    assert_refused("\"\\udc00x\"", "body: byte 9: is no JSON, near `\"\\udc00x\"`");
    assert_refused("\"\\ud800\\u0041\"", "body: byte 14: is no JSON, near `\"\\ud800\\u0041\"`");
    assert_refused("\"a\\u0000\"", "body: byte 9: U+0000 in a text, near `\"a\\u0000\"`");
    assert_refused("{\"\\u0000\":1}", "body: byte 9: U+0000 in a text, near `{\"\\u0000\"`");
    assert_bytes_refused("\"\0\"", 3, "body: byte 1: is no JSON, near `\"`");
    assert_taken("\"\\ud83d\\ude00\"");
}

static void numbers_beyond_64_bits_and_beyond_doubles_are_refused(void **state)
{
    (void)state;
    assert_refused("9223372036854775808", "body: byte 19: a number out of range, near `9223372036854775808`");
    assert_refused("[-9223372036854775809]", "body: byte 21: a number out of range, near `[-9223372036854775809`");
    assert_refused("[1e309]", "body: byte 6: a number out of range, near `[1e309`");
    assert_refused("-1e999", "body: byte 6: a number out of range, near `-1e999`");
    assert_taken("[9223372036854775807, -9223372036854775808, 1.7976931348623157e308, 1e-999]");
}

/* `open` PV_JSON_DEPTH_MAX + extra times, then `inside`, then as many times `close`. */
static char *nested(const char *open, int extra, const char *inside, const char *close)
{
    const int depth = PV_JSON_DEPTH_MAX + extra;
    const size_t size = (size_t)depth * (strlen(open) + strlen(close)) + strlen(inside) + 1;
    char *text = malloc(size), *end = text;
    assert_non_null(text);
    for (int k = 0; k < depth; k++) end = stpcpy(end, open);
    end = stpcpy(end, inside);
    for (int k = 0; k < depth; k++) end = stpcpy(end, close);
    return text;
}

static void assert_too_deep(char *text, size_t byte)
{
    pv_json_document *document;
    pv_error error;
    char expected[64];
    (void)snprintf(expected, sizeof expected, "body: byte %zu: nested deeper than 32 levels, near `", byte);
    const pv_status status = pv_json_document_parse(&document, pv_text_of(text), &error);
    free(text);
    assert_int_equal(status, PV_E_USAGE);
    assert_int_equal(error.position, byte);
    assert_memory_equal(error.message, expected, strlen(expected));
}

static void assert_deep_enough(char *text)
{
    assert_taken(text);
    free(text);
}

static void depth_is_limited_before_anything_is_built(void **state)
{
    (void)state;
    assert_deep_enough(nested("[", 0, "", "]"));
    assert_deep_enough(nested("[", 0, "1,\"[[[[{{{{\"", "]"));
    assert_deep_enough(nested("{\"[{\":", 0, "1", "}"));
    assert_deep_enough(nested("[", 0, "\"\\\"[[{{\\\\\"", "]"));
    assert_deep_enough(nested("[[],{},", 0 - 1, "[]", "]")); /* siblings do not add up */
    assert_too_deep(nested("[", 1, "", "]"), 33);
    assert_too_deep(nested("{\"a\":", 1, "1", "}"), 32 * 5 + 1);
    assert_too_deep(nested("[", 0, "{}", "]"), 33);
    assert_too_deep(nested("{\"\\\\\":", 0, "[]", "}"), 32 * 6 + 1);
    assert_too_deep(nested("[", 100000, "", ""), 33);
}

static void many_closing_brackets_do_not_make_room(void **state)
{
    (void)state;
    char text[3 * PV_JSON_DEPTH_MAX + 1];
    memset(text, ']', PV_JSON_DEPTH_MAX);
    memset(text + PV_JSON_DEPTH_MAX, '[', 2 * PV_JSON_DEPTH_MAX);
    text[3 * PV_JSON_DEPTH_MAX] = '\0';
    char *copy = strdup(text);
    assert_non_null(copy);
    assert_too_deep(copy, 2 * PV_JSON_DEPTH_MAX + 1);
}

static void the_number_of_values_is_limited(void **state)
{
    (void)state;
    const size_t most = 1048576; /* the array is a value, and so is each element */
    char *text = malloc(2 * most + 8);
    assert_non_null(text);
    text[0] = '[';
    for (size_t k = 0; k < most; k++) memcpy(text + 1 + 2 * k, "1,", 2);
    pv_json_document *document;
    pv_error error;
    int64_t n = 0;
    memcpy(text + 2 * (most - 1), "]", 2);
    assert_int_equal(pv_json_document_parse(&document, pv_text_of(text), &error), PV_OK);
    const pv_json_node array = pv_json_document_root(document);
    assert_int_equal(pv_json_array_size(&n, &array, INT64_MAX, &error), PV_OK);
    assert_int_equal(n, most - 1);
    memcpy(text + 2 * (most - 1), ",1]", 4);
    pv_json_document_free(document);
    const pv_status status = pv_json_document_parse(&document, pv_text_of(text), &error);
    free(text);
    assert_int_equal(status, PV_E_USAGE);
    assert_non_null(strstr(error.message, "more than 1048576 values"));
}

static int allocations_left;

static void *allocate_few(size_t size)
{
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* A text that jansson has no memory for comes back as a fault of its syntax, all else as what it is. */
static void no_memory_at_any_point_is_an_error_without_a_leak(void **state)
{
    (void)state;
    pv_json_document *document = NULL;
    pv_error error;
    pv_status status = PV_E_MEMORY;
    int allowed = 0, n_memory = 0;
    json_set_alloc_funcs(allocate_few, free);
    for (; allowed < 1000; allowed++) {
        allocations_left = allowed;
        status = pv_json_document_parse(&document, pv_text_of("[{\"a\":{}},[1,2.5,\"b\"],[],true]"), &error);
        if (status == PV_OK) break;
        assert_null(document);
        n_memory += status == PV_E_MEMORY;
    }
    json_set_alloc_funcs(malloc, free);
    pv_json_document_free(document);
    assert_int_equal(status, PV_OK);
    assert_true(allowed > 10);
    assert_true(2 * n_memory > allowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_is_no_json_is_refused_with_the_byte),
        cmocka_unit_test(the_bytes_near_a_fault_are_whole_characters_of_one_line),
        cmocka_unit_test(what_follows_the_value_is_refused),
        cmocka_unit_test(a_field_that_stands_twice_is_refused),
        cmocka_unit_test(bytes_that_are_no_utf8_are_refused),
        cmocka_unit_test(lone_surrogates_and_nul_are_refused),
        cmocka_unit_test(numbers_beyond_64_bits_and_beyond_doubles_are_refused),
        cmocka_unit_test(depth_is_limited_before_anything_is_built),
        cmocka_unit_test(many_closing_brackets_do_not_make_room),
        cmocka_unit_test(the_number_of_values_is_limited),
        cmocka_unit_test(no_memory_at_any_point_is_an_error_without_a_leak),
    };
    return cmocka_run_group_tests_name("json_refused", tests, NULL, NULL);
}
