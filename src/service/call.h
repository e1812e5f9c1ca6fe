/* call.h - one request on its way to an answer: what the calls of the service share.
 *
 * A call is a function of a parsed request that appends JSON to a buffer. routes.c finds it by method and path,
 * service.c gives it a session and sends what it returns.
 */
#ifndef PV_CALL_H
#define PV_CALL_H

#include "base/json_reader.h"
#include "service/service_handle.h"
#include "service/uri.h"
#include <purvey/service.h>

typedef struct pv_call {
    pv_service *service;
    pv_loaded_model *loaded; /* that answers; a newer one may have taken its place in the service */
    pv_session *session;     /* of the loaded model, its view attached */
    pv_arena *arena;         /* of the request; pv_session calls do not touch it */
    const pv_service_request *request;
    pv_text segments[PV_URI_SEGMENTS_MAX];
    int n_segments;
    const pv_uri_parameter *parameters;
    int n_parameters;
    pv_service_response *response; /* status (200), items, is_fallback, code for errors below */
    const char *error_code;        /* in place of that of the status returned; NULL */
} pv_call;

/* Append the answer. A failure becomes the JSON of an error: status of HTTP and code follow from the pv_status, unless
 * the call set response->status and error_code. What it appended is thrown away then. */
typedef pv_status pv_call_function(pv_buffer *out, pv_call *call, pv_error *error);

typedef struct pv_route {
    const char *method;
    const char *path; /* "/v1/items/{id}/similar": {id} stands for any one segment */
    pv_service_call call;
    pv_call_function *run;
    bool is_cacheable;
} pv_route;

/* The route of the call's segments and method. NULL: none; *allow then lists the methods of this path, NULL when there
 * is no such path. */
const pv_route *pv_route_find(const char **allow, const pv_call *call);

pv_call_function pv_call_recommend, pv_call_user_recommendations, pv_call_rank, pv_call_explain;
pv_call_function pv_call_similar, pv_call_bought_together, pv_call_substitutes, pv_call_audience, pv_call_peers;
pv_call_function pv_call_events, pv_call_events_pending, pv_call_items_batch, pv_call_users_batch,
    pv_call_eligibility_batch;
pv_call_function pv_call_models, pv_call_model_card, pv_call_health_live, pv_call_health_ready, pv_call_openapi;

/* Fail with a status of HTTP and a code that no pv_status has. */
pv_status pv_call_fail(pv_call *call, int http_status, const char *code, pv_error *error, const char *format, ...)
    PV_PRINTF(5, 6);

#endif
