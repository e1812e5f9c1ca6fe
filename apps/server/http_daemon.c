/* http_daemon.c - see http_daemon.h: libmicrohttpd's callbacks and the steps of an exchange. */
#include "http_daemon.h"

#include "admission.h"
#include "exchange.h"
#include "reply.h"
#include "server_error.h"
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a connection: head of the request, what is read of its body at a time, head of the answer. */
#define CONNECTION_MEMORY 32768
/* A refused body up to this size is read and dropped, so that the connection can be used again. */
#define DROPPED_BODY_MAX 65536

struct http_daemon {
    struct MHD_Daemon *mhd;
};

const char *http_header(const exchange *one, const char *name)
{
    return MHD_lookup_connection_value(one->transport, MHD_HEADER_KIND, name);
}

typedef struct header_count {
    const char *name;
    int count;
} header_count;

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    (void)value;
    header_count *counted = context;
    if (strcasecmp(name, counted->name) == 0) counted->count++;
    return MHD_YES;
}

bool http_header_is_repeated(const exchange *one, const char *name)
{
    header_count counted = {.name = name};
    MHD_get_connection_values(one->transport, MHD_HEADER_KIND, count_header, &counted);
    return counted.count > 1;
}

size_t http_head_size(const exchange *one)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(one->transport, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

static connection *connection_of(struct MHD_Connection *transport)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(transport, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static int socket_of(struct MHD_Connection *transport)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(transport, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

static void connection_changed(void *context, struct MHD_Connection *transport, void **socket_context,
                               enum MHD_ConnectionNotificationCode code)
{
    server *shared = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = connection_open(shared->connections, socket_of(transport));
    } else {
        connection_close(shared->connections, *socket_context);
        *socket_context = NULL;
    }
}

static void *request_line_came(void *context, const char *target, struct MHD_Connection *transport)
{
    connection *from = connection_of(transport);
    return from == NULL ? NULL : exchange_begin(context, from, target);
}

/* Paths stay percent-encoded: the service decodes them part by part. */
static size_t leave_encoded(void *context, struct MHD_Connection *transport, char *text)
{
    (void)context;
    (void)transport;
    return strlen(text);
}

static struct MHD_Response *make_response(reply *out)
{
    struct MHD_Response *response =
        out->body == NULL ? MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT)
                          : MHD_create_response_from_buffer_with_free_callback(out->size, out->body, out->release);
    if (response == NULL) {
        if (out->body != NULL) out->release(out->body);
        return NULL;
    }
    for (size_t k = 0; k < out->n_headers; k++) {
        if (MHD_add_response_header(response, out->headers[k].name, out->headers[k].value) == MHD_YES) continue;
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

/* MHD_NO closes the connection. */
static enum MHD_Result send_reply(exchange *one)
{
    reply out;
    reply_make(&out, one);
    struct MHD_Response *response = make_response(&out);
    enum MHD_Result result = MHD_NO;
    if (response != NULL) {
        result = MHD_queue_response(one->transport, (unsigned)out.status, response);
        MHD_destroy_response(response);
    }
    if (result == MHD_NO) one->sent_status = 0;
    /* The answer closes the connection, while a client that sends ahead has sent more. */
    if (atomic_load_explicit(&one->server->is_stopping, memory_order_relaxed)) connection_ends_early(one->connection);
    connection_sends(one->server->connections, one->connection);
    return result;
}

/* In the middle of a body libmicrohttpd takes no answer; nothing else is on its way, so that one can be written past
 * it, before the connection is closed. What the socket does not take at once the client does without. */
static enum MHD_Result send_and_close(exchange *one)
{
    reply out;
    char head[512];
    reply_make(&out, one);
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        "X-Request-Id: %s\r\nContent-Length: %zu\r\n\r\n",
                        out.status, MHD_get_reason_phrase_for((unsigned)out.status), one->request_id, out.size);
    struct iovec parts[] = {{head, (size_t)size}, {out.body, out.size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (sendmsg(socket_of(one->transport), &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) one->sent_status = 0;
    out.release(out.body);
    connection_ends_early(one->connection);
    return MHD_NO;
}

/* A refusal that need not wait for the body is sent at once; then the connection cannot go on. */
static enum MHD_Result head_came(exchange *one, const char *method)
{
    if (exchange_admit(one, method)) return MHD_YES;
    int64_t size = announced_size(one);
    bool waits = http_header(one, "Expect") != NULL; /* for leave to send its body */
    bool can_go_on = !has_body(one) || (!waits && size >= 0 && size <= DROPPED_BODY_MAX);
    /* Where a malformed request ends is not known. */
    if (can_go_on && one->response.status != MHD_HTTP_BAD_REQUEST) return MHD_YES;
    connection_ends_early(one->connection);
    return send_reply(one);
}

static enum MHD_Result request_came(void *context, struct MHD_Connection *transport, const char *url,
                                    const char *method, const char *version, const char *data, size_t *size,
                                    void **request)
{
    (void)context;
    (void)url;
    (void)version;
    exchange *one = *request;
    if (one == NULL) return MHD_NO;
    one->transport = transport;
    if (one->stage == EXCHANGE_HAS_LINE) return head_came(one, method);
    if (*size > 0) {
        bool is_taken = exchange_take_body(one, data, *size);
        *size = 0;
        return is_taken ? MHD_YES : send_and_close(one);
    }
    exchange_answer(one);
    return send_reply(one);
}

static void request_ended(void *context, struct MHD_Connection *transport, void **request,
                          enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)transport;
    if (*request != NULL) exchange_end(*request, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    *request = NULL;
}

pv_status http_daemon_start(http_daemon **made, server *shared, unsigned threads, int64_t max_connections,
                            pv_error *error)
{
    http_daemon *daemon = calloc(1, sizeof *daemon);
    if (daemon == NULL) return server_error(error, PV_E_MEMORY, "no memory");
    /* The threads of the pool share out the limit between them, and 0.9.75 hangs when one of them is beyond its part:
     * each gets the whole, and the acceptor keeps to it. */
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_ended, shared},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_changed, shared},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_line_came, shared},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_encoded, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)(max_connections * threads), NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)shared->options->timeout, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
        /* One thread is not called a pool. */
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL}};
    daemon->mhd = MHD_start_daemon(MHD_USE_EPOLL_INTERNALLY | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
                                   request_came, shared, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (daemon->mhd == NULL) {
        free(daemon);
        return server_error(error, PV_E_MEMORY, "the HTTP library cannot start %u threads for %lld connections",
                            threads, (long long)max_connections);
    }
    *made = daemon;
    return PV_OK;
}

bool http_daemon_add(http_daemon *daemon, int socket, const struct sockaddr *address, socklen_t size)
{
    return MHD_add_connection(daemon->mhd, socket, address, size) == MHD_YES;
}

void http_daemon_stop(http_daemon *daemon)
{
    if (daemon == NULL) return;
    MHD_stop_daemon(daemon->mhd);
    free(daemon);
}
