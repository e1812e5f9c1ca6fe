/* connection.h - a stream of bytes to a server and back, over TCP or TLS, that can be given up in time.
 *
 * Threads:  a connection belongs to one thread at a time.
 */
#ifndef PV_CONNECTION_H
#define PV_CONNECTION_H

#include "remote/tls_connection.h"

typedef struct pv_connection pv_connection;

/* Connect, and shake hands where `tls` is given (borrowed, lives longer). *outcome says how it failed: BROKEN,
 * TIMED_OUT or UNTRUSTED. Errors: PV_E_REMOTE, PV_E_MEMORY. */
pv_status pv_connection_open(pv_connection **connection, pv_transfer *outcome, const pv_endpoint *endpoint,
                             pv_tls_context *tls, pv_deadline deadline, pv_error *error) PV_CHECKED;
void pv_connection_close(pv_connection *connection); /* accepts NULL */

/* One attempt, without waiting. *count: bytes moved, at least 1 where DONE; size > 0. */
pv_transfer pv_connection_read(size_t *count, pv_connection *connection, void *bytes, size_t size);
pv_transfer pv_connection_write(size_t *count, pv_connection *connection, const void *bytes, size_t size);
/* Wait for what such an attempt awaits: AWAITS_INPUT; or AWAITS_OUTPUT, which input ends too, as the other side may
 * have something to say about what it is being sent. DONE, TIMED_OUT or BROKEN. */
pv_transfer pv_connection_wait(pv_connection *connection, pv_transfer awaited, pv_deadline deadline);
/* It can be used again: nothing came unasked, and it was not closed. */
bool pv_connection_is_quiet(pv_connection *connection);
/* Why the last transfer was not DONE, in a few words. */
const char *pv_connection_cause(const pv_connection *connection);

#endif
