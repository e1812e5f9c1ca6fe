/* emf.h - numbers that CloudWatch turns into metrics: members of a line of the log, declared beside them.
 *
 * "_aws":{"Timestamp":ms,"CloudWatchMetrics":[{"Namespace":"purvey","Dimensions":[["Service"]],
 *  "Metrics":[{"Name":"RecommendMs","Unit":"Milliseconds"}]}]},"Service":"recommend","Arch":"arm64","RecommendMs":0.42
 *
 * Service is the one dimension, since each set of dimensions is a metric that is paid for; a function has one
 * architecture at a time, which stands beside it for queries.
 *
 * Source:   Amazon CloudWatch User Guide, "Specification: Embedded metric format".
 */
#ifndef PURVEY_LAMBDA_EMF_H
#define PURVEY_LAMBDA_EMF_H

#include "base/json_writer.h"

typedef enum metric {
    METRIC_REQUESTS,
    METRIC_ERRORS_4XX,
    METRIC_ERRORS_5XX,
    METRIC_COLD_START,
    METRIC_RECOMMEND_MS,
    METRIC_ITEMS,
    METRIC_FALLBACK,
    METRIC_UNKNOWN_USER,
    METRIC_RELOAD_OK,
    METRIC_RELOAD_FAILED,
    METRIC_MODEL_LOAD_MS,
    METRIC_S3_GET_MS,
    METRIC_MODEL_BYTES,
    METRIC_MODEL_AGE_SECONDS,
    METRIC_PEAK_RSS_MB,
    METRIC_COUNT
} metric;
const char *metric_name(metric which);

typedef struct metric_set {
    double values[METRIC_COUNT];
    bool is_set[METRIC_COUNT];
} metric_set; /* init with {0} */

void metric_put(metric_set *metrics, metric which, double value); /* what is not finite is left out */

typedef struct emf_labels {
    const char *metrics_namespace; /* 1 to 255 characters */
    const char *service;           /* 1 to 1,024 */
} emf_labels;

/* Members of the object that is being written. */
void emf_append_members(pv_json *json, const metric_set *metrics, const emf_labels *labels, int64_t milliseconds);

#endif
