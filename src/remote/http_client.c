/* http_client.c - see http_client.h. */
#include "remote/http_client.h"

#include "base/failure.h"
#include "base/memory.h"
#include "remote/http_exchange.h"
#include "remote/http_head.h"
#include <string.h>

#define CONNECT_SECONDS 5.0
#define IDLE_SECONDS 20.0
#define HEAD_MAX ((size_t)1 << 16)
#define JOINED_MAX ((size_t)1 << 14) /* bytes of a body that go out in one piece with the head */

struct pv_http_client {
    pv_endpoint endpoint;
    char server[PV_ENDPOINT_NAME_SIZE];
    pv_http_settings settings; /* with the defaults in their places */
    pv_tls_context *tls;       /* NULL until the first connection that needs it */
    pv_connection *connection; /* NULL: none is kept */
    pv_buffer outgoing;
    char piece[PV_HTTP_PIECE];
};

pv_status pv_http_client_create(pv_http_client **client, const pv_endpoint *endpoint, const pv_http_settings *settings,
                                pv_error *error)
{
    *client = pv_allocate(1, sizeof **client);
    if (!*client) return pv_fail_memory(error, "a connection", sizeof **client);
    (*client)->endpoint = *endpoint;
    pv_endpoint_name((*client)->server, endpoint);
    pv_http_settings *own = &(*client)->settings;
    if (settings) *own = *settings;
    if (own->connect_seconds == 0) own->connect_seconds = CONNECT_SECONDS;
    if (own->idle_seconds == 0) own->idle_seconds = IDLE_SECONDS;
    if (own->head_max == 0) own->head_max = HEAD_MAX;
    return PV_OK;
}

static void disconnect(pv_http_client *client)
{
    pv_connection_close(client->connection);
    client->connection = NULL;
}

void pv_http_client_free(pv_http_client *client)
{
    if (!client) return;
    disconnect(client);
    pv_tls_context_free(client->tls);
    pv_buffer_deinit(&client->outgoing);
    pv_release(client);
}

const pv_endpoint *pv_http_client_endpoint(const pv_http_client *client)
{
    return &client->endpoint;
}

/* Head and first part of the body in one piece; *joined: bytes of the body in it. */
static pv_status print_request(size_t *joined, pv_http_client *client, const pv_http_request *request, pv_error *error)
{
    pv_buffer *out = &client->outgoing;
    out->size = 0;
    out->failed = false;
    const pv_status status = pv_http_request_print(out, request, &client->endpoint, error);
    if (status != PV_OK) return status;
    *joined = request->body.size < JOINED_MAX ? request->body.size : JOINED_MAX;
    pv_buffer_append(out, request->body.data, *joined);
    return pv_check_memory(!out->failed, "a request", error);
}

static pv_status connect_anew(pv_http_failure *failure, pv_http_client *client, pv_deadline deadline, pv_error *error)
{
    *failure = PV_HTTP_STOPPED;
    if (client->endpoint.is_tls && !client->tls) {
        const pv_status status = pv_tls_context_create(&client->tls, client->settings.authorities, error);
        if (status == PV_E_INPUT) *failure = PV_HTTP_UNTRUSTED;
        if (status != PV_OK) return status;
    }
    pv_transfer outcome;
    const pv_deadline until = pv_deadline_sooner(deadline, pv_deadline_in(client->settings.connect_seconds));
    const pv_status status =
        pv_connection_open(&client->connection, &outcome, &client->endpoint, client->tls, until, error);
    if (status == PV_E_MEMORY) return status;
    *failure = outcome == PV_TRANSFER_UNTRUSTED  ? PV_HTTP_UNTRUSTED
               : pv_deadline_left(deadline) == 0 ? PV_HTTP_TIMED_OUT
                                                 : PV_HTTP_NOT_SENT;
    return status;
}

/* Ask over the kept connection or a new one. *is_stale: the kept one was closed before it brought a byte. */
static pv_status ask_once(bool *is_stale, pv_http_response *response, pv_http_client *client,
                          const pv_http_request *request, size_t joined, pv_error *error)
{
    const bool is_kept = client->connection != NULL;
    *is_stale = false;
    if (!is_kept) {
        const pv_status status = connect_anew(&response->failure, client, request->deadline, error);
        if (status != PV_OK) return status;
    }
    pv_http_exchange exchange = {.request = request,
                                 .outgoing = {client->outgoing.data, client->outgoing.size},
                                 .joined = joined,
                                 .connection = client->connection,
                                 .server = client->server,
                                 .idle_seconds = client->settings.idle_seconds,
                                 .head_max = client->settings.head_max,
                                 .piece = client->piece};
    response->failure = PV_HTTP_DONE;
    const pv_status status = pv_http_exchange_run(response, &exchange, error);
    *is_stale = status != PV_OK && is_kept && !exchange.was_heard && response->failure == PV_HTTP_CUT_SHORT;
    if (!exchange.leaves_open) disconnect(client);
    return status;
}

static void empty(pv_http_response *response)
{
    pv_release(response->headers);
    *response = (pv_http_response){.head = response->head, .body = response->body, .failure = PV_HTTP_STOPPED};
    response->head.size = response->body.size = 0;
    response->head.failed = response->body.failed = false;
}

pv_status pv_http_ask(pv_http_response *response, pv_http_client *client, const pv_http_request *request,
                      pv_error *error)
{
    size_t joined;
    bool is_stale;
    empty(response);
    pv_status status = print_request(&joined, client, request, error);
    if (status != PV_OK) return status;
    if (pv_deadline_left(request->deadline) == 0) {
        response->failure = PV_HTTP_TIMED_OUT;
        return pv_fail(error, PV_E_REMOTE, "%s: no time is left to ask", client->server);
    }
    if (client->connection && !pv_connection_is_quiet(client->connection)) disconnect(client);
    status = ask_once(&is_stale, response, client, request, joined, error);
    if (is_stale) status = ask_once(&is_stale, response, client, request, joined, error);
    return status;
}

pv_text pv_http_header_of(const pv_http_response *response, const char *name)
{
    for (size_t k = 0; k < response->n_headers; k++) {
        if (pv_text_equal(response->headers[k].name, pv_text_of(name))) return response->headers[k].value;
    }
    return (pv_text){NULL, 0};
}

void pv_http_response_deinit(pv_http_response *response)
{
    pv_release(response->headers);
    pv_buffer_deinit(&response->head);
    pv_buffer_deinit(&response->body);
    *response = (pv_http_response){0};
}
