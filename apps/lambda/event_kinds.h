/* event_kinds.h - one reader for each family of events: from the members of an event to what it asks for. The kind has
 * been told by then. */
#ifndef PURVEY_LAMBDA_EVENT_KINDS_H
#define PURVEY_LAMBDA_EVENT_KINDS_H

#include "event_fields.h"
#include "lambda_event.h"

/* REST, HTTP, ALB: method, path, query and body as a client sent them, percent-encoded again where AWS decoded. */
pv_status http_event_read(lambda_event *event, const event_object *root, pv_error *error) PV_CHECKED;

/* S3: which objects. */
pv_status job_event_read(lambda_event *event, const event_object *root, pv_error *error) PV_CHECKED;

/* True when the event has a member that only a question has. */
bool is_direct_event(const event_object *root);
/* DIRECT: POST /v1/recommend with the same members, but for user_id and envelope. `json`: the text of the event. */
pv_status direct_event_read(lambda_event *event, const event_object *root, pv_text json, pv_error *error) PV_CHECKED;
/* HEALTH and RELOAD, by `op`. */
pv_status operation_event_read(lambda_event *event, const event_object *root, pv_error *error) PV_CHECKED;

#endif
