/* connection.c - see connection.h. */
#include "remote/connection.h"

#include "base/failure.h"
#include "base/memory.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct pv_connection {
    int descriptor;
    pv_tls_connection *tls; /* NULL: plain TCP */
    const char *cause;      /* static, of strerror() or the TLS connection's */
};

/* Remember why, while errno still tells. */
static pv_transfer note(pv_connection *connection, pv_transfer transfer)
{
    if (transfer == PV_TRANSFER_CLOSED) {
        connection->cause = "the server closed the connection";
    } else if (transfer == PV_TRANSFER_TIMED_OUT) {
        connection->cause = "no answer in time";
    } else if (transfer == PV_TRANSFER_BROKEN || transfer == PV_TRANSFER_UNTRUSTED) {
        connection->cause = connection->tls ? pv_tls_connection_cause(connection->tls) : strerror(errno);
    }
    return transfer;
}

static pv_transfer shake_hands(pv_connection *connection, pv_deadline deadline)
{
    pv_transfer transfer = pv_tls_handshake(connection->tls);
    while (transfer == PV_TRANSFER_AWAITS_INPUT || transfer == PV_TRANSFER_AWAITS_OUTPUT) {
        const short events = transfer == PV_TRANSFER_AWAITS_INPUT ? POLLIN : POLLOUT;
        const pv_transfer waited = pv_tcp_wait(connection->descriptor, events, deadline);
        transfer = waited == PV_TRANSFER_DONE ? pv_tls_handshake(connection->tls) : waited;
    }
    return note(connection, transfer);
}

static pv_status start_tls(pv_connection *connection, pv_transfer *outcome, const pv_endpoint *endpoint,
                           pv_tls_context *tls, pv_deadline deadline, pv_error *error)
{
    const pv_status status = pv_tls_connection_create(&connection->tls, tls, connection->descriptor, endpoint, error);
    if (status != PV_OK) return status;
    *outcome = shake_hands(connection, deadline);
    if (*outcome == PV_TRANSFER_DONE) return PV_OK;
    char name[PV_ENDPOINT_NAME_SIZE];
    pv_endpoint_name(name, endpoint);
    return pv_fail(error, PV_E_REMOTE, "%s: %s", name, connection->cause);
}

pv_status pv_connection_open(pv_connection **connection, pv_transfer *outcome, const pv_endpoint *endpoint,
                             pv_tls_context *tls, pv_deadline deadline, pv_error *error)
{
    pv_status status;
    *connection = NULL;
    *outcome = PV_TRANSFER_BROKEN;
    pv_connection *opened = pv_allocate(1, sizeof *opened);
    if (!opened) return pv_fail_memory(error, "a connection", sizeof *opened);
    opened->descriptor = -1;
    opened->cause = "";
    PV_TRY(pv_tcp_connect(&opened->descriptor, outcome, endpoint, deadline, error));
    if (tls) PV_TRY(start_tls(opened, outcome, endpoint, tls, deadline, error));
    *connection = opened;
cleanup:
    if (status != PV_OK) pv_connection_close(opened);
    return status;
}

void pv_connection_close(pv_connection *connection)
{
    if (!connection) return;
    pv_tls_connection_free(connection->tls);
    if (connection->descriptor >= 0) close(connection->descriptor);
    pv_release(connection);
}

pv_transfer pv_connection_read(size_t *count, pv_connection *connection, void *bytes, size_t size)
{
    return note(connection, connection->tls ? pv_tls_read(count, connection->tls, bytes, size)
                                            : pv_tcp_read(count, connection->descriptor, bytes, size));
}

pv_transfer pv_connection_write(size_t *count, pv_connection *connection, const void *bytes, size_t size)
{
    return note(connection, connection->tls ? pv_tls_write(count, connection->tls, bytes, size)
                                            : pv_tcp_write(count, connection->descriptor, bytes, size));
}

pv_transfer pv_connection_wait(pv_connection *connection, pv_transfer awaited, pv_deadline deadline)
{
    const short events = awaited == PV_TRANSFER_AWAITS_OUTPUT ? POLLIN | POLLOUT : POLLIN;
    const pv_transfer waited = pv_tcp_wait(connection->descriptor, events, deadline);
    if (waited == PV_TRANSFER_BROKEN) connection->cause = strerror(errno);
    return waited == PV_TRANSFER_BROKEN ? waited : note(connection, waited);
}

bool pv_connection_is_quiet(pv_connection *connection)
{
    char byte;
    size_t count;
    return pv_connection_read(&count, connection, &byte, 1) == PV_TRANSFER_AWAITS_INPUT;
}

const char *pv_connection_cause(const pv_connection *connection)
{
    return connection->cause;
}
