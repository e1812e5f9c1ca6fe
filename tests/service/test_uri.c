/* Path segments and query parameters: what was encoded comes back, what is malformed is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/uri.h"
#include <string.h>

static pv_arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = pv_arena_create();
    return arena ? 0 : -1;
}

static int free_arena(void **state)
{
    (void)state;
    pv_arena_free(arena);
    return 0;
}

static void assert_text(pv_text text, const char *expected)
{
    assert_non_null(text.data);
    assert_int_equal(text.size, strlen(expected));
    if (text.size > 0) assert_memory_equal(text.data, expected, text.size);
}

static void assert_segments(const char *path, int n, const char *const *expected)
{
    pv_text segments[PV_URI_SEGMENTS_MAX];
    int n_found;
    pv_error error;
    assert_int_equal(pv_uri_segments(segments, &n_found, pv_text_of(path), arena, &error), PV_OK);
    assert_int_equal(n_found, n);
    for (int k = 0; k < n; k++) assert_text(segments[k], expected[k]);
}

static void assert_path_refused(pv_text path, int64_t byte, const char *message)
{
    pv_text segments[PV_URI_SEGMENTS_MAX];
    int n;
    pv_error error;
    assert_int_equal(pv_uri_segments(segments, &n, path, arena, &error), PV_E_USAGE);
    assert_string_equal(error.field, "");
    assert_string_equal(error.message, message);
    assert_int_equal(error.position, byte);
    assert_int_equal(pv_uri_segments(segments, &n, path, arena, NULL), PV_E_USAGE);
}

static void assert_query_refused(const char *query, int64_t byte, const char *message)
{
    const pv_uri_parameter *parameters;
    int n;
    pv_error error;
    assert_int_equal(pv_uri_query(&parameters, &n, pv_text_of(query), arena, &error), PV_E_USAGE);
    assert_string_equal(error.field, "");
    assert_string_equal(error.message, message);
    assert_int_equal(error.position, byte);
}

static void assert_query(const char *query, int n, const char *const (*expected)[2])
{
    const pv_uri_parameter *parameters;
    int n_found;
    pv_error error;
    assert_int_equal(pv_uri_query(&parameters, &n_found, pv_text_of(query), arena, &error), PV_OK);
    assert_int_equal(n_found, n);
    for (int k = 0; k < n; k++) {
        assert_text(parameters[k].name, expected[k][0]);
        assert_text(parameters[k].value, expected[k][1]);
    }
}

static void a_path_is_split_before_it_is_decoded(void **state)
{
    (void)state;
    assert_segments("/v1/items/A%2F1/similar", 4, (const char *const[]){"v1", "items", "A/1", "similar"});
    assert_segments("/", 1, (const char *const[]){""});
    assert_segments("/a/", 2, (const char *const[]){"a", ""});
    assert_segments("//a", 2, (const char *const[]){"", "a"});
    assert_segments("/a+b/%2B", 2, (const char *const[]){"a+b", "+"});
    assert_segments("/%2e%2E/./..", 3, (const char *const[]){"..", ".", ".."});
    assert_segments("/%25%32%46", 1, (const char *const[]){"%2F"}); /* decoded once only */
    assert_segments("/a=b&c?d", 1, (const char *const[]){"a=b&c?d"});
    assert_segments("/caf\xc3\xa9", 1, (const char *const[]){"caf\xc3\xa9"}); /* sent without being encoded */
    assert_segments("/1/2/3/4/5/6/7/8", 8, (const char *const[]){"1", "2", "3", "4", "5", "6", "7", "8"});
}

static void a_malformed_path_is_refused_with_the_byte(void **state)
{
    (void)state;
    assert_path_refused(pv_text_of(""), 1, "path: expected a slash first");
    assert_path_refused((pv_text){NULL, 0}, 1, "path: expected a slash first");
    assert_path_refused(pv_text_of("v1/items"), 1, "path: expected a slash first");
    assert_path_refused(pv_text_of("/a/%"), 4, "path: byte 4: a percent sign needs two hex digits");
    assert_path_refused(pv_text_of("/a/%4"), 4, "path: byte 4: a percent sign needs two hex digits");
    assert_path_refused(pv_text_of("/a/%4/b"), 4, "path: byte 4: a percent sign needs two hex digits");
    assert_path_refused(pv_text_of("/%g0"), 2, "path: byte 2: a percent sign needs two hex digits");
    assert_path_refused(pv_text_of("/%0g"), 2, "path: byte 2: a percent sign needs two hex digits");
    assert_path_refused(pv_text_of("/%+1"), 2, "path: byte 2: a percent sign needs two hex digits");
    assert_path_refused(pv_text_of("/% 1"), 2, "path: byte 2: a percent sign needs two hex digits");
    assert_path_refused(pv_text_of("/a%00b"), 3, "path: byte 3: NUL is not allowed");
    assert_path_refused((pv_text){"/a\0b", 4}, 3, "path: byte 3: NUL is not allowed");
    assert_path_refused(pv_text_of("/1/2/3/4/5/6/7/8/9"), 18, "path: expected at most 8 segments");
    assert_path_refused(pv_text_of("/1/2/3/4/5/6/7/8/"), 18, "path: expected at most 8 segments");
}

static void a_path_that_is_no_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"/ok/%ff",       "/ok/%c3",          "/ok/%c3/%a9", "/ok/%c0%80",
                                        "/ok/%ed%a0%80", "/ok/%f4%90%80%80", "/ok/%80",     "/ok/\xff"};
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++)
        assert_path_refused(pv_text_of(paths[k]), 5, "path: byte 5: what begins here is no UTF-8");
}

static void a_query_gives_its_parameters_in_order(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"n", "5"}, {"filter", "a=b"}, {"filter", "c"}, {"mode", "new"}};
    assert_query("n=5&filter=a%3Db&filter=c&mode=new", 4, pairs);
    static const char *const spaces[][2] = {{"a b", "c d"}, {"e", "1+1"}};
    assert_query("a+b=c%20d&e=1%2B1", 2, spaces);
    static const char *const bare[][2] = {{"a", ""}, {"b", ""}, {"", "c"}, {"d", "=e"}, {"", ""}};
    assert_query("a&b=&=c&d==e&=", 5, bare);
    static const char *const gaps[][2] = {{"a", "1"}, {"b", "2"}};
    assert_query("&&a=1&&b=2&", 2, gaps);
    static const char *const escaped[][2] = {{"a&b", "c=d&e/f?g"}};
    assert_query("a%26b=c%3dd%26e/f?g", 1, escaped);
}

static void no_query_has_no_parameters(void **state)
{
    (void)state;
    const pv_uri_parameter *parameters;
    int n = -1;
    pv_error error;
    assert_int_equal(pv_uri_query(&parameters, &n, (pv_text){NULL, 0}, arena, &error), PV_OK);
    assert_int_equal(n, 0);
    assert_query("", 0, NULL);
    assert_query("&", 0, NULL);
}

static void a_malformed_query_is_refused_with_the_byte(void **state)
{
    (void)state;
    assert_query_refused("n=5&a=%", 7, "query: byte 7: a percent sign needs two hex digits");
    assert_query_refused("n=5&a%4=1", 6, "query: byte 6: a percent sign needs two hex digits");
    assert_query_refused("a=%4&b", 3, "query: byte 3: a percent sign needs two hex digits");
    assert_query_refused("a=%00", 3, "query: byte 3: NUL is not allowed");
    assert_query_refused("%00=a", 1, "query: byte 1: NUL is not allowed");
    assert_query_refused("a=%ff", 3, "query: byte 3: what begins here is no UTF-8");
    assert_query_refused("%e2%82=%ac", 1, "query: byte 1: what begins here is no UTF-8");
}

static void a_query_has_at_most_200_parameters(void **state)
{
    (void)state;
    char query[2 * PV_URI_PARAMETERS_MAX + 2];
    for (int k = 0; k <= PV_URI_PARAMETERS_MAX; k++) memcpy(query + 2 * k, "a&", 2);
    query[2 * PV_URI_PARAMETERS_MAX] = '\0';
    const pv_uri_parameter *parameters;
    int n;
    assert_int_equal(pv_uri_query(&parameters, &n, pv_text_of(query), arena, NULL), PV_OK);
    assert_int_equal(n, PV_URI_PARAMETERS_MAX);
    assert_text(parameters[PV_URI_PARAMETERS_MAX - 1].name, "a");
    memcpy(query + 2 * PV_URI_PARAMETERS_MAX, "b", 2);
    assert_query_refused(query, 401, "query: expected at most 200 parameters");
}

/* Every byte escaped: what the strictest client sends. */
static size_t escape(char *out, pv_text text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        out[3 * i] = '%';
        out[3 * i + 1] = digits[byte >> 4];
        out[3 * i + 2] = digits[byte & 15];
    }
    return 3 * text.size;
}

#define ID_MAX 1000

static void assert_id_comes_back(pv_text id)
{
    char target[3 * ID_MAX + 8] = "/u/";
    pv_text segments[PV_URI_SEGMENTS_MAX];
    const pv_uri_parameter *parameters;
    int n;
    pv_error error;
    const size_t size = 3 + escape(target + 3, id);
    assert_int_equal(pv_uri_segments(segments, &n, (pv_text){target, size}, arena, &error), PV_OK);
    assert_int_equal(n, 2);
    assert_true(pv_text_equal(segments[1], id));
    memcpy(target, "&u=", 3);
    assert_int_equal(pv_uri_query(&parameters, &n, (pv_text){target, size}, arena, &error), PV_OK);
    assert_int_equal(n, 1);
    assert_true(pv_text_equal(parameters[0].value, id));
}

/* Shortest UTF-8 of a code point; its size. */
static size_t encode(char out[4], uint32_t point)
{
    const size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t k = size - 1; k > 0; k--, point >>= 6) out[k] = (char)(0x80 | (point & 0x3f));
    out[0] = (char)(leads[size] | point);
    return size;
}

static void ids_of_any_text_come_back(void **state)
{
    (void)state;
    static const char *const ids[] = {"/",
                                      "a/b/c",
                                      "%",
                                      "%2F",
                                      "100%",
                                      "+",
                                      "a b",
                                      " ",
                                      "\"",
                                      "'",
                                      "a\\b",
                                      "&=?",
                                      "#;,@:",
                                      ".",
                                      "..",
                                      "\n\t\r",
                                      "~",
                                      "\x7f",
                                      "\xc3\xa9",
                                      "0",
                                      "\xf0\x9f\x98\x80",
                                      "\xe2\x82\xac 5"};
    char point[4];
    for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) assert_id_comes_back(pv_text_of(ids[k]));
    for (uint32_t p = 1; p < 0x110000; p += p < 0x3000 ? 1 : 251) {
        if (p >= 0xd800 && p < 0xe000) continue;
        pv_arena_reset(arena);
        assert_id_comes_back((pv_text){point, encode(point, p)});
    }
}

static void a_segment_of_1000_bytes_comes_back(void **state)
{
    (void)state;
    char id[ID_MAX];
    for (size_t i = 0; i < ID_MAX; i++) id[i] = (char)(1 + i % 127);
    assert_id_comes_back((pv_text){id, ID_MAX});
}

/* What need not be escaped is taken as it stands, in either case of the digits. */
static void escapes_may_be_in_either_case_or_left_out(void **state)
{
    (void)state;
    for (int byte = 1; byte < 0x80; byte++) {
        char path[8] = "/a", expected[3] = {'a', (char)byte, '\0'};
        if (byte == '/' || byte == '%') continue;
        path[2] = (char)byte;
        assert_segments(path, 1, (const char *const[]){expected});
    }
    assert_segments("/%c3%A9%C3%a9", 1, (const char *const[]){"\xc3\xa9\xc3\xa9"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_path_is_split_before_it_is_decoded, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_malformed_path_is_refused_with_the_byte, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_path_that_is_no_utf8_is_refused, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_query_gives_its_parameters_in_order, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(no_query_has_no_parameters, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_malformed_query_is_refused_with_the_byte, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_query_has_at_most_200_parameters, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(ids_of_any_text_come_back, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_segment_of_1000_bytes_comes_back, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(escapes_may_be_in_either_case_or_left_out, make_arena, free_arena),
    };
    return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
