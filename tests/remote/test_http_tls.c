/* Conversations over TLS, with authorities and certificates made here. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "certificate_maker.h"
#include "http_conversation.h"
#include "support/scratch_folder.h"
#include <stdlib.h>
#include <string.h>

#define HOSTS "DNS:localhost,IP:127.0.0.1"
#define DAY 86400L

/* What all tests share: an authority that is trusted, and one that is not. */
static struct {
    scratch_folder folder;
    char trusted_path[SCRATCH_PATH_SIZE], other_path[SCRATCH_PATH_SIZE];
    certificate trusted, other;
} made;

static int make_authorities(void **state)
{
    (void)state;
    if (!scratch_folder_create(&made.folder)) return -1;
    scratch_path(made.trusted_path, &made.folder, "trusted.pem");
    scratch_path(made.other_path, &made.folder, "other.pem");
    const bool done =
        certificate_make_authority(&made.trusted, "trusted") && certificate_make_authority(&made.other, "other") &&
        certificate_write_pem(made.trusted_path, &made.trusted) && certificate_write_pem(made.other_path, &made.other);
    return done ? 0 : -1;
}

static int remove_authorities(void **state)
{
    (void)state;
    certificate_free(&made.trusted);
    certificate_free(&made.other);
    scratch_folder_remove(&made.folder);
    return 0;
}

static int set_up(void **state)
{
    unsetenv("AWS_CA_BUNDLE");
    unsetenv("SSL_CERT_FILE");
    unsetenv("LAMBDA_TASK_ROOT");
    return conversation_set_up(state);
}

typedef struct certificate_order {
    const certificate *authority;
    const char *subject_names;
    long seconds;
    int version;
} certificate_order;

static void serve(http_conversation *talk, const certificate_order *order, const scripted_act *acts, size_t n_acts)
{
    certificate server = {0};
    assert_true(certificate_make_server(&server, order->authority, order->subject_names, order->seconds));
    talk->tls = certificate_server_context(&server, order->version);
    certificate_free(&server);
    assert_non_null(talk->tls);
    conversation_serve(talk, acts, n_acts);
}

/* A client that trusts the authorities of a file; NULL: those of the
 * environment. */
static void connect_to(http_conversation *talk, const char *host, const char *authorities)
{
    talk->host = host;
    talk->settings.authorities = authorities;
    conversation_connect(talk, true);
}

static void a_trusted_server_is_asked(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), HEAR, DRIP(HELLO), HOLD};
    serve(talk, &(certificate_order){&made.trusted, HOSTS, DAY, TLS1_3_VERSION}, acts, 5);
    connect_to(talk, "127.0.0.1", made.trusted_path);
    conversation_expect_answer(talk, 200, "hello");
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
    assert_int_equal(talk->report.n_connections, 1);
}

static void the_older_version_and_names_serve_too(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), HOLD};
    serve(talk, &(certificate_order){&made.trusted, "DNS:localhost", DAY, TLS1_2_VERSION}, acts, 3);
    connect_to(talk, "localhost", made.trusted_path);
    conversation_expect_answer(talk, 200, "hello");
    conversation_finish(talk, true);
}

static void the_environment_names_authorities(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), CLOSE, HEAR, SAY(HELLO), CLOSE, HEAR, SAY(HELLO), CLOSE};
    char carried[SCRATCH_PATH_SIZE];
    scratch_path(carried, &made.folder, "certificates.pem");
    assert_true(certificate_write_pem(carried, &made.trusted));
    serve(talk, &(certificate_order){&made.trusted, HOSTS, DAY, TLS1_3_VERSION}, acts, 9);
    /* Each is looked at before the ones that were set before it. */
    const char *const variables[] = {"LAMBDA_TASK_ROOT", "SSL_CERT_FILE", "AWS_CA_BUNDLE"};
    const char *const values[] = {made.folder.path, made.trusted_path, made.trusted_path};
    for (size_t k = 0; k < 3; k++) {
        if (k > 0) setenv(variables[k - 1], k == 1 ? "/nowhere" : made.other_path, 1);
        setenv(variables[k], values[k], 1);
        connect_to(talk, "127.0.0.1", NULL);
        conversation_expect_answer(talk, 200, "hello");
    }
    conversation_finish(talk, true);
}

static void expect_untrusted(http_conversation *talk, const char *host, const char *cause)
{
    connect_to(talk, host, made.trusted_path);
    assert_int_equal(conversation_ask(talk), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, PV_HTTP_UNTRUSTED);
    assert_non_null(strstr(talk->error.message, cause));
    conversation_finish(talk, false);
    assert_string_equal(talk->report.heard, "");
}

static void an_unknown_authority_is_refused(void **state)
{
    static const scripted_act acts[] = {HEAR, SAY(HELLO)};
    serve(*state, &(certificate_order){&made.other, HOSTS, DAY, TLS1_3_VERSION}, acts, 2);
    expect_untrusted(*state, "127.0.0.1", "name the authority's file in AWS_CA_BUNDLE");
}

static void another_name_is_refused(void **state)
{
    static const scripted_act acts[] = {HEAR, SAY(HELLO)};
    serve(*state, &(certificate_order){&made.trusted, "DNS:example.com,IP:127.0.0.1", DAY, TLS1_3_VERSION}, acts, 2);
    expect_untrusted(*state, "localhost", "hostname mismatch");
}

static void another_address_is_refused(void **state)
{
    static const scripted_act acts[] = {HEAR, SAY(HELLO)};
    serve(*state, &(certificate_order){&made.trusted, "DNS:127.0.0.1,IP:127.0.0.2", DAY, TLS1_2_VERSION}, acts, 2);
    expect_untrusted(*state, "127.0.0.1", "IP address mismatch");
}

static void an_expired_certificate_is_refused(void **state)
{
    static const scripted_act acts[] = {HEAR, SAY(HELLO)};
    serve(*state, &(certificate_order){&made.trusted, HOSTS, -60, TLS1_3_VERSION}, acts, 2);
    expect_untrusted(*state, "127.0.0.1", "expired");
}

static void a_server_without_tls_is_told(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {SAY("HTTP/1.1 400 Bad Request\r\n\r\n"), HOLD};
    conversation_serve(talk, acts, 2);
    connect_to(talk, "127.0.0.1", made.trusted_path);
    assert_int_equal(conversation_ask(talk), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, PV_HTTP_UNTRUSTED);
    assert_non_null(strstr(talk->error.message, "does the server speak plain HTTP?"));
}

static void a_server_that_hangs_up_in_the_handshake_is_not_asked(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {CLOSE};
    conversation_serve(talk, acts, 1);
    connect_to(talk, "127.0.0.1", made.trusted_path);
    assert_int_equal(conversation_ask(talk), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, PV_HTTP_NOT_SENT);
}

static void a_silent_handshake_ends_at_the_deadline(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HOLD};
    conversation_serve(talk, acts, 1);
    connect_to(talk, "127.0.0.1", made.trusted_path);
    talk->request.deadline = pv_deadline_in(0.05);
    assert_int_equal(conversation_ask(talk), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, PV_HTTP_TIMED_OUT);
}

static void authorities_that_cannot_be_read_are_told(void **state)
{
    http_conversation *talk = *state;
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &made.folder, "none.pem");
    assert_true(scratch_write(path, "no certificate\n", 15));
    static const scripted_act acts[] = {HEAR, SAY(HELLO), CLOSE};
    serve(talk, &(certificate_order){&made.trusted, HOSTS, DAY, TLS1_3_VERSION}, acts, 3);
    const char *const paths[] = {path, "/nowhere/a.pem"};
    const char *const causes[] = {"no certificate in it can be read", "No such file or directory"};
    for (size_t k = 0; k < 2; k++) {
        connect_to(talk, "127.0.0.1", paths[k]);
        assert_int_equal(conversation_ask(talk), PV_E_INPUT);
        assert_int_equal(talk->response.failure, PV_HTTP_UNTRUSTED);
        assert_non_null(strstr(talk->error.message, paths[k]));
        assert_non_null(strstr(talk->error.message, causes[k]));
    }
    connect_to(talk, "127.0.0.1", made.trusted_path);
    conversation_expect_answer(talk, 200, "hello");
}

static void only_a_closing_message_ends_a_body(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY("HTTP/1.1 200 OK\r\n\r\nhello"), CLOSE,
                                        HEAR, SAY("HTTP/1.1 200 OK\r\n\r\nhello"), CUT};
    serve(talk, &(certificate_order){&made.trusted, HOSTS, DAY, TLS1_3_VERSION}, acts, 6);
    connect_to(talk, "127.0.0.1", made.trusted_path);
    conversation_expect_answer(talk, 200, "hello");
    assert_int_equal(conversation_ask(talk), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, PV_HTTP_CUT_SHORT);
    assert_non_null(strstr(talk->error.message, "cut inside TLS"));
    conversation_finish(talk, true);
}

static void a_new_connection_resumes_the_session(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR, SAY(HELLO), CLOSE, HEAR, SAY(HELLO), CLOSE, HEAR, SAY(HELLO), HOLD};
    for (size_t k = 0; k < 2; k++) {
        serve(talk, &(certificate_order){&made.trusted, HOSTS, DAY, versions[k]}, acts, 9);
        connect_to(talk, "127.0.0.1", made.trusted_path);
        for (int i = 0; i < 3; i++) conversation_expect_answer(talk, 200, "hello");
        conversation_finish(talk, true);
        SSL_CTX_free(talk->tls);
        talk->tls = NULL;
        assert_int_equal(talk->report.n_connections, 3);
        assert_int_equal(talk->report.n_resumed, 2);
    }
}

#define LARGE ((size_t)20 << 20)

static void large_bodies_are_sent_and_early_answers_heard(void **state)
{
    http_conversation *talk = *state;
    static const scripted_act acts[] = {HEAR,
                                        SAY(HELLO),
                                        HEAR_HEAD,
                                        SAY("HTTP/1.1 412 Precondition Failed\r\nConnection: "
                                            "close\r\nContent-Length: 3\r\n\r\nold"),
                                        CLOSE,
                                        HEAR_HEAD,
                                        RESET};
    serve(talk, &(certificate_order){&made.trusted, HOSTS, DAY, TLS1_3_VERSION}, acts, 7);
    connect_to(talk, "127.0.0.1", made.trusted_path);
    assert_int_equal(conversation_put(talk, LARGE), PV_OK);
    assert_int_equal(conversation_put(talk, LARGE), PV_OK);
    assert_int_equal(talk->response.status, 412);
    assert_int_equal(conversation_put(talk, LARGE), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, PV_HTTP_CUT_SHORT);
    conversation_finish(talk, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, conversation_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_trusted_server_is_asked),
        TEST(the_older_version_and_names_serve_too),
        TEST(the_environment_names_authorities),
        TEST(an_unknown_authority_is_refused),
        TEST(another_name_is_refused),
        TEST(another_address_is_refused),
        TEST(an_expired_certificate_is_refused),
        TEST(a_server_without_tls_is_told),
        TEST(a_server_that_hangs_up_in_the_handshake_is_not_asked),
        TEST(a_silent_handshake_ends_at_the_deadline),
        TEST(authorities_that_cannot_be_read_are_told),
        TEST(only_a_closing_message_ends_a_body),
        TEST(a_new_connection_resumes_the_session),
        TEST(large_bodies_are_sent_and_early_answers_heard),
    };
    return cmocka_run_group_tests(tests, make_authorities, remove_authorities);
}
