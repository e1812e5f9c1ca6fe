/* http_exchange.h - one request and its answer over one open connection. */
#ifndef PV_HTTP_EXCHANGE_H
#define PV_HTTP_EXCHANGE_H

#include "remote/connection.h"
#include "remote/http_client.h"

#define PV_HTTP_PIECE ((size_t)1 << 16) /* bytes that are read at once */

typedef struct pv_http_exchange {
    const pv_http_request *request;
    pv_text outgoing; /* the request's head and the first `joined` bytes of its body, which go out in one piece */
    size_t joined;
    pv_connection *connection;
    const char *server; /* as messages call it */
    double idle_seconds;
    size_t head_max;
    char *piece;      /* [PV_HTTP_PIECE] scratch */
    bool was_heard;   /* out: a byte of an answer came */
    bool leaves_open; /* out: the connection can take another request */
} pv_http_exchange;

/* Fill the empty *response; its status and headers also where a failure comes behind a whole head.
 * Errors: as pv_http_ask(). */
pv_status pv_http_exchange_run(pv_http_response *response, pv_http_exchange *exchange, pv_error *error) PV_CHECKED;

#endif
