/* Conversations over plain TCP with a server that does what it is told. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/failure.h"
#include "http_conversation.h"
#include <math.h>
#include <string.h>

static void requests_share_a_connection(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        SAY(HELLO),
                                        HEAR,
                                        SAY("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: "
                                            "chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
                                        HEAR,
                                        SAY("HTTP/1.1 404 No\r\nContent-Length: 0\r\nX-A: 1\r\nX-A: 2\r\n\r\n"),
                                        HOLD};
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_answer(talk, 200, "hello");
    talk->request.method = "POST";
    talk->request.body = pv_text_of("question");
    conversation_expect_answer(talk, 202, "ab");
    talk->request.body = (pv_text){"", 0};
    conversation_expect_answer(talk, 404, "");
    assert_true(pv_text_equal(pv_http_header_of(&talk->response, "x-a"), pv_text_of("1")));
    assert_null(pv_http_header_of(&talk->response, "x-b").data);
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 1);
    assert_non_null(strstr(talk->report.heard, "\r\nContent-Length: 8\r\n\r\nquestionPOST / HTTP/1.1\r\n"));
}

static void answers_come_byte_by_byte(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        DRIP("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: "
                                             "x\r\n\r\nHTTP/1.1 200 OK\r\n"
                                             "Transfer-Encoding: "
                                             "chunked\r\n\r\n3;x=\"y\"\r\nabc\r\na\r\n0123456789\r\n0\r\nX-"
                                             "Trailer: z\r\n\r\n"),
                                        HEAR, DRIP(HELLO), HOLD};
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_answer(talk, 200, "abc0123456789");
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 1);
}

static void a_body_may_last_until_the_connection_ends(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,          SAY("HTTP/1.1 200 OK\r\n\r\nall"),
                                        SAY(" of it"), CLOSE,
                                        HEAR,          SAY("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                                        HOLD,          HEAR,
                                        SAY(HELLO),    HOLD};
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_answer(talk, 200, "all of it");
    conversation_expect_answer(talk, 200, "ok");
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 3);
}

static void some_answers_have_no_body(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
                                        HEAR,
                                        SAY("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: "
                                            "\"e\"\r\n\r\n"),
                                        HEAR,
                                        SAY("HTTP/1.1 204 No Content\r\n\r\n"),
                                        HOLD};
    CONVERSATION_BEGIN(talk, acts);
    talk->request.method = "HEAD";
    conversation_expect_answer(talk, 200, "");
    assert_true(pv_text_equal(pv_http_header_of(&talk->response, "content-length"), pv_text_of("999")));
    talk->request.method = "GET";
    conversation_expect_answer(talk, 304, "");
    conversation_expect_answer(talk, 204, "");
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 1);
}

static void a_connection_closed_between_requests_is_opened_anew(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), CLOSE, HEAR, SAY(HELLO), RESET, HEAR, SAY(HELLO), HOLD};
    CONVERSATION_BEGIN(talk, acts);
    for (int k = 0; k < 3; k++) conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 3);
}

static void a_kept_connection_that_ends_without_an_answer_is_asked_once_more(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), HEAR, CLOSE, HEAR, SAY(HELLO), HEAR, CLOSE, HEAR, CLOSE};
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_answer(talk, 200, "hello");
    conversation_expect_answer(talk, 200, "hello");
    conversation_expect_failure(talk, PV_HTTP_CUT_SHORT);
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 3);
}

static void a_kept_connection_that_answers_in_part_is_not_asked_again(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), HEAR, SAY("HTTP"), CLOSE};
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_answer(talk, 200, "hello");
    conversation_expect_failure(talk, PV_HTTP_CUT_SHORT);
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 1);
}

static void bytes_that_nobody_asked_for_end_a_connection(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO HELLO), HOLD, HEAR, SAY(HELLO), HOLD};
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_answer(talk, 200, "hello");
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 2);
}

static void cut_answers_are_told(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        CLOSE,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nContent-"),
                                        CLOSE,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 9\r\n\r\nhalf"),
                                        CLOSE,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
                                        CLOSE,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                                            "chunked\r\n\r\n4\r\nhalf\r\n0\r\n"),
                                        CLOSE,
                                        HEAR,
                                        RESET};
    CONVERSATION_BEGIN(talk, acts);
    for (int k = 0; k < 6; k++) {
        conversation_expect_failure(talk, PV_HTTP_CUT_SHORT);
        if (k == 2) {
            assert_int_equal(talk->response.status, 200);
            assert_true(pv_text_equal(pv_http_header_of(&talk->response, "etag"), pv_text_of("\"e\"")));
            conversation_expect_body(talk, "half");
        }
    }
    conversation_finish(talk, true);
}

static void what_is_no_http_is_refused(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        SAY("SSH-2.0-x\r\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno\r\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 101 Switching\r\n\r\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\n\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"),
                                        HOLD};
    CONVERSATION_BEGIN(talk, acts);
    for (int k = 0; k < 6; k++) conversation_expect_failure(talk, PV_HTTP_MALFORMED);
    conversation_finish(talk, true);
}

static void heads_and_bodies_have_limits(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nX: 0123456789012345678901234567890123456789"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 "
                                            "C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n"),
                                        HOLD,
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\n\r\n123456"),
                                        HOLD,
                                        HEAR,
                                        SAY(HELLO),
                                        HOLD};
    talk->settings.head_max = 50;
    CONVERSATION_BEGIN(talk, acts);
    talk->request.body_max = 5;
    for (int k = 0; k < 5; k++) conversation_expect_failure(talk, PV_HTTP_MALFORMED);
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
}

static void silence_ends_after_the_idle_time(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, HOLD, HEAR, SAY("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"), HOLD};
    talk->settings.idle_seconds = 0.05;
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_failure(talk, PV_HTTP_TIMED_OUT);
    conversation_expect_failure(talk, PV_HTTP_TIMED_OUT);
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 2);
}

static void the_deadline_ends_what_the_idle_time_does_not(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, HOLD};
    talk->settings.idle_seconds = HUGE_VAL;
    CONVERSATION_BEGIN(talk, acts);
    talk->request.deadline = pv_deadline_in(0.05);
    conversation_expect_failure(talk, PV_HTTP_TIMED_OUT);
    conversation_expect_failure(talk, PV_HTTP_TIMED_OUT); /* no time is left: nothing is sent */
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 1);
}

static pv_status count_bytes(void *context, const char *bytes, size_t size, pv_error *error)
{
    (void)bytes;
    size_t *count = context;
    *count += size;
    return *count > 8 ? pv_fail(error, PV_E_OUTPUT, "disk full") : PV_OK;
}

static void only_bodies_that_were_asked_for_are_taken(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        SAY("HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nsorry"),
                                        HEAR,
                                        SAY("HTTP/1.1 206 Part\r\nTransfer-Encoding: "
                                            "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                                        HEAR,
                                        SAY("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789"),
                                        HOLD};
    size_t count = 0;
    CONVERSATION_BEGIN(talk, acts);
    talk->request.take = count_bytes;
    talk->request.take_context = &count;
    talk->request.body_max = 5;
    conversation_expect_answer(talk, 500, "sorry");
    assert_int_equal(count, 0);
    assert_int_equal(conversation_ask(talk), PV_OK);
    assert_int_equal(count, 3);
    assert_int_equal(talk->response.body.size, 0);
    assert_int_equal(talk->response.body_size, 3);
    assert_int_equal(conversation_ask(talk), PV_E_OUTPUT);
    assert_int_equal(talk->response.failure, PV_HTTP_STOPPED);
    assert_string_equal(talk->error.message, "disk full");
    conversation_finish(talk, true);
}

static void nobody_listening_is_told(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), CLOSE};
    CONVERSATION_BEGIN(talk, acts);
    conversation_expect_answer(talk, 200, "hello");
    scripted_server_end(talk->server, NULL);
    talk->server = NULL;
    conversation_expect_failure(talk, PV_HTTP_NOT_SENT);
    assert_non_null(strstr(talk->error.message, "cannot connect"));
}

static void names_are_resolved(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), HOLD};
    talk->host = "localhost";
    CONVERSATION_BEGIN(talk, acts);
    assert_string_equal(pv_http_client_endpoint(talk->client)->host, "localhost");
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
}

static void a_request_that_is_wrong_is_not_sent(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), HOLD};
    CONVERSATION_BEGIN(talk, acts);
    talk->request.target = pv_text_of("no path");
    assert_int_equal(conversation_ask(talk), PV_E_USAGE);
    assert_int_equal(talk->response.failure, PV_HTTP_STOPPED);
    talk->request.target = pv_text_of("/");
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, conversation_set_up, conversation_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_share_a_connection),
        TEST(answers_come_byte_by_byte),
        TEST(a_body_may_last_until_the_connection_ends),
        TEST(some_answers_have_no_body),
        TEST(a_connection_closed_between_requests_is_opened_anew),
        TEST(a_kept_connection_that_ends_without_an_answer_is_asked_once_more),
        TEST(a_kept_connection_that_answers_in_part_is_not_asked_again),
        TEST(bytes_that_nobody_asked_for_end_a_connection),
        TEST(cut_answers_are_told),
        TEST(what_is_no_http_is_refused),
        TEST(heads_and_bodies_have_limits),
        TEST(silence_ends_after_the_idle_time),
        TEST(the_deadline_ends_what_the_idle_time_does_not),
        TEST(only_bodies_that_were_asked_for_are_taken),
        TEST(nobody_listening_is_told),
        TEST(names_are_resolved),
        TEST(a_request_that_is_wrong_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
