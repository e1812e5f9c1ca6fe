/* server.h - a service answered over HTTP: from the first connection to the last.
 *
 * The program's own thread accepts signals, cuts off slow clients and watches the model file; a thread accepts
 * connections; a pool of threads reads requests and answers them. What it says goes to standard error.
 */
#ifndef PURVEY_SERVER_H
#define PURVEY_SERVER_H

#include <purvey/service.h>
#include <purvey/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVER_LISTEN_DEFAULT "127.0.0.1:8080"
#define SERVER_CONNECTIONS_MAX 10000

/* Everything is borrowed for the time of server_run(). */
typedef struct server_options {
    pv_service_options service;
    const char *listen;         /* HOST:PORT */
    const char *key_file;       /* NULL: no keys, on loopback only */
    const char *access_log;     /* path, "-" for standard error; NULL: none */
    const char *const *origins; /* [n_origins] whose pages may ask, "*" for all */
    size_t n_origins;
    int64_t threads;          /* that answer; 0: the cores this process may use, at least two */
    int64_t max_connections;  /* 0: as many as the limit of open files allows, at most SERVER_CONNECTIONS_MAX */
    int64_t max_requests;     /* in work at a time; further ones are answered 503 */
    int64_t timeout;          /* seconds without progress after which a connection is closed */
    int64_t request_deadline; /* seconds for a whole request to arrive, and for its answer to be taken */
} server_options;

/* Serve until SIGTERM or SIGINT. PV_OK: stopped as asked. Errors: PV_E_USAGE (address, an open address without keys),
 * PV_E_INPUT (model, key file), PV_E_OUTPUT (the port is taken, the log), PV_E_MEMORY. */
pv_status server_run(const server_options *options, pv_error *error) PV_CHECKED;

#endif
