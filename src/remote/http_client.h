/* http_client.h - one HTTP/1.1 conversation with one server, over TCP or TLS, kept alive between requests.
 *
 * For servers that are known: the Runtime API of Lambda, S3, the places where credentials come from. No redirects, no
 * cookies, no proxy, no compression, no Expect: 100-continue; TCP_NODELAY; SIGPIPE is never raised.
 *
 * Source:   RFC 9110, RFC 9112; RFC 9112 section 6.3 for where a body ends.
 * Threads:  a client belongs to one thread at a time.
 */
#ifndef PV_HTTP_CLIENT_H
#define PV_HTTP_CLIENT_H

#include "base/text.h"
#include "remote/deadline.h"
#include "remote/endpoint.h"

typedef struct pv_http_client pv_http_client;

typedef struct pv_http_settings {
    /* PEM file of the authorities that a server's certificate must come from; NULL: AWS_CA_BUNDLE, SSL_CERT_FILE, then
     * the system's. Read at the first TLS connection. Borrowed. */
    const char *authorities;
    double connect_seconds; /* for connecting and the TLS handshake; the resolver keeps its own time; 0: 5 s */
    double idle_seconds;    /* without a byte in either direction, inside a request; 0: 20 s; INFINITY: none */
    size_t head_max;        /* bytes of status line and headers; 0: 64 KiB */
} pv_http_settings;

/* Connects at the first request. Errors: PV_E_MEMORY. */
pv_status pv_http_client_create(pv_http_client **client, const pv_endpoint *endpoint, const pv_http_settings *settings,
                                pv_error *error) PV_CHECKED;
void pv_http_client_free(pv_http_client *client); /* accepts NULL */
const pv_endpoint *pv_http_client_endpoint(const pv_http_client *client);

typedef struct pv_http_header {
    pv_text name, value;
} pv_http_header;

/* Everything is borrowed. Host, Content-Length and Connection are the client's own. Names and values are checked:
 * control characters, and headers that are the client's own, are refused. */
typedef struct pv_http_request {
    const char *method;
    pv_text target; /* path and query as they go over the wire: "/a%20b?list-type=2" */
    const pv_http_header *headers;
    size_t n_headers;
    pv_text body; /* data NULL: none, no Content-Length */
    pv_deadline deadline;
    size_t body_max; /* of the response where it is kept in memory; 0: 8 MiB */
    /* Where the body of a response of 200 or 206 goes, piece by piece; NULL: into response->body. A failure ends the
     * request and is handed on. */
    pv_status (*take)(void *context, const char *bytes, size_t size, pv_error *error);
    void *take_context;
} pv_http_request;

/* How a request that got no whole answer ended. */
typedef enum pv_http_failure {
    PV_HTTP_DONE,      /* there is a whole answer, of whatever status */
    PV_HTTP_NOT_SENT,  /* no connection; or a kept one was closed before a byte of an answer came */
    PV_HTTP_TIMED_OUT, /* idle_seconds or the deadline */
    PV_HTTP_CUT_SHORT, /* closed in the middle of an answer, or before it on a fresh connection */
    PV_HTTP_MALFORMED, /* what came is no HTTP, or larger than allowed */
    PV_HTTP_UNTRUSTED, /* certificate or TLS */
    PV_HTTP_STOPPED    /* by `take`, memory or an invalid request: asking again does not help */
} pv_http_failure;

typedef struct pv_http_response {
    int status;              /* 100 to 599 */
    pv_http_header *headers; /* [n_headers] names in lower case, values without surrounding blanks */
    size_t n_headers;
    pv_buffer head, body; /* the memory of the above */
    int64_t body_size;    /* bytes that came, kept or taken */
    pv_http_failure failure;
} pv_http_response; /* init with {0} */

/* Ask once. A kept connection that turns out closed before any byte of an answer is opened anew and asked again, once
 * (RFC 9112 section 9.3.1; such a connection had not read the request). A server that answers before it has read the
 * whole body (412, 413, 503) is heard: after EPIPE or ECONNRESET while sending, its answer is read where one came.
 * *response may be reused; it is emptied first. PV_OK: failure is PV_HTTP_DONE. Where a failure came behind a whole
 * head, status and headers are there all the same. Errors: PV_E_REMOTE, PV_E_MEMORY, PV_E_USAGE (an invalid request),
 * PV_E_INPUT (the file of authorities), those of `take`; response->failure says more. */
pv_status pv_http_ask(pv_http_response *response, pv_http_client *client, const pv_http_request *request,
                      pv_error *error) PV_CHECKED;
/* Value of the first header of that name (lower case); data NULL: there is none. */
pv_text pv_http_header_of(const pv_http_response *response, const char *name);
void pv_http_response_deinit(pv_http_response *response);

#endif
