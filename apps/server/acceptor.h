/* acceptor.h - a thread that accepts connections and hands them on.
 *
 * Above the limit, and while the process or the system has no descriptor left, connections wait in the kernel's queue.
 */
#ifndef PURVEY_ACCEPTOR_H
#define PURVEY_ACCEPTOR_H

#include <purvey/status.h>
#include <stdbool.h>
#include <sys/socket.h>

typedef struct acceptor acceptor;

typedef struct acceptor_calls {
    void *context;
    bool (*reserve)(void *context); /* a place for one connection; false: there is none */
    void (*release)(void *context); /* a place that is not needed after all */
    /* Takes the socket, which does not block, and the place. */
    void (*take)(void *context, int socket, const struct sockaddr *address, socklen_t size);
} acceptor_calls;

/* Takes the listening socket. Errors: PV_E_MEMORY. */
pv_status acceptor_start(acceptor **made, int listener, acceptor_calls calls, pv_error *error) PV_CHECKED;
/* Hands on what has come so far, closes the listening socket and frees. Accepts NULL. */
void acceptor_stop(acceptor *one);

#endif
