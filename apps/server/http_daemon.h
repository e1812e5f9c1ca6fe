/* http_daemon.h - HTTP/1.1 on given sockets: libmicrohttpd, which only this module's source knows.
 *
 * A pool of threads, each with its own epoll set; a connection stays with its thread, which also answers: no request
 * changes threads, and no more are worked on than there are threads. libmicrohttpd reads heads and bodies, keeps
 * connections alive and answers pipelined requests in their order.
 */
#ifndef PURVEY_HTTP_DAEMON_H
#define PURVEY_HTTP_DAEMON_H

#include "server_state.h"
#include <sys/socket.h>

typedef struct http_daemon http_daemon;

/* Errors: PV_E_MEMORY. */
pv_status http_daemon_start(http_daemon **made, server *shared, unsigned threads, int64_t max_connections,
                            pv_error *error) PV_CHECKED;
/* Takes an open socket, and closes it where that fails (false). By any thread. */
bool http_daemon_add(http_daemon *daemon, int socket, const struct sockaddr *address, socklen_t size);
/* Ends every request and connection, then the threads. Accepts NULL. */
void http_daemon_stop(http_daemon *daemon);

#endif
