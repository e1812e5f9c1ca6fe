/* Requests with large bodies, and servers that do not care for them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "http_conversation.h"

#define LARGE ((size_t)20 << 20)
#define REFUSAL                                                                                                        \
    "HTTP/1.1 412 Precondition Failed\r\nConnection: close\r\nContent-Length: "                                        \
    "3\r\n\r\nold"

static void an_answer_before_the_body_was_read_is_heard(void **state)
{
    http_conversation *talk = *state;
    /* Closing with bytes unread makes the kernel send RST behind the answer. */
    static const scripted_act acts[] = {
        HEAR_HEAD,    SAY(REFUSAL), CLOSE,     HEAR_HEAD,
        SAY(REFUSAL), HOLD,         HEAR_HEAD, DRIP("HTTP/1.1 100 Continue\r\n\r\n" REFUSAL),
        IGNORE};
    CONVERSATION_BEGIN(talk, acts);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(conversation_put(talk, LARGE), PV_OK);
        assert_int_equal(talk->response.status, 412);
        conversation_expect_body(talk, "old");
    }
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 3);
}

static void a_body_cut_while_it_is_sent_is_told(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR_HEAD, RESET, HEAR_HEAD, CLOSE, HEAR_HEAD, SAY("HTTP/1.1 5"), CLOSE};
    CONVERSATION_BEGIN(talk, acts);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(conversation_put(talk, LARGE), PV_E_REMOTE);
        assert_int_equal(talk->response.failure, PV_HTTP_CUT_SHORT);
    }
    conversation_finish(talk, true);
}

static void a_large_body_is_sent_whole(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), HEAR, SAY(HELLO), HOLD};
    CONVERSATION_BEGIN(talk, acts);
    assert_int_equal(conversation_put(talk, LARGE), PV_OK);
    assert_int_equal(conversation_put(talk, LARGE), PV_OK);
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 1);
}

static void a_server_that_does_not_read_is_given_up(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR_HEAD, SAY("HTTP/1.1 100 Continue\r\n\r\n"), IGNORE};
    talk->settings.idle_seconds = 0.05;
    CONVERSATION_BEGIN(talk, acts);
    assert_int_equal(conversation_put(talk, LARGE), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, PV_HTTP_TIMED_OUT);
    conversation_finish(talk, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, conversation_set_up, conversation_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_before_the_body_was_read_is_heard),
        TEST(a_body_cut_while_it_is_sent_is_told),
        TEST(a_large_body_is_sent_whole),
        TEST(a_server_that_does_not_read_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
