/* Heads of answers and requests. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "remote/http_head.h"
#include <stdlib.h>
#include <string.h>

#define OK_LINE "HTTP/1.1 200 OK\r\n"

/* Reads a copy without NUL behind it, so that reading beyond is seen. */
static pv_status read_bytes(pv_http_head *head, char **copy, const char *bytes, size_t size, bool is_head)
{
    *copy = malloc(size ? size : 1);
    assert_non_null(*copy);
    memcpy(*copy, bytes, size);
    return pv_http_head_read(head, *copy, size, is_head, NULL);
}

static void a_head_is_taken_apart(void **state)
{
    (void)state;
    pv_http_head head;
    char *copy;
    const char text[] = OK_LINE "Content-Length:  12 \r\nX-Empty:\r\nETag:\t\"a b\"\t\r\nx_odd!#: \xc3\xa9\r\n\r\n";
    assert_int_equal(read_bytes(&head, &copy, text, sizeof text - 1, false), PV_OK);
    assert_int_equal(head.status, 200);
    assert_int_equal(head.n_headers, 4);
    static const char *const expected[] = {"content-length", "12",      "x-empty", "",
                                           "etag",           "\"a b\"", "x_odd!#", "\xc3\xa9"};
    for (size_t k = 0; k < 4; k++) {
        assert_true(pv_text_equal(head.headers[k].name, pv_text_of(expected[2 * k])));
        assert_true(pv_text_equal(head.headers[k].value, pv_text_of(expected[2 * k + 1])));
    }
    assert_int_equal(head.framing, PV_HTTP_LENGTH);
    assert_int_equal(head.length, 12);
    assert_true(head.keeps_open);
    pv_http_head_deinit(&head);
    free(copy);
}

typedef struct framing_case {
    const char *text;
    bool is_head;
    pv_http_framing framing;
    bool keeps_open;
} framing_case;

static void framing_follows_the_standard(void **state)
{
    (void)state;
    static const framing_case cases[] = {
        {OK_LINE "Content-Length: 0\r\n\r\n", false, PV_HTTP_LENGTH, true},
        {OK_LINE "\r\n", false, PV_HTTP_UNTIL_CLOSE, false},
        {OK_LINE "transfer-encoding: Chunked\r\n\r\n", false, PV_HTTP_CHUNKED, true},
        {OK_LINE "Transfer-Encoding: chunked\r\nConnection: x, CLOSE\r\n\r\n", false, PV_HTTP_CHUNKED, false},
        {OK_LINE "Connection: closed\r\nContent-Length: 1\r\n\r\n", false, PV_HTTP_LENGTH, true},
        {OK_LINE "Content-Length: 5\r\n\r\n", true, PV_HTTP_NO_BODY, true},
        {"HTTP/1.1 204\r\n\r\n", false, PV_HTTP_NO_BODY, true},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, PV_HTTP_NO_BODY, true},
        {"HTTP/1.1 100 Continue\r\n\r\n", false, PV_HTTP_NO_BODY, true},
        {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", false, PV_HTTP_LENGTH, false},
        {"HTTP/1.1 503 \r\nContent-Length: 3\r\n\r\n", false, PV_HTTP_LENGTH, true},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        pv_http_head head;
        char *copy;
        assert_int_equal(read_bytes(&head, &copy, cases[k].text, strlen(cases[k].text), cases[k].is_head), PV_OK);
        assert_int_equal(head.framing, cases[k].framing);
        assert_int_equal(head.keeps_open, cases[k].keeps_open);
        pv_http_head_deinit(&head);
        free(copy);
    }
}

#define REFUSED(literal) {literal, sizeof(literal) - 1}

static void what_may_mean_two_things_is_refused(void **state)
{
    (void)state;
    static const pv_text refused[] = {
        REFUSED(""),
        REFUSED("\r\n"),
        REFUSED("HTTP/2.0 200 OK\r\n\r\n"),
        REFUSED("HTTP/1.1  200 OK\r\n\r\n"),
        REFUSED("http/1.1 200 OK\r\n\r\n"),
        REFUSED("HTTP/1.1 20\r\n\r\n"),
        REFUSED("HTTP/1.1 2000\r\n\r\n"),
        REFUSED("HTTP/1.1 600 X\r\n\r\n"),
        REFUSED("HTTP/1.1 099 X\r\n\r\n"),
        REFUSED("HTTP/1.1 200 \0\r\n\r\n"),
        REFUSED("HTTP/1.1 200 OK\n\n"),
        REFUSED(OK_LINE "A: b\n\r\n"),
        REFUSED(OK_LINE "A: b\r\r\n\r\n"),
        REFUSED(OK_LINE "A: b\r\n c\r\n\r\n"),
        REFUSED(OK_LINE " A: b\r\n\r\n"),
        REFUSED(OK_LINE "A : b\r\n\r\n"),
        REFUSED(OK_LINE ": b\r\n\r\n"),
        REFUSED(OK_LINE "A\r\n\r\n"),
        REFUSED(OK_LINE "A: b\0c\r\n\r\n"),
        REFUSED(OK_LINE "A\0: b\r\n\r\n"),
        REFUSED(OK_LINE "A: b\x01\r\n\r\n"),
        REFUSED(OK_LINE "A: b\x7f\r\n\r\n"),
        REFUSED(OK_LINE "A: b\r\n"),
        REFUSED(OK_LINE "\r\nA: b\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length:\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: -1\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: +1\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: 1,1\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: 0x1\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: 9223372036854775808\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        REFUSED(OK_LINE "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        REFUSED(OK_LINE "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
        REFUSED(OK_LINE "Transfer-Encoding: gzip, chunked\r\n\r\n"),
        REFUSED(OK_LINE "Transfer-Encoding: identity\r\n\r\n"),
    };
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
        pv_http_head head;
        char *copy;
        assert_int_equal(read_bytes(&head, &copy, refused[k].data, refused[k].size, false), PV_E_REMOTE);
        assert_null(head.headers);
        free(copy);
    }
}

static void the_end_is_found_in_pieces(void **state)
{
    (void)state;
    const char text[] = OK_LINE "A: b\r\n\r\nbody\r\n\r\n";
    const size_t expected = sizeof OK_LINE "A: b\r\n\r\n" - 1;
    size_t scanned = 0;
    for (size_t size = 0; size < expected; size++)
        assert_int_equal(pv_http_head_end(&scanned, (pv_text){text, size}), 0);
    assert_int_equal(pv_http_head_end(&scanned, (pv_text){text, sizeof text - 1}), expected);
    scanned = 0;
    assert_int_equal(pv_http_head_end(&scanned, pv_text_of("A\n\nB")), 3);
}

static const pv_endpoint LOCAL = {.host = "127.0.0.1", .port = 9001};

static void a_request_is_printed(void **state)
{
    (void)state;
    pv_buffer out = {0};
    const pv_http_header headers[] = {{pv_text_of("X-A"), pv_text_of("b c")}, {pv_text_of("X-Empty"), {"", 0}}};
    const pv_http_request request = {.method = "POST",
                                     .target = pv_text_of("/a%20b?c=d"),
                                     .headers = headers,
                                     .n_headers = 2,
                                     .body = pv_text_of("xyz")};
    assert_int_equal(pv_http_request_print(&out, &request, &LOCAL, NULL), PV_OK);
    assert_true(pv_text_equal((pv_text){out.data, out.size},
                              pv_text_of("POST /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nX-A: b c\r\n"
                                         "X-Empty: \r\nContent-Length: 3\r\n\r\n")));
    pv_buffer_deinit(&out);
}

static void no_body_and_an_empty_one_differ(void **state)
{
    (void)state;
    pv_buffer out = {0};
    pv_http_request request = {.method = "GET", .target = pv_text_of("/")};
    assert_int_equal(pv_http_request_print(&out, &request, &LOCAL, NULL), PV_OK);
    assert_null(memmem(out.data, out.size, "Content-Length", 14));
    out.size = 0;
    request.body = (pv_text){"", 0};
    assert_int_equal(pv_http_request_print(&out, &request, &LOCAL, NULL), PV_OK);
    assert_non_null(memmem(out.data, out.size, "Content-Length: 0\r\n", 19));
    pv_buffer_deinit(&out);
}

static void a_request_that_would_break_the_message_is_refused(void **state)
{
    (void)state;
    static const pv_http_header injected = {{"X", 1}, {"a\r\nb", 4}}, no_name = {{"X Y", 3}, {"a", 1}};
    static const pv_http_header host = {{"HOST", 4}, {"a", 1}}, length = {{"content-length", 14}, {"1", 1}};
    static const pv_http_header coding = {{"Transfer-Encoding", 17}, {"chunked", 7}};
    static const pv_http_request refused[] = {
        {.method = "", .target = {"/", 1}},
        {.method = "GET /", .target = {"/", 1}},
        {.method = "GET", .target = {"", 0}},
        {.method = "GET", .target = {"x", 1}},
        {.method = "GET", .target = {"/ ", 2}},
        {.method = "GET", .target = {"/\r\n", 3}},
        {.method = "GET", .target = {"/\0", 2}},
        {.method = "GET", .target = {"/\xc3\xa9", 3}},
        {.method = "GET", .target = {"/", 1}, .headers = &injected, .n_headers = 1},
        {.method = "GET", .target = {"/", 1}, .headers = &no_name, .n_headers = 1},
        {.method = "GET", .target = {"/", 1}, .headers = &host, .n_headers = 1},
        {.method = "GET", .target = {"/", 1}, .headers = &length, .n_headers = 1},
        {.method = "GET", .target = {"/", 1}, .headers = &coding, .n_headers = 1},
    };
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
        pv_buffer out = {0};
        assert_int_equal(pv_http_request_print(&out, &refused[k], &LOCAL, NULL), PV_E_USAGE);
        assert_int_equal(out.size, 0);
        pv_buffer_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_taken_apart),
        cmocka_unit_test(framing_follows_the_standard),
        cmocka_unit_test(what_may_mean_two_things_is_refused),
        cmocka_unit_test(the_end_is_found_in_pieces),
        cmocka_unit_test(a_request_is_printed),
        cmocka_unit_test(no_body_and_an_empty_one_differ),
        cmocka_unit_test(a_request_that_would_break_the_message_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
