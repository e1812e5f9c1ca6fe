/* service_answer.c - a request to a response: parse the target, find the call, run it with a session, word its failure.
 */
#include "service/call.h"

#include "base/failure.h"
#include "service/error_json.h"
#include "service/session.h"
#include "shop/content_hash.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RETRY_SECONDS 1 /* after "no memory" or a full disk */

pv_status pv_call_fail(pv_call *call, int http_status, const char *code, pv_error *error, const char *format, ...)
{
    char message[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    call->response->status = http_status;
    call->error_code = code;
    return pv_fail(error, PV_E_USAGE, "%s", message);
}

static void hand_over_body(pv_service_response *response, pv_buffer *out)
{
    if (out->failed) {
        pv_buffer_deinit(out);
        response->status = 503;
        response->retry_after = RETRY_SECONDS;
        return; /* a status without a body is all that can be said */
    }
    response->body = out->data;
    response->size = out->size;
}

/* hash of model, state of events and overlay, and request: the same for the same answer. */
static void identify(pv_service_response *response, const pv_call *call)
{
    pv_content_hash *hash = pv_content_hash_create();
    if (!hash) return; /* the header is left out */
    const pv_service_request *request = call->request;
    const pv_text parts[] = {pv_text_of(response->model), request->method, request->path, request->query,
                             request->body};
    pv_content_hash_add(hash, parts, sizeof parts / sizeof *parts);
    pv_content_hash_add_number(hash, call->session->events_end);
    pv_content_hash_print(response->recommendation_id, hash);
    pv_content_hash_free(hash);
}

static pv_status find_route(const pv_route **route, pv_call *call, pv_error *error)
{
    pv_status status;
    const pv_service_request *request = call->request;
    const char *allow = NULL;
    if (request->body.size > PV_SERVICE_BODY_MAX)
        return pv_call_fail(call, 413, "too_large", error, "body: %zu bytes: at most %u", request->body.size,
                            PV_SERVICE_BODY_MAX);
    if (request->path.size + request->query.size > PV_SERVICE_PATH_MAX)
        return pv_call_fail(call, 414, "too_large", error, "path and query: at most %d bytes", PV_SERVICE_PATH_MAX);
    PV_TRY(pv_uri_segments(call->segments, &call->n_segments, request->path, call->arena, error));
    *route = pv_route_find(&allow, call);
    if (!*route && allow) {
        call->response->allow = allow;
        return pv_call_fail(call, 405, "method_not_allowed", error, "%.*s is not allowed here: %s",
                            (int)(request->method.size < 20 ? request->method.size : 20), request->method.data, allow);
    }
    if (!*route)
        return pv_call_fail(call, 404, "not_found", error, "no such path: the calls are listed in /v1/openapi.json");
    PV_TRY(pv_uri_query(&call->parameters, &call->n_parameters, request->query, call->arena, error));
cleanup:
    return status;
}

static pv_status answer(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_status status;
    const pv_route *route = NULL;
    PV_TRY(find_route(&route, call, error));
    call->response->call = route->call;
    call->response->is_cacheable = route->is_cacheable;
    PV_TRY(route->run(out, call, error));
cleanup:
    return status;
}

/* A request calls a product an item. */
static void word_failure(pv_buffer *out, pv_call *call, pv_status status, pv_error *error)
{
    pv_service_response *response = call->response;
    pv_json json = {.out = out};
    if (strcmp(error->field, "/product") == 0) memcpy(error->field, "/item", sizeof "/item");
    if (!call->error_code) response->status = pv_status_http(status);
    if (response->status == 503) response->retry_after = RETRY_SECONDS;
    response->is_unknown_user = status == PV_E_NOT_FOUND && strcmp(error->field, "/user") == 0;
    response->is_cacheable = false;
    out->size = 0; /* what the call had written */
    pv_error_write_answer(&json, call->error_code ? call->error_code : pv_status_json_code(status), error);
}

/* The model that answers stays for as long as the request takes. */
static pv_loaded_model *take_model(pv_service *service)
{
    pv_live_state_begin_reading(service->state);
    pv_loaded_model *loaded = service->current;
    pv_loaded_model_retain(loaded);
    pv_live_state_end_reading(service->state);
    return loaded;
}

void pv_service_answer(pv_service_response *response, pv_service *service, const pv_service_request *request)
{
    pv_error error = {.position = -1};
    pv_buffer out = {0};
    pv_seat *seat = NULL;
    const double began = pv_clock_seconds();
    pv_loaded_model *loaded = take_model(service);
    *response = (pv_service_response){.status = 200, .call = PV_SERVICE_NO_CALL, .items = -1};
    pv_call call = {.service = service, .loaded = loaded, .request = request, .response = response};
    memcpy(response->model, pv_model_id(pv_loaded_model_model(loaded)), sizeof response->model);
    pv_status status = pv_loaded_model_take_seat(&seat, loaded, &error);
    if (status == PV_OK) {
        call.session = seat->session;
        call.arena = seat->arena;
        status = answer(&out, &call, &error);
    }
    if (status != PV_OK)
        word_failure(&out, &call, status, &error);
    else if (response->items >= 0 && response->call <= PV_SERVICE_EXPLAIN)
        identify(response, &call);
    pv_loaded_model_leave_seat(loaded, seat);
    pv_loaded_model_release(loaded);
    hand_over_body(response, &out);
    response->seconds = pv_clock_seconds() - began;
}

void pv_service_response_deinit(pv_service_response *response)
{
    pv_free(response->body);
    response->body = NULL;
}

void pv_service_refuse(pv_service_response *response, int status, const char *code, const char *message)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_error error = {.position = -1};
    *response = (pv_service_response){.status = status, .call = PV_SERVICE_NO_CALL, .items = -1};
    (void)pv_fail(&error, PV_E_USAGE, "%s", message);
    if (status == 503) response->retry_after = RETRY_SECONDS;
    pv_error_write_answer(&json, code, &error);
    hand_over_body(response, &out);
}

const char *pv_service_call_name(pv_service_call call)
{
    static const char *const names[PV_SERVICE_CALL_COUNT] = {
        [PV_SERVICE_RECOMMEND] = "recommend",
        [PV_SERVICE_USER_RECOMMENDATIONS] = "user_recommendations",
        [PV_SERVICE_RANK] = "rank",
        [PV_SERVICE_EXPLAIN] = "explain",
        [PV_SERVICE_SIMILAR] = "similar",
        [PV_SERVICE_BOUGHT_TOGETHER] = "bought_together",
        [PV_SERVICE_SUBSTITUTES] = "substitutes",
        [PV_SERVICE_AUDIENCE] = "audience",
        [PV_SERVICE_PEERS] = "peers",
        [PV_SERVICE_EVENTS] = "events",
        [PV_SERVICE_EVENTS_PENDING] = "events_pending",
        [PV_SERVICE_ITEMS_BATCH] = "items_batch",
        [PV_SERVICE_USERS_BATCH] = "users_batch",
        [PV_SERVICE_ELIGIBILITY_BATCH] = "eligibility_batch",
        [PV_SERVICE_MODELS] = "models",
        [PV_SERVICE_MODEL_CARD] = "model_card",
        [PV_SERVICE_HEALTH_LIVE] = "health_live",
        [PV_SERVICE_HEALTH_READY] = "health_ready",
        [PV_SERVICE_OPENAPI] = "openapi",
        [PV_SERVICE_NO_CALL] = "none",
    };
    return names[call];
}
