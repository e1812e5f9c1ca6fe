/* scripted_server.c - see scripted_server.h. */
#include "scripted_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE 10 /* seconds */

struct scripted_server {
    const scripted_act *acts;
    size_t n_acts;
    SSL_CTX *tls;
    int listener, connection; /* -1: none */
    int ended;                /* eventfd: nobody asks any more */
    SSL *session;
    uint16_t port;
    pthread_t thread;
    size_t n_heard;
    scripted_report report;
};

static bool open_connection(scripted_server *server)
{
    if (server->connection >= 0) return true;
    server->connection = accept(server->listener, NULL, NULL);
    if (server->connection < 0) return false;
    const int on = 1;
    const struct timeval patience = {.tv_sec = PATIENCE};
    setsockopt(server->connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(server->connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(server->connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    server->report.n_connections++;
    if (!server->tls) return true;
    server->session = SSL_new(server->tls);
    if (!server->session || SSL_set_fd(server->session, server->connection) != 1) return false;
    if (SSL_accept(server->session) != 1) return false;
    server->report.n_resumed += SSL_session_reused(server->session);
    return true;
}

static void end_connection(scripted_server *server, bool with_farewell)
{
    if (server->session && with_farewell) (void)SSL_shutdown(server->session);
    SSL_free(server->session);
    server->session = NULL;
    if (server->connection >= 0) close(server->connection);
    server->connection = -1;
}

static void reset_connection(scripted_server *server)
{
    const struct linger at_once = {.l_onoff = 1};
    setsockopt(server->connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    end_connection(server, false);
}

static long receive(scripted_server *server, char *bytes, size_t size)
{
    return server->session ? SSL_read(server->session, bytes, (int)size) : recv(server->connection, bytes, size, 0);
}

static bool say(scripted_server *server, const char *bytes, size_t size)
{
    while (size > 0) {
        const long n = server->session ? SSL_write(server->session, bytes, (int)size)
                                       : send(server->connection, bytes, size, MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

static void remember(scripted_server *server, const char *bytes, size_t size)
{
    const size_t room = SCRIPTED_HEARD_MAX - server->n_heard;
    const size_t kept = size < room ? size : room;
    memcpy(server->report.heard + server->n_heard, bytes, kept);
    server->n_heard += kept;
}

/* The head byte by byte, so that nothing of the body is taken; then what its Content-Length says. */
static bool hear(scripted_server *server, bool with_body)
{
    char head[8192];
    size_t size = 0;
    while (size < 4 || memcmp(head + size - 4, "\r\n\r\n", 4) != 0) {
        if (size == sizeof head - 1 || receive(server, head + size, 1) != 1) return false;
        size++;
    }
    head[size] = '\0';
    remember(server, head, size);
    const char *length = strstr(head, "Content-Length: ");
    unsigned long long left = length && with_body ? strtoull(length + strlen("Content-Length: "), NULL, 10) : 0;
    while (left > 0) {
        char piece[4096];
        const long n = receive(server, piece, left < sizeof piece ? (size_t)left : sizeof piece);
        if (n <= 0) return false;
        remember(server, piece, (size_t)n);
        left -= (unsigned long long)n;
    }
    return true;
}

static bool hold(scripted_server *server)
{
    char bytes[4096];
    while (receive(server, bytes, sizeof bytes) > 0) continue;
    end_connection(server, false);
    return true;
}

static bool ignore(const scripted_server *server)
{
    struct pollfd entry = {.fd = server->ended, .events = POLLIN};
    return poll(&entry, 1, PATIENCE * 1000) == 1;
}

static bool play(scripted_server *server, const scripted_act *act)
{
    if (!open_connection(server)) return false;
    switch (act->kind) {
    case SCRIPTED_HEAR:
        return hear(server, true);
    case SCRIPTED_HEAR_HEAD:
        return hear(server, false);
    case SCRIPTED_SAY:
        return say(server, act->bytes, act->size);
    case SCRIPTED_DRIP:
        for (size_t i = 0; i < act->size; i++) {
            if (!say(server, act->bytes + i, 1)) return false;
            usleep(50); /* so that the client sees the bytes apart */
        }
        return true;
    case SCRIPTED_HOLD:
        return hold(server);
    case SCRIPTED_IGNORE:
        return ignore(server);
    case SCRIPTED_RESET:
        reset_connection(server);
        return true;
    default:
        end_connection(server, act->kind == SCRIPTED_CLOSE);
        return true;
    }
}

static void *server_main(void *argument)
{
    scripted_server *server = argument;
    size_t n_played = 0;
    while (n_played < server->n_acts && play(server, &server->acts[n_played])) n_played++;
    server->report.is_done = n_played == server->n_acts;
    end_connection(server, true);
    return NULL;
}

static bool listen_on_loopback(scripted_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const struct timeval patience = {.tv_sec = PATIENCE};
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0) return false;
    setsockopt(server->listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(server->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(server->listener, 8) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0) {
        return false;
    }
    server->port = ntohs(address.sin_port);
    return true;
}

static void release(scripted_server *server)
{
    if (server->listener >= 0) close(server->listener);
    if (server->ended >= 0) close(server->ended);
    free(server);
}

scripted_server *scripted_server_start(const scripted_act *acts, size_t n_acts, SSL_CTX *tls)
{
    scripted_server *server = calloc(1, sizeof *server);
    if (!server) return NULL;
    server->acts = acts;
    server->n_acts = n_acts;
    server->tls = tls;
    server->connection = server->listener = -1;
    server->ended = eventfd(0, EFD_CLOEXEC);
    /* OpenSSL's own socket BIO raises SIGPIPE; the thread inherits the mask. The client's thread keeps its own. */
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    const bool started = server->ended >= 0 && listen_on_loopback(server) &&
                         pthread_create(&server->thread, NULL, server_main, server) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started) return server;
    release(server);
    return NULL;
}

uint16_t scripted_server_port(const scripted_server *server)
{
    return server->port;
}

void scripted_server_end(scripted_server *server, scripted_report *report)
{
    (void)eventfd_write(server->ended, 1);
    pthread_join(server->thread, NULL);
    if (report) *report = server->report;
    release(server);
}
