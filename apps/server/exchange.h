/* exchange.h - one request and its answer, from the request line to the last byte sent.
 *
 * Order: exchange_begin() with the request line, exchange_admit() with the head, exchange_take_body() as it comes,
 * exchange_answer(), reply_make() (reply.h), exchange_end(). Whatever is refused on the way has its response at once.
 * Threads: one at a time; what is shared is in the server.
 */
#ifndef PURVEY_EXCHANGE_H
#define PURVEY_EXCHANGE_H

#include "server_state.h"
#include <purvey/service.h>

struct MHD_Connection;

typedef enum exchange_stage {
    EXCHANGE_HAS_LINE, /* the head is still to come */
    EXCHANGE_ADMITTED, /* its body is taken in */
    EXCHANGE_ANSWERED  /* the response is there: what still comes of the body is dropped */
} exchange_stage;

typedef struct exchange {
    server *server;
    connection *connection;
    struct MHD_Connection *transport; /* for http_header(); set before exchange_admit() */
    exchange_stage stage;
    int64_t started; /* monotonic, nanoseconds */
    char *target;    /* path and query as they came */
    pv_text path, query;
    const char *method;        /* as it came; lives as long as the request */
    const char *logged_method; /* the same, if it is a known one */
    char *body;
    size_t body_size, body_capacity;
    bool is_counted; /* in server->requests */
    int64_t memory;  /* of server->memory */
    char request_id[REQUEST_ID_MAX + 1];
    char key_name[API_KEY_NAME_MAX + 1];
    int call; /* label: server_call_name() */
    pv_service_response response;
    bool is_preflight; /* response: the methods of the path are allowed */
    int sent_status;   /* 0: no answer was made */
    int64_t sent_bytes;
} exchange;

/* NULL: no memory. */
exchange *exchange_begin(server *shared, connection *from, const char *target);

/* Look at the head. False: refused. */
bool exchange_admit(exchange *one, const char *method);

/* False: refused. What comes after a refusal is dropped. */
bool exchange_take_body(exchange *one, const char *data, size_t size);

/* Ask the service, unless the request was refused. */
void exchange_answer(exchange *one);

/* Log and free; `is_sent`: to the last byte. */
void exchange_end(exchange *one, bool is_sent);

/* Refuse with an error of the server's own. */
void exchange_refuse(exchange *one, int status, const char *code, const char *message);

/* Take `size` bytes of the memory that all requests share; false: there is not enough. */
bool exchange_charge(exchange *one, int64_t size);

/* The head, of the transport (http_daemon.c). NULL: there is no such header. */
const char *http_header(const exchange *one, const char *name);
bool http_header_is_repeated(const exchange *one, const char *name);
size_t http_head_size(const exchange *one);

#endif
