/* tcp_socket.h - a TCP connection that never blocks: each transfer is one attempt, waiting is a call of its own.
 *
 * SIGPIPE is never raised. TCP_NODELAY is set, since a request goes out in one piece.
 */
#ifndef PV_TCP_SOCKET_H
#define PV_TCP_SOCKET_H

#include "remote/deadline.h"
#include "remote/endpoint.h"

/* How an attempt to move bytes, or the wait for one, ended. */
typedef enum pv_transfer {
    PV_TRANSFER_DONE,
    PV_TRANSFER_AWAITS_INPUT,  /* nothing moved: try again when the socket is readable */
    PV_TRANSFER_AWAITS_OUTPUT, /* ... when it is writable */
    PV_TRANSFER_CLOSED,        /* the other side ended the stream in order */
    PV_TRANSFER_BROKEN,        /* it ended out of order: errno, or a TLS stream without its closing message */
    PV_TRANSFER_TIMED_OUT,
    PV_TRANSFER_UNTRUSTED /* the certificate, or what came is no TLS */
} pv_transfer;

/* Connect to the endpoint, address by address in the resolver's order, each with its share of the time. A numeric host
 * is not resolved. The resolver's own time limits (resolv.conf) are not cut short by `deadline`.
 * *outcome: DONE, BROKEN or TIMED_OUT. Errors: PV_E_REMOTE with the cause of the last address, PV_E_MEMORY. */
pv_status pv_tcp_connect(int *descriptor, pv_transfer *outcome, const pv_endpoint *endpoint, pv_deadline deadline,
                         pv_error *error) PV_CHECKED;
/* One attempt. *count: bytes moved, at least 1 where DONE. BROKEN: errno tells why. */
pv_transfer pv_tcp_read(size_t *count, int descriptor, void *bytes, size_t size);
pv_transfer pv_tcp_write(size_t *count, int descriptor, const void *bytes, size_t size);
/* Until one of `events` (POLLIN, POLLOUT) or an error is there. DONE, TIMED_OUT or BROKEN (no memory in the kernel). */
pv_transfer pv_tcp_wait(int descriptor, short events, pv_deadline deadline);

#endif
