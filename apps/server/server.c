/* server.c - see server.h: start, what is done a few times a second, stop. */
#include "server.h"

#include "acceptor.h"
#include "http_daemon.h"
#include "listen_address.h"
#include "model_watch.h"
#include "monotonic_clock.h"
#include "server_error.h"
#include "server_state.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define TICK (NANOSECONDS / 4)
#define SHORT_TICK (NANOSECONDS / 100) /* while there is something to wait for */
#define STOP_DEADLINE (10 * NANOSECONDS)
#define STOP_GRACE (NANOSECONDS / 2) /* a connection that rests as long is shut */
#define DESCRIPTORS_KEPT 64          /* for the model, logs and the system */

/* Everything that server_run() starts, in the order in which it does. */
typedef struct running_server {
    server shared;
    http_daemon *daemon;
    acceptor *acceptor;
    listen_address address;
    int listener; /* -1: none, or the acceptor's */
    int64_t max_connections;
    model_watch watch;
} running_server;

/* As many descriptors as the system lets us have; connections get them but for some. */
static int64_t limit_connections(int64_t wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted > 0 ? wanted : 256;
    if (files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0) getrlimit(RLIMIT_NOFILE, &files);
    }
    if (wanted > 0) return wanted;
    rlim_t kept = files.rlim_cur >= 2 * DESCRIPTORS_KEPT ? DESCRIPTORS_KEPT : files.rlim_cur / 2;
    rlim_t room = files.rlim_cur - kept;
    return room > SERVER_CONNECTIONS_MAX ? SERVER_CONNECTIONS_MAX : (int64_t)room;
}

static unsigned count_threads(int64_t wanted)
{
    if (wanted > 0) return (unsigned)wanted;
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 2;
    return count < 2 ? 2 : (unsigned)count;
}

static bool reserve_place(void *context)
{
    const running_server *running = context;
    return connections_reserve(running->shared.connections, running->max_connections);
}

static void release_place(void *context)
{
    const running_server *running = context;
    connections_release(running->shared.connections);
}

static void take_connection(void *context, int socket, const struct sockaddr *address, socklen_t size)
{
    const running_server *running = context;
    if (!http_daemon_add(running->daemon, socket, address, size)) release_place(context);
}

/* What can be wrong with the command line or the files, before anything runs. */
static pv_status prepare(running_server *running, const server_options *options, pv_error *error)
{
    server *shared = &running->shared;
    shared->options = options;
    pv_status status = listen_address_parse(&running->address, options->listen, error);
    if (status == PV_OK && !running->address.is_loopback && options->key_file == NULL)
        status = server_error(error, PV_E_USAGE,
                              "--listen %s is open to other machines: give --key-file FILE, or listen on 127.0.0.1",
                              options->listen);
    if (status == PV_OK && options->key_file != NULL) status = api_keys_create(&shared->keys, options->key_file, error);
    if (status == PV_OK && options->access_log != NULL)
        status = access_log_open(&shared->log, options->access_log, error);
    if (status == PV_OK) status = listen_address_open(&running->listener, &running->address, options->listen, error);
    if (status != PV_OK) return status;
    model_watch_begin(&running->watch, options->service.model);
    return pv_service_create(&shared->service, &options->service, error);
}

static pv_status start(running_server *running, const server_options *options, pv_error *error)
{
    server *shared = &running->shared;
    shared->metrics = server_metrics_create();
    shared->connections = connections_create(options->timeout * NANOSECONDS, options->request_deadline * NANOSECONDS);
    if (shared->metrics == NULL || shared->connections == NULL) return server_error(error, PV_E_MEMORY, "no memory");
    request_ids_init(&shared->ids);
    running->max_connections = limit_connections(options->max_connections);
    pv_status status =
        http_daemon_start(&running->daemon, shared, count_threads(options->threads), running->max_connections, error);
    if (status != PV_OK) return status;
    acceptor_calls calls = {
        .context = running, .reserve = reserve_place, .release = release_place, .take = take_connection};
    int listener = running->listener;
    running->listener = -1;
    return acceptor_start(&running->acceptor, listener, calls, error);
}

static void reload_model(running_server *running)
{
    pv_error error = {0};
    pv_service_state state;
    bool has_changed = false;
    pv_status status = pv_service_reload(&has_changed, running->shared.service, &error);
    pv_service_state_get(&state, running->shared.service);
    if (status != PV_OK)
        server_say("the model stays %s: %s", state.model, error.message);
    else if (has_changed)
        server_say("the model is now %s", state.model);
}

/* SIGHUP: whatever is read from files is read again. */
static void reload_all(running_server *running)
{
    pv_error error = {0};
    model_watch_begin(&running->watch, running->shared.options->service.model);
    reload_model(running);
    if (running->shared.keys != NULL && api_keys_reload(running->shared.keys, &error) != PV_OK)
        server_say("the keys stay as they are: %s", error.message);
    if (access_log_reopen(running->shared.log, &error) != PV_OK) server_say("%s", error.message);
}

/* Nanoseconds until the next one. */
static long tick(running_server *running)
{
    bool is_busy = connections_enforce(running->shared.connections, monotonic_now());
    access_log_flush(running->shared.log);
    return is_busy ? SHORT_TICK : TICK;
}

static sigset_t own_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

static void serve_until_asked_to_stop(running_server *running)
{
    sigset_t signals = own_signals();
    struct timespec wait = {.tv_nsec = TICK};
    int64_t look_at = 0;
    for (;;) {
        int number = sigtimedwait(&signals, NULL, &wait);
        if (number == SIGTERM || number == SIGINT) return;
        if (number == SIGHUP) reload_all(running);
        wait.tv_nsec = tick(running);
        int64_t now = monotonic_now();
        if (now < look_at) continue;
        look_at = now + NANOSECONDS;
        if (model_watch_has_changed(&running->watch)) reload_model(running);
    }
}

/* From here on a second signal ends the program. */
static void let_signals_end(void)
{
    sigset_t signals = own_signals();
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

/* New connections are refused; each open one gets the answers it waits for, the last of which closes it. */
static void finish_connections(running_server *running)
{
    connections *all = running->shared.connections;
    struct timespec wait = {.tv_nsec = SHORT_TICK};
    int64_t deadline = monotonic_now() + STOP_DEADLINE;
    acceptor_stop(running->acceptor);
    running->acceptor = NULL;
    /* Only now: who is asked to close his connection opens the next one. */
    atomic_store(&running->shared.is_stopping, true);
    for (int64_t now = monotonic_now(); !connections_are_gone(all) && now < deadline; now = monotonic_now()) {
        connections_shut_resting(all, now, STOP_GRACE);
        tick(running);
        nanosleep(&wait, NULL);
    }
    if (connections_count(all) > 0) server_say("stopped with %lld open connections", (long long)connections_count(all));
}

static void end(running_server *running)
{
    server *shared = &running->shared;
    acceptor_stop(running->acceptor);
    http_daemon_stop(running->daemon);
    connections_free(shared->connections);
    pv_service_free(shared->service);
    server_metrics_free(shared->metrics);
    access_log_close(shared->log);
    api_keys_free(shared->keys);
    if (running->listener >= 0) close(running->listener);
    free(running);
}

pv_status server_run(const server_options *options, pv_error *error)
{
    running_server *running = calloc(1, sizeof *running);
    if (running == NULL) return server_error(error, PV_E_MEMORY, "no memory");
    running->listener = -1;
    /* Before the first thread is started: signals belong to this one. */
    sigset_t signals = own_signals();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    pv_status status = prepare(running, options, error);
    if (status == PV_OK) status = start(running, options, error);
    if (status == PV_OK) {
        char url[LISTEN_URL_MAX];
        listen_address_url(url, &running->address);
        fprintf(stderr, "purvey serves %s on %s\n", options->service.model, url);
        serve_until_asked_to_stop(running);
        let_signals_end();
        finish_connections(running);
    }
    end(running);
    return status;
}
