/* lambda_event.h - what Lambda hands over, understood: a call of the service, or a word to look for a new model.
 *
 * Memory:   texts lie in the event's own memory and live until lambda_event_deinit().
 * Source:   AWS: "Lambda proxy integration input format" (API Gateway REST), "Payload format 2.0" (API Gateway HTTP,
 *           Function URL), "Lambda functions as targets" (ALB), "Event message structure" (S3), EventBridge events.
 */
#ifndef PURVEY_LAMBDA_EVENT_H
#define PURVEY_LAMBDA_EVENT_H

#include "base/json_reader.h"
#include "base/memory.h"
#include <purvey/service.h>

typedef enum lambda_event_kind {
    EVENT_UNKNOWN,
    EVENT_REST,   /* API Gateway REST, payload 1.0 */
    EVENT_HTTP,   /* API Gateway HTTP and Function URL, payload 2.0 */
    EVENT_ALB,    /* Application Load Balancer */
    EVENT_DIRECT, /* a question as shops' handlers take it: {"user_id":123,"n":5} */
    EVENT_HEALTH, /* {"op":"health"} */
    EVENT_RELOAD, /* {"op":"reload"} */
    EVENT_RULE,   /* EventBridge */
    EVENT_S3,
    EVENT_KIND_COUNT
} lambda_event_kind;
/* "rest", "http", ...: for logs. */
const char *lambda_event_kind_name(lambda_event_kind kind);

/* An object that an S3 event tells of. */
typedef struct lambda_object {
    pv_text bucket, key; /* decoded */
} lambda_object;

typedef struct lambda_event {
    lambda_event_kind kind;
    pv_service_request request; /* of REST, HTTP, ALB, DIRECT, HEALTH */
    bool is_bare;               /* the answer's JSON alone, without statusCode, headers and body around it */
    bool has_multi_value_headers;
    lambda_object *objects; /* [n_objects] of S3 */
    int64_t n_objects;
    pv_json_document *document; /* the memory of the above */
    pv_arena *arena;
    pv_buffer body;
} lambda_event; /* init with {0} */

/* `json` is changed in place. Errors: PV_E_INPUT, what came is no JSON; PV_E_USAGE, it is no event that this program
 * takes, or a part of it is wrong: `kind` and the form of the answer hold as far as they were understood; PV_E_MEMORY.
 */
pv_status lambda_event_read(lambda_event *event, char *json, size_t size, pv_error *error) PV_CHECKED;
void lambda_event_deinit(lambda_event *event);

/* True when the event's answer is HTTP: one with statusCode, headers and a text as body. */
static inline bool lambda_event_is_http(const lambda_event *event)
{
    return event->kind == EVENT_REST || event->kind == EVENT_HTTP || event->kind == EVENT_ALB;
}
/* True when it asks the service. */
static inline bool lambda_event_is_call(const lambda_event *event)
{
    return lambda_event_is_http(event) || event->kind == EVENT_DIRECT || event->kind == EVENT_HEALTH;
}

#endif
