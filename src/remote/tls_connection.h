/* tls_connection.h - TLS 1.2 or 1.3 over a socket that does not block, by OpenSSL, which nothing else includes.
 *
 * The server's certificate must come from an authority of the context and be made for the endpoint's host: a name,
 * which is also sent (SNI), or an IP address. There is no way to turn that off.
 *
 * Threads:  a context and its connections belong to one thread at a time.
 */
#ifndef PV_TLS_CONNECTION_H
#define PV_TLS_CONNECTION_H

#include "remote/tcp_socket.h"

typedef struct pv_tls_context pv_tls_context;       /* authorities, and the last session for a quick reconnection */
typedef struct pv_tls_connection pv_tls_connection; /* does not own its socket */

/* authorities: a PEM file; NULL: AWS_CA_BUNDLE, SSL_CERT_FILE, else the first of these that can be read:
 * $LAMBDA_TASK_ROOT/certificates.pem, Debian's bundle, Amazon Linux's. Cost: 2 ms, and 0.3 ms for each authority in it.
 * Errors: PV_E_INPUT (no such file, no certificate in it), PV_E_MEMORY. */
pv_status pv_tls_context_create(pv_tls_context **context, const char *authorities, pv_error *error) PV_CHECKED;
void pv_tls_context_free(pv_tls_context *context); /* accepts NULL; its connections are freed before */

/* Errors: PV_E_MEMORY, PV_E_REMOTE (a host that no certificate can name). */
pv_status pv_tls_connection_create(pv_tls_connection **connection, pv_tls_context *context, int descriptor,
                                   const pv_endpoint *endpoint, pv_error *error) PV_CHECKED;
void pv_tls_connection_free(pv_tls_connection *connection); /* accepts NULL; says goodbye if it can without waiting */

/* One attempt each, as pv_tcp_read(). CLOSED only after the other side's closing message. UNTRUSTED and BROKEN:
 * pv_tls_connection_cause() tells why. */
pv_transfer pv_tls_handshake(pv_tls_connection *connection);
pv_transfer pv_tls_read(size_t *count, pv_tls_connection *connection, void *bytes, size_t size);
pv_transfer pv_tls_write(size_t *count, pv_tls_connection *connection, const void *bytes, size_t size);
const char *pv_tls_connection_cause(const pv_tls_connection *connection);

#endif
