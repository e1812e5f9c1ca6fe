/* connections.c - see connections.h. */
#include "connections.h"

#include "monotonic_clock.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEVER INT64_MAX
/* After which a client that sends no more, in the middle of a request, is taken to be gone. */
#define HALF_CLOSED_TIME (NANOSECONDS / 5)
#define EVENTS_A_TURN 256
#define DRAINED_MAX 64 /* connections at a time; more are closed as they are */
#define DRAIN_TIME (2 * NANOSECONDS)
#define DRAIN_BYTES_A_TURN (16 * 1048576) /* and connection */

struct connection {
    connection *next, *previous;
    int socket;
    bool ends_early;
    int64_t half_closed_at;      /* 0: it was not seen to be */
    _Atomic int64_t late_at;     /* NEVER: no limit */
    _Atomic int64_t rests_since; /* NEVER: it has a request */
    atomic_bool has_whole_request;
};

typedef struct drained_socket {
    int socket;
    int64_t until;
} drained_socket;

struct connections {
    int64_t timeout, deadline;
    int half_closed;      /* epoll: those whose client sends no more */
    pthread_mutex_t lock; /* of what follows */
    connection *first;
    _Atomic int64_t count;
    drained_socket drained[DRAINED_MAX];
    int n_drained;
};

connections *connections_create(int64_t timeout, int64_t deadline)
{
    connections *all = calloc(1, sizeof *all);
    if (all == NULL) return NULL;
    all->half_closed = epoll_create1(EPOLL_CLOEXEC);
    if (all->half_closed < 0) {
        free(all);
        return NULL;
    }
    all->timeout = timeout;
    all->deadline = deadline;
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void connections_free(connections *all)
{
    if (all == NULL) return;
    for (int k = 0; k < all->n_drained; k++) close(all->drained[k].socket);
    close(all->half_closed);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

int64_t connections_count(const connections *all)
{
    return atomic_load_explicit(&all->count, memory_order_relaxed);
}

bool connections_are_gone(connections *all)
{
    pthread_mutex_lock(&all->lock);
    bool are_gone = connections_count(all) == 0 && all->n_drained == 0;
    pthread_mutex_unlock(&all->lock);
    return are_gone;
}

bool connections_reserve(connections *all, int64_t limit)
{
    if (atomic_fetch_add_explicit(&all->count, 1, memory_order_relaxed) < limit) return true;
    connections_release(all);
    return false;
}

void connections_release(connections *all)
{
    atomic_fetch_sub_explicit(&all->count, 1, memory_order_relaxed);
}

static void set(connection *one, int64_t late_at, int64_t rests_since, bool has_whole_request)
{
    atomic_store_explicit(&one->has_whole_request, has_whole_request, memory_order_relaxed);
    atomic_store_explicit(&one->late_at, late_at, memory_order_relaxed);
    atomic_store_explicit(&one->rests_since, rests_since, memory_order_relaxed);
}

connection *connection_open(connections *all, int socket)
{
    connection *one = calloc(1, sizeof *one);
    if (one == NULL) return NULL;
    int64_t now = monotonic_now();
    struct epoll_event event = {.events = EPOLLRDHUP, .data.ptr = one};
    one->socket = socket;
    set(one, now + all->deadline, now, false);
    pthread_mutex_lock(&all->lock);
    one->next = all->first;
    if (all->first != NULL) all->first->previous = one;
    all->first = one;
    /* Should it fail, the timeout ends the connection all the same. */
    (void)epoll_ctl(all->half_closed, EPOLL_CTL_ADD, socket, &event);
    pthread_mutex_unlock(&all->lock);
    return one;
}

/* A second descriptor keeps the connection alive when the transport closes the first. */
static void begin_to_drain(connections *all, int socket)
{
    if (all->n_drained == DRAINED_MAX) return;
    int kept = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (kept < 0) return;
    shutdown(kept, SHUT_WR);
    all->drained[all->n_drained++] = (drained_socket){kept, monotonic_now() + DRAIN_TIME};
}

void connection_close(connections *all, connection *one)
{
    connections_release(all);
    if (one == NULL) return;
    pthread_mutex_lock(&all->lock);
    /* A second descriptor would keep it in the set. */
    (void)epoll_ctl(all->half_closed, EPOLL_CTL_DEL, one->socket, NULL);
    if (one->ends_early) begin_to_drain(all, one->socket);
    if (one->next != NULL) one->next->previous = one->previous;
    if (one->previous != NULL)
        one->previous->next = one->next;
    else
        all->first = one->next;
    pthread_mutex_unlock(&all->lock);
    free(one);
}

void connection_receives(const connections *all, connection *one)
{
    /* The first request has had its limit since the connection was accepted, later ones since the last answer; the rest
     * of a request has this one. */
    set(one, monotonic_now() + all->deadline, NEVER, false);
}

void connection_works(connection *one)
{
    set(one, NEVER, NEVER, true);
}

void connection_sends(const connections *all, connection *one)
{
    set(one, monotonic_now() + all->deadline, NEVER, true);
}

void connection_rests(const connections *all, connection *one)
{
    int64_t now = monotonic_now();
    set(one, now + all->timeout + all->deadline, now, false);
}

void connection_ends_early(connection *one)
{
    one->ends_early = true;
}

/* True when there is no more to come, or no more to wait for. */
static bool drain(const drained_socket *one, int64_t now)
{
    char bytes[65536];
    for (size_t total = 0; total < DRAIN_BYTES_A_TURN;) {
        ssize_t size = recv(one->socket, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size == 0) return true;
        if (size < 0) break;
        total += (size_t)size;
    }
    return now > one->until;
}

static void drain_all(connections *all, int64_t now)
{
    int kept = 0;
    for (int k = 0; k < all->n_drained; k++) {
        if (drain(&all->drained[k], now))
            close(all->drained[k].socket);
        else
            all->drained[kept++] = all->drained[k];
    }
    all->n_drained = kept;
}

static int unread_bytes(const connection *one)
{
    int unread = 0;
    return ioctl(one->socket, FIONREAD, &unread) == 0 ? unread : 0;
}

/* The transport overlooks the end of what a client sends when it comes along with the last bytes. */
static void shut_half_closed(connections *all, int64_t now)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(all->half_closed, events, EVENTS_A_TURN, 0);
    for (int k = 0; k < count; k++) {
        connection *one = events[k].data.ptr;
        if (one->half_closed_at == 0) one->half_closed_at = now;
        bool has_whole_request = atomic_load_explicit(&one->has_whole_request, memory_order_relaxed);
        /* A request that is whole gets its answer. */
        if (has_whole_request || unread_bytes(one) > 0) one->half_closed_at = now;
        if (now - one->half_closed_at > HALF_CLOSED_TIME) shutdown(one->socket, SHUT_RDWR);
    }
}

bool connections_enforce(connections *all, int64_t now)
{
    pthread_mutex_lock(&all->lock);
    /* The transport cannot close a socket, and the kernel not give its number to another, while the lock is held. */
    for (connection *one = all->first; one != NULL; one = one->next)
        if (atomic_load_explicit(&one->late_at, memory_order_relaxed) < now) shutdown(one->socket, SHUT_RDWR);
    shut_half_closed(all, now);
    drain_all(all, now);
    bool drains = all->n_drained > 0;
    pthread_mutex_unlock(&all->lock);
    return drains;
}

void connections_shut_resting(connections *all, int64_t now, int64_t grace)
{
    pthread_mutex_lock(&all->lock);
    for (connection *one = all->first; one != NULL; one = one->next) {
        int64_t since = atomic_load_explicit(&one->rests_since, memory_order_relaxed);
        if (since == NEVER || now - since < grace) continue;
        /* What has arrived is still read after this; only the wait for more ends. */
        if (unread_bytes(one) == 0) shutdown(one->socket, SHUT_RD);
    }
    pthread_mutex_unlock(&all->lock);
}
