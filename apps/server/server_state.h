/* server_state.h - what all threads of a running server share. */
#ifndef PURVEY_SERVER_STATE_H
#define PURVEY_SERVER_STATE_H

#include "access_log.h"
#include "api_keys.h"
#include "connections.h"
#include "request_ids.h"
#include "server.h"
#include "server_metrics.h"
#include <stdatomic.h>

/* Bytes of bodies and of answers on their way, over all requests: above it requests are answered 503. */
#define SERVER_MEMORY_MAX (INT64_C(256) << 20)

typedef struct server {
    const server_options *options;
    pv_service *service;
    connections *connections;
    api_keys *keys;  /* NULL: everybody may ask */
    access_log *log; /* NULL: none */
    server_metrics *metrics;
    request_ids ids;
    _Atomic int64_t requests; /* in work: admitted, and their answer not sent yet */
    _Atomic int64_t memory;   /* bytes, see SERVER_MEMORY_MAX */
    atomic_bool is_stopping;  /* answers close their connection */
} server;

#endif
