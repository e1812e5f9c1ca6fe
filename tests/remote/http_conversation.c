/* http_conversation.c - see http_conversation.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "http_conversation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_SECONDS 5.0
#define DEADLINE_SECONDS 20.0

int conversation_set_up(void **state)
{
    http_conversation *talk = calloc(1, sizeof *talk);
    *state = talk;
    return talk ? 0 : -1;
}

int conversation_tear_down(void **state)
{
    http_conversation *talk = *state;
    pv_http_client_free(talk->client);
    if (talk->server) scripted_server_end(talk->server, NULL);
    SSL_CTX_free(talk->tls);
    pv_http_response_deinit(&talk->response);
    free(talk);
    return 0;
}

void conversation_serve(http_conversation *talk, const scripted_act *acts, size_t n_acts)
{
    talk->server = scripted_server_start(acts, n_acts, talk->tls);
    assert_non_null(talk->server);
}

void conversation_connect(http_conversation *talk, bool is_tls)
{
    pv_endpoint endpoint = {.is_tls = is_tls, .port = scripted_server_port(talk->server)};
    (void)snprintf(endpoint.host, sizeof endpoint.host, "%s", talk->host ? talk->host : "127.0.0.1");
    if (talk->settings.idle_seconds == 0) talk->settings.idle_seconds = IDLE_SECONDS;
    talk->request =
        (pv_http_request){.method = "GET", .target = pv_text_of("/"), .deadline = pv_deadline_in(DEADLINE_SECONDS)};
    pv_http_client_free(talk->client);
    assert_int_equal(pv_http_client_create(&talk->client, &endpoint, &talk->settings, NULL), PV_OK);
}

void conversation_finish(http_conversation *talk, bool is_done)
{
    pv_http_client_free(talk->client);
    talk->client = NULL;
    scripted_server_end(talk->server, &talk->report);
    talk->server = NULL;
    assert_int_equal(talk->report.is_done, is_done);
}

pv_status conversation_ask(http_conversation *talk)
{
    const pv_status status = pv_http_ask(&talk->response, talk->client, &talk->request, &talk->error);
    assert_int_equal(talk->response.failure == PV_HTTP_DONE, status == PV_OK);
    return status;
}

pv_status conversation_put(http_conversation *talk, size_t size)
{
    char *bytes = calloc(size, 1);
    assert_non_null(bytes);
    talk->request.method = "PUT";
    talk->request.body = (pv_text){bytes, size};
    const pv_status status = conversation_ask(talk);
    talk->request.body = (pv_text){NULL, 0};
    free(bytes);
    return status;
}

void conversation_expect_body(const http_conversation *talk, const char *expected)
{
    assert_true(pv_text_equal((pv_text){talk->response.body.data, talk->response.body.size}, pv_text_of(expected)));
    assert_int_equal(talk->response.body_size, strlen(expected));
}

void conversation_expect_answer(http_conversation *talk, int status, const char *body)
{
    assert_int_equal(conversation_ask(talk), PV_OK);
    assert_int_equal(talk->response.status, status);
    conversation_expect_body(talk, body);
}

void conversation_expect_failure(http_conversation *talk, pv_http_failure failure)
{
    assert_int_equal(conversation_ask(talk), PV_E_REMOTE);
    assert_int_equal(talk->response.failure, failure);
    assert_true(strncmp(talk->error.message, "127.0.0.1:", 10) == 0);
}
