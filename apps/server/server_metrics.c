/* server_metrics.c - see server_metrics.h. */
#include "server_metrics.h"

#include "process_metrics.h"
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const int statuses[] = {200, 204, 207, 304, 400, 401, 403, 404, 405, 409,
                               413, 414, 415, 422, 429, 431, 500, 503, 507, 0 /* any other */};
#define STATUS_COUNT (sizeof statuses / sizeof statuses[0])

/* Upper bounds in seconds. */
static const double bounds[] = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                0.1,     0.25,   0.5,   1,      2.5,   5,    10};
#define BOUND_COUNT (sizeof bounds / sizeof bounds[0])

/* Of one call; on cache lines of its own, because threads count different calls at once. */
typedef struct call_counters {
    alignas(64) _Atomic int64_t by_status[STATUS_COUNT];
    _Atomic int64_t by_bound[BOUND_COUNT + 1]; /* not cumulative; the last one is beyond all bounds */
    _Atomic int64_t nanoseconds;
} call_counters;

struct server_metrics {
    call_counters calls[SERVER_CALL_COUNT];
    _Atomic int64_t fallbacks, lost;
};

const char *server_call_name(int call)
{
    return call == SERVER_CALL_METRICS ? "metrics" : pv_service_call_name((pv_service_call)call);
}

server_metrics *server_metrics_create(void)
{
    server_metrics *metrics = aligned_alloc(alignof(server_metrics), sizeof *metrics);
    if (metrics == NULL) return NULL;
    for (int call = 0; call < SERVER_CALL_COUNT; call++) {
        for (size_t k = 0; k < STATUS_COUNT; k++) atomic_init(&metrics->calls[call].by_status[k], 0);
        for (size_t k = 0; k <= BOUND_COUNT; k++) atomic_init(&metrics->calls[call].by_bound[k], 0);
        atomic_init(&metrics->calls[call].nanoseconds, 0);
    }
    atomic_init(&metrics->fallbacks, 0);
    atomic_init(&metrics->lost, 0);
    return metrics;
}

void server_metrics_free(server_metrics *metrics)
{
    free(metrics);
}

static void add(_Atomic int64_t *counter, int64_t count)
{
    atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

static int64_t value(const _Atomic int64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void server_metrics_count(server_metrics *metrics, int call, int status, double seconds, bool is_fallback)
{
    call_counters *counters = &metrics->calls[call];
    size_t s = 0, b = 0;
    while (s < STATUS_COUNT - 1 && statuses[s] != status) s++;
    while (b < BOUND_COUNT && seconds > bounds[b]) b++;
    add(&counters->by_status[s], 1);
    add(&counters->by_bound[b], 1);
    add(&counters->nanoseconds, (int64_t)(seconds * 1e9));
    if (is_fallback) add(&metrics->fallbacks, 1);
}

void server_metrics_count_lost(server_metrics *metrics)
{
    add(&metrics->lost, 1);
}

static void print_requests(FILE *out, const server_metrics *metrics)
{
    print_metric_head(out, "purvey_http_requests_total", "counter", "Answered requests.");
    for (int call = 0; call < SERVER_CALL_COUNT; call++) {
        for (size_t k = 0; k < STATUS_COUNT; k++) {
            long long count = value(&metrics->calls[call].by_status[k]);
            if (count == 0) continue;
            char status[12] = "other";
            if (statuses[k] != 0) snprintf(status, sizeof status, "%d", statuses[k]);
            fprintf(out, "purvey_http_requests_total{call=\"%s\",status=\"%s\"} %lld\n", server_call_name(call), status,
                    count);
        }
    }
}

static void print_histogram(FILE *out, const server_metrics *metrics)
{
    const char *name = "purvey_http_request_duration_seconds";
    print_metric_head(out, name, "histogram", "From the head of a request to its answer.");
    for (int call = 0; call < SERVER_CALL_COUNT; call++) {
        const call_counters *counters = &metrics->calls[call];
        const char *label = server_call_name(call);
        long long count = 0;
        for (size_t k = 0; k <= BOUND_COUNT; k++) count += value(&counters->by_bound[k]);
        if (count == 0) continue;
        long long below = 0;
        for (size_t k = 0; k < BOUND_COUNT; k++) {
            below += value(&counters->by_bound[k]);
            fprintf(out, "%s_bucket{call=\"%s\",le=\"%g\"} %lld\n", name, label, bounds[k],
                    below < count ? below : count);
        }
        fprintf(out, "%s_bucket{call=\"%s\",le=\"+Inf\"} %lld\n", name, label, count);
        fprintf(out, "%s_sum{call=\"%s\"} %.9f\n", name, label, (double)value(&counters->nanoseconds) * 1e-9);
        fprintf(out, "%s_count{call=\"%s\"} %lld\n", name, label, count);
    }
}

static void print_service(FILE *out, const pv_service_state *state)
{
    if (state->model[0] != '\0') {
        print_metric_head(out, "purvey_model_info", "gauge", "The model in use.");
        fprintf(out, "purvey_model_info{model=\"%s\"} 1\n", state->model);
    }
    if (state->model_as_of != INT64_MIN)
        print_metric(out, "purvey_model_age_seconds", "gauge", "Since the date up to which the model knows the shop.",
                     (double)((int64_t)time(NULL) - state->model_as_of));
    print_metric_head(out, "purvey_model_reloads_total", "counter", "Models put in place of the one in use.");
    fprintf(out, "purvey_model_reloads_total{result=\"success\"} %lld\n", (long long)state->reloads);
    fprintf(out, "purvey_model_reloads_total{result=\"failure\"} %lld\n", (long long)state->failed_reloads);
    print_metric(out, "purvey_events_logged", "gauge", "Events in the log.", (double)state->events);
    print_metric(out, "purvey_events_pending", "gauge", "Events that the model in use has not taken in.",
                 (double)state->events_pending);
    print_metric(out, "purvey_events_log_bytes", "gauge", "Size of the log of events and overlay.",
                 (double)state->log_bytes);
    print_metric(out, "purvey_overlay_rows", "gauge", "Rows of the overlay in the log.", (double)state->overlay_rows);
}

char *server_metrics_text(size_t *size, const server_metrics *metrics, const server_gauges *gauges)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (out == NULL) return NULL;
    print_requests(out, metrics);
    print_histogram(out, metrics);
    print_metric(out, "purvey_http_requests_lost_total", "counter", "Requests whose client was gone before the answer.",
                 (double)value(&metrics->lost));
    print_metric(out, "purvey_http_requests_in_flight", "gauge", "Requests in work.", (double)gauges->requests);
    print_metric(out, "purvey_http_connections", "gauge", "Open connections.", (double)gauges->connections);
    print_metric(out, "purvey_recommendations_fallback_total", "counter",
                 "Answers without the customer's own purchases.", (double)value(&metrics->fallbacks));
    print_service(out, &gauges->service);
    print_process_metrics(out);
    bool is_whole = ferror(out) == 0;
    if (fclose(out) == 0 && is_whole) return text;
    free(text);
    return NULL;
}
