/* invocation_log.h - the line of the log that tells of one invocation, and carries its metrics.
 *
 * In the format JSON it is one object; in the format Text a line of text and a line with the metrics. Below the level
 * of the log the metrics remain: they are no messages.
 */
#ifndef PURVEY_LAMBDA_INVOCATION_LOG_H
#define PURVEY_LAMBDA_INVOCATION_LOG_H

#include "emf.h"
#include "log_line.h"

typedef struct invocation_record {
    const char *request_id, *trace_id; /* trace_id "": none */
    const char *function_version;
    const char *event, *call; /* "direct", "recommend" */
    const char *model;        /* id of the one in use */
    const char *user;         /* a hash; "": none was named */
    int status;               /* of HTTP */
    bool is_cold;             /* the first of this sandbox */
    double milliseconds;      /* from the event to its answer */
    metric_set metrics;
} invocation_record;

void invocation_log(const log_sink *sink, const emf_labels *labels, const invocation_record *record);

#endif
