/* acceptor.c - see acceptor.h. */
#include "acceptor.h"

#include "server_error.h"
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PAUSE_MILLISECONDS 20 /* while there is no room */

struct acceptor {
    int listener, wake;
    acceptor_calls calls;
    pthread_t thread;
    bool has_complained;
};

typedef enum accept_result { ACCEPT_ONE, ACCEPT_NONE, ACCEPT_LATER } accept_result;

static accept_result nothing_accepted(acceptor *one, int reason)
{
    if (reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM) {
        if (!one->has_complained) server_say("cannot accept connections for a while: %s", strerror(reason));
        one->has_complained = true;
        return ACCEPT_LATER;
    }
    /* A connection that has gone again is no reason to stop. */
    return reason == EAGAIN ? ACCEPT_NONE : ACCEPT_ONE;
}

static accept_result accept_one(acceptor *one)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int on = 1;
    if (!one->calls.reserve(one->calls.context)) return ACCEPT_LATER;
    int socket = accept4(one->listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
        int reason = errno;
        one->calls.release(one->calls.context);
        return nothing_accepted(one, reason);
    }
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    one->calls.take(one->calls.context, socket, (const struct sockaddr *)&address, size);
    return ACCEPT_ONE;
}

static accept_result accept_waiting(acceptor *one)
{
    accept_result result = ACCEPT_ONE;
    while (result == ACCEPT_ONE) result = accept_one(one);
    return result;
}

/* From here on the kernel drops what asks for a connection: the client asks again after a second, and then finds
 * nobody, or the next server. */
static void refuse_new(int listener)
{
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &drop};
    setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static void *accept_until_stopped(void *argument)
{
    acceptor *one = argument;
    accept_result last = ACCEPT_NONE;
    for (;;) {
        struct pollfd polled[] = {{.fd = one->wake, .events = POLLIN}, {.fd = one->listener, .events = POLLIN}};
        bool is_full = last == ACCEPT_LATER;
        int ready = poll(polled, is_full ? 1 : 2, is_full ? PAUSE_MILLISECONDS : -1);
        if (ready > 0 && polled[0].revents != 0) break;
        last = accept_waiting(one);
    }
    /* Closing the listener resets those whose connection the kernel has completed and nobody has accepted. */
    refuse_new(one->listener);
    accept_waiting(one);
    close(one->listener);
    return NULL;
}

pv_status acceptor_start(acceptor **made, int listener, acceptor_calls calls, pv_error *error)
{
    acceptor *one = calloc(1, sizeof *one);
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (one != NULL && wake >= 0) {
        *one = (acceptor){.listener = listener, .wake = wake, .calls = calls};
        if (pthread_create(&one->thread, NULL, accept_until_stopped, one) == 0) {
            *made = one;
            return PV_OK;
        }
    }
    if (wake >= 0) close(wake);
    close(listener);
    free(one);
    return server_error(error, PV_E_MEMORY, "no memory for a thread");
}

void acceptor_stop(acceptor *one)
{
    if (one == NULL) return;
    uint64_t stop = 1;
    /* An event counter that is far from its limit always takes one more. */
    while (write(one->wake, &stop, sizeof stop) < 0 && errno == EINTR) continue;
    pthread_join(one->thread, NULL);
    close(one->wake);
    free(one);
}
