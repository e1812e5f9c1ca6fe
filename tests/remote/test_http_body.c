/* Where a body ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "remote/http_body.h"
#include <stdlib.h>
#include <string.h>

/* Decode `text` in pieces of `step` bytes. *rest: bytes that do not belong to it. */
static pv_status decode(pv_buffer *out, size_t *rest, bool *is_whole, pv_text text, size_t step,
                        pv_http_framing framing, int64_t length)
{
    pv_http_body body;
    pv_http_body_begin(&body, framing, length);
    *rest = 0;
    for (size_t at = 0; at < text.size; at += step) {
        pv_text input = {text.data + at, text.size - at < step ? text.size - at : step};
        for (;;) {
            pv_text piece;
            const pv_status status = pv_http_body_next(&piece, &body, &input, NULL);
            if (status != PV_OK) return status;
            if (piece.size == 0) break;
            pv_buffer_append_text(out, piece);
        }
        *rest += input.size;
    }
    *is_whole = pv_http_body_is_whole(&body);
    return PV_OK;
}

static void expect_body(const char *text, pv_http_framing framing, int64_t length, const char *expected, size_t n_rest,
                        bool whole)
{
    for (size_t step = 1; step <= strlen(text) + 1; step++) {
        pv_buffer out = {0};
        size_t rest;
        bool is_whole = false;
        assert_int_equal(decode(&out, &rest, &is_whole, pv_text_of(text), step, framing, length), PV_OK);
        assert_true(pv_text_equal((pv_text){out.data, out.size}, pv_text_of(expected)));
        assert_int_equal(rest, n_rest);
        assert_int_equal(is_whole, whole);
        pv_buffer_deinit(&out);
    }
}

static void chunks_are_joined(void **state)
{
    (void)state;
    expect_body("3\r\nabc\r\n0\r\n\r\n", PV_HTTP_CHUNKED, 0, "abc", 0, true);
    expect_body("1\r\na\r\n00a\r\n0123456789\r\n0\r\n\r\nnext", PV_HTTP_CHUNKED, 0, "a0123456789", 4, true);
    expect_body("B\r\n\r\n0\r\n\r\n0\r\n\r\r\n000\r\n\r\n", PV_HTTP_CHUNKED, 0, "\r\n0\r\n\r\n0\r\n\r", 0, true);
    expect_body("0\r\n\r\n", PV_HTTP_CHUNKED, 0, "", 0, true);
}

static void extensions_and_trailers_are_dropped(void **state)
{
    (void)state;
    expect_body("2;name=\"v 1\";x\r\nab\r\n1 \t; y\r\nc\r\n0;end\r\nX-Trailer: 1\r\nY:\r\n\r\n", PV_HTTP_CHUNKED, 0,
                "abc", 0, true);
}

static void a_cut_body_is_not_whole(void **state)
{
    (void)state;
    const char text[] = "3;x\r\nabc\r\n0\r\nA: b\r\n\r\n";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        pv_buffer out = {0};
        size_t rest;
        bool is_whole = false;
        assert_int_equal(decode(&out, &rest, &is_whole, (pv_text){text, size}, 64, PV_HTTP_CHUNKED, 0), PV_OK);
        assert_false(is_whole);
        pv_buffer_deinit(&out);
    }
    expect_body("abc", PV_HTTP_LENGTH, 4, "abc", 0, false);
}

static void lengths_and_ends_are_kept(void **state)
{
    (void)state;
    expect_body("abcdef", PV_HTTP_LENGTH, 4, "abcd", 2, true);
    expect_body("abc", PV_HTTP_LENGTH, 0, "", 3, true);
    expect_body("abc", PV_HTTP_UNTIL_CLOSE, 0, "abc", 0, false);
    expect_body("abc", PV_HTTP_NO_BODY, 0, "", 3, true);
}

static void chunks_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "\r\n",
        "x\r\n",
        " 1\r\na\r\n",
        "-1\r\n",
        "0x1\r\na\r\n",
        ";a\r\n",
        "1\na\r\n",
        "1\r\r\n",
        "1\r\nab\r\n",
        "1\r\na\n",
        "1\r\na\r\r",
        "10000000000000000\r\n",
        "8000000000000000\r\n",
        "1;a\x01\r\n",
        "1;a\nb\r\n",
        "0\r\n\n",
        "0\r\nA: b\n\r\n",
        "0\r\n\rx",
        "0\r\nA: b\r\r\n",
        "0\r\nA\x7f: b\r\n",
    };
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
        for (size_t step = 1; step <= 32; step += 31) {
            pv_buffer out = {0};
            size_t rest;
            bool is_whole;
            assert_int_equal(decode(&out, &rest, &is_whole, pv_text_of(refused[k]), step, PV_HTTP_CHUNKED, 0),
                             PV_E_REMOTE);
            pv_buffer_deinit(&out);
        }
    }
}

static void what_is_dropped_has_a_limit(void **state)
{
    (void)state;
    const size_t size = (size_t)1 << 15;
    char *text = malloc(size);
    assert_non_null(text);
    pv_buffer out = {0};
    size_t rest;
    bool is_whole;
    memset(text, 'a', size);
    memcpy(text, "1;", 2);
    assert_int_equal(decode(&out, &rest, &is_whole, (pv_text){text, size}, size, PV_HTTP_CHUNKED, 0), PV_E_REMOTE);
    for (size_t i = 3; i + 4 <= size; i += 4) memcpy(text + i, "a:\r\n", 4);
    memcpy(text, "0\r\n", 3);
    assert_int_equal(decode(&out, &rest, &is_whole, (pv_text){text, size}, size, PV_HTTP_CHUNKED, 0), PV_E_REMOTE);
    pv_buffer_deinit(&out);
    free(text);
}

static void the_largest_chunk_size_is_no_overflow(void **state)
{
    (void)state;
    pv_buffer out = {0};
    size_t rest;
    bool is_whole;
    const pv_text text = pv_text_of("7fffffffffffffff\r\nabc");
    assert_int_equal(decode(&out, &rest, &is_whole, text, 64, PV_HTTP_CHUNKED, 0), PV_OK);
    assert_int_equal(out.size, 3);
    assert_false(is_whole);
    pv_buffer_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_joined),
        cmocka_unit_test(extensions_and_trailers_are_dropped),
        cmocka_unit_test(a_cut_body_is_not_whole),
        cmocka_unit_test(lengths_and_ends_are_kept),
        cmocka_unit_test(chunks_that_are_none_are_refused),
        cmocka_unit_test(what_is_dropped_has_a_limit),
        cmocka_unit_test(the_largest_chunk_size_is_no_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
