/* tcp_socket.c - see tcp_socket.h. */
#include "remote/tcp_socket.h"

#include "base/failure.h"
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

pv_transfer pv_tcp_wait(int descriptor, short events, pv_deadline deadline)
{
    struct pollfd entry = {.fd = descriptor, .events = events};
    for (;;) {
        const double left = pv_deadline_left(deadline);
        struct timespec time = {0};
        if (!isinf(left)) {
            time.tv_sec = (time_t)left;
            time.tv_nsec = (long)((left - (double)time.tv_sec) * 1e9);
        }
        const int ready = ppoll(&entry, 1, isinf(left) ? NULL : &time, NULL);
        if (ready > 0) return PV_TRANSFER_DONE;
        if (ready == 0) return PV_TRANSFER_TIMED_OUT;
        if (errno != EINTR) return PV_TRANSFER_BROKEN;
    }
}

static pv_transfer transfer_of(size_t *count, ssize_t moved, pv_transfer blocked)
{
    *count = moved > 0 ? (size_t)moved : 0;
    if (moved > 0) return PV_TRANSFER_DONE;
    if (moved == 0) return PV_TRANSFER_CLOSED;
    return errno == EAGAIN || errno == EWOULDBLOCK ? blocked : PV_TRANSFER_BROKEN;
}

pv_transfer pv_tcp_read(size_t *count, int descriptor, void *bytes, size_t size)
{
    ssize_t moved;
    do {
        moved = recv(descriptor, bytes, size, 0);
    } while (moved < 0 && errno == EINTR);
    return transfer_of(count, moved, PV_TRANSFER_AWAITS_INPUT);
}

pv_transfer pv_tcp_write(size_t *count, int descriptor, const void *bytes, size_t size)
{
    ssize_t moved;
    do {
        moved = send(descriptor, bytes, size, MSG_NOSIGNAL);
    } while (moved < 0 && errno == EINTR);
    return transfer_of(count, moved, PV_TRANSFER_AWAITS_OUTPUT);
}

static pv_status resolve(struct addrinfo **addresses, const pv_endpoint *endpoint, pv_error *error)
{
    struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    char port[sizeof "65535"];
    (void)snprintf(port, sizeof port, "%u", (unsigned)endpoint->port);
    int code = getaddrinfo(endpoint->host, port, &hints, addresses);
    if (code == EAI_NONAME) {
        hints.ai_flags = AI_NUMERICSERV;
        code = getaddrinfo(endpoint->host, port, &hints, addresses);
    }
    if (code == 0) return PV_OK;
    if (code == EAI_MEMORY) return pv_fail_memory(error, "addresses of a server", 0);
    return pv_fail(error, PV_E_REMOTE, "%s: cannot resolve: %s", endpoint->host,
                   code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
}

/* DONE, or BROKEN with errno, or TIMED_OUT. */
static pv_transfer connect_socket(int descriptor, const struct addrinfo *address, pv_deadline deadline)
{
    const int on = 1;
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, address->ai_addr, address->ai_addrlen) == 0) return PV_TRANSFER_DONE;
    if (errno != EINPROGRESS && errno != EINTR) return PV_TRANSFER_BROKEN;
    const pv_transfer waited = pv_tcp_wait(descriptor, POLLOUT, deadline);
    if (waited != PV_TRANSFER_DONE) return waited;
    int cause = 0;
    socklen_t size = sizeof cause;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &cause, &size) == 0) errno = cause;
    return errno == 0 ? PV_TRANSFER_DONE : PV_TRANSFER_BROKEN;
}

/* A descriptor, or -1 with *outcome (and errno where BROKEN). */
static int connect_address(pv_transfer *outcome, const struct addrinfo *address, pv_deadline deadline)
{
    *outcome = PV_TRANSFER_BROKEN;
    const int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) return -1;
    *outcome = connect_socket(descriptor, address, deadline);
    if (*outcome == PV_TRANSFER_DONE) return descriptor;
    const int cause = errno;
    close(descriptor);
    errno = cause;
    return -1;
}

static int count_addresses(const struct addrinfo *address)
{
    int count = 0;
    for (; address; address = address->ai_next) count++;
    return count;
}

pv_status pv_tcp_connect(int *descriptor, pv_transfer *outcome, const pv_endpoint *endpoint, pv_deadline deadline,
                         pv_error *error)
{
    struct addrinfo *addresses = NULL;
    *descriptor = -1;
    *outcome = PV_TRANSFER_BROKEN;
    const pv_status status = resolve(&addresses, endpoint, error);
    if (status != PV_OK) return status;
    int cause = 0, n_left = count_addresses(addresses);
    for (const struct addrinfo *address = addresses; address && *descriptor < 0; address = address->ai_next) {
        const pv_deadline share = pv_deadline_in(pv_deadline_left(deadline) / n_left--);
        *descriptor = connect_address(outcome, address, pv_deadline_sooner(deadline, share));
        cause = errno;
    }
    freeaddrinfo(addresses);
    if (*descriptor >= 0) return PV_OK;
    char name[PV_ENDPOINT_NAME_SIZE];
    pv_endpoint_name(name, endpoint);
    return pv_fail(error, PV_E_REMOTE, "%s: cannot connect: %s", name,
                   *outcome == PV_TRANSFER_TIMED_OUT ? "no answer in time" : strerror(cause));
}
