/* connections.h - the open connections and how long each may go on as it does.
 *
 * The transport times out what makes no progress; a client that sends a byte now and then does make some. So every
 * connection has a moment until which its request must have arrived, or its answer been taken; connections_enforce()
 * shuts those that are late, upon which the transport's own thread finds them closed. A connection that is closed
 * while the client still sends is drained for a while, because closing a socket with unread bytes would take the answer
 * back (RFC 9112, 9.6).
 *
 * Threads: all functions by any thread; a connection's own by the thread that serves it.
 */
#ifndef PURVEY_CONNECTIONS_H
#define PURVEY_CONNECTIONS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct connections connections;
typedef struct connection connection;

/* Nanoseconds: `timeout` of a connection that rests between two requests, `deadline` of a request. NULL: no memory. */
connections *connections_create(int64_t timeout, int64_t deadline);
void connections_free(connections *all); /* accepts NULL; all are closed */

int64_t connections_count(const connections *all); /* reserved places among them */
/* Neither an open one nor one that is drained. */
bool connections_are_gone(connections *all);

/* A place among `limit` for a connection that may come; false: there is none. connection_close() gives it back. */
bool connections_reserve(connections *all, int64_t limit);
void connections_release(connections *all); /* it has not come */

/* A new one on an open socket, which stays the transport's, in a reserved place; NULL: no memory. */
connection *connection_open(connections *all, int socket);
/* Before the transport closes the socket. Accepts NULL, of which only the place is given back. */
void connection_close(connections *all, connection *one);

/* What it is doing, from now on. */
void connection_receives(const connections *all, connection *one); /* the head of a request has come */
void connection_works(connection *one);                            /* no limit but that of the work */
void connection_sends(const connections *all, connection *one);
void connection_rests(const connections *all, connection *one); /* waits for the next request */
/* The client may still send what nobody reads: to be drained when it is closed. */
void connection_ends_early(connection *one);

/* Shut those that are late; drain those that ended early. To be called a few times a second,
 * more often while it returns true: somebody is drained. */
bool connections_enforce(connections *all, int64_t now);
/* Shut those that have rested for `grace` nanoseconds and have nothing to read. */
void connections_shut_resting(connections *all, int64_t now, int64_t grace);

#endif
