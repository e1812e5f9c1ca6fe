/* server_metrics.h - what /metrics tells, in the text format of Prometheus, version 0.0.4. */
#ifndef PURVEY_SERVER_METRICS_H
#define PURVEY_SERVER_METRICS_H

#include <purvey/service.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The calls of the service, then the server's own. */
#define SERVER_CALL_METRICS PV_SERVICE_CALL_COUNT
#define SERVER_CALL_COUNT (PV_SERVICE_CALL_COUNT + 1)
const char *server_call_name(int call);

typedef struct server_metrics server_metrics;

server_metrics *server_metrics_create(void); /* NULL: no memory */
void server_metrics_free(server_metrics *metrics);

/* One request that was answered; `seconds` from its head to the answer. By any thread, without a lock. */
void server_metrics_count(server_metrics *metrics, int call, int status, double seconds, bool is_fallback);
/* One whose client was gone before there was an answer. */
void server_metrics_count_lost(server_metrics *metrics);

/* What is true at the moment. */
typedef struct server_gauges {
    int64_t requests, connections;
    pv_service_state service;
} server_gauges;

/* The page, to be freed with free(); NULL: no memory. */
char *server_metrics_text(size_t *size, const server_metrics *metrics, const server_gauges *gauges);

#endif
