/* handler.c - see handler.h. */
#include "handler.h"

#include "asked_user.h"
#include "base/failure.h"
#include "base/timestamp.h"
#include "invocation_log.h"
#include "lambda_reply.h"
#include "wall_clock.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define LOOK_SECONDS 2       /* at most, of an invocation that somebody waits for */
#define LOOK_TOLD_SECONDS 60 /* at most, of one that is there to look */
#define RESERVED_SECONDS 0.5 /* of the time left, for the answer itself */
#define KEEP_SECONDS 20      /* at most, for a batch of events to reach S3: API Gateway waits no longer than 29 */

/* One invocation while it is worked on. */
typedef struct invocation_state {
    lambda_handler *handler;
    const runtime_invocation *invocation;
    lambda_event event;
    lambda_look look;
    pv_service_response response; /* of calls, and of what was refused */
    pv_buffer reply;
    int status; /* of HTTP: that of the response, else 200 */
} invocation_state;

static double seconds_left(const runtime_invocation *invocation)
{
    if (invocation->deadline == INT64_MAX) return (double)INFINITY;
    return (double)(invocation->deadline - wall_clock_milliseconds()) * 1e-3;
}

/* --- looking for a new model -------------------------------------------------------------------------------------- */

static void log_look(const invocation_state *state)
{
    const lambda_handler *handler = state->handler;
    lambda_service_state now;
    lambda_service_state_get(&now, handler->service);
    if (state->look.is_failed)
        log_message(&handler->sink, LOG_ERROR, state->invocation->request_id, "model %s stays in use: %s", now.model,
                    state->look.error.message);
    else if (state->look.is_changed)
        log_message(&handler->sink, LOG_INFO, state->invocation->request_id, "model %s is in use", now.model);
}

static void look_when_due(invocation_state *state)
{
    lambda_service *service = state->handler->service;
    const bool is_told = lambda_service_is_told(service, &state->event);
    const double room = seconds_left(state->invocation) - RESERVED_SECONDS;
    if (!is_told && !lambda_service_is_due(service, wall_clock_milliseconds())) return;
    if (room <= 0 && !is_told) return; /* the next one has more time */
    lambda_service_look(&state->look, service, is_told,
                        fmax(0, fmin(room, is_told ? LOOK_TOLD_SECONDS : LOOK_SECONDS)));
    log_look(state);
}

/* --- answering ---------------------------------------------------------------------------------------------------- */

static void refuse(invocation_state *state, int status, const char *code, const char *message)
{
    pv_service_response_deinit(&state->response);
    pv_service_refuse(&state->response, status, code, message);
    state->status = status;
    state->reply.size = 0;
    lambda_reply_append(&state->reply, &state->event, &state->response);
}

static void answer_call(invocation_state *state)
{
    char message[96];
    lambda_service_answer(&state->response, state->handler->service, &state->event.request,
                          fmin(KEEP_SECONDS, seconds_left(state->invocation) - RESERVED_SECONDS));
    state->status = state->response.status;
    lambda_reply_append(&state->reply, &state->event, &state->response);
    if (state->reply.size <= LAMBDA_REPLY_MAX) return;
    (void)snprintf(message, sizeof message, "the answer has %zu bytes, Lambda passes on %zu: ask for fewer items",
                   state->reply.size, LAMBDA_REPLY_MAX);
    refuse(state, 413, "too_large", message);
}

static void answer_job(invocation_state *state)
{
    lambda_service_state now;
    lambda_service_state_get(&now, state->handler->service);
    state->status = state->look.is_failed ? pv_status_http(state->look.error.status) : 200;
    lambda_reply_append_reload(&state->reply, state->look.is_changed, now.model,
                               state->look.is_failed ? state->look.error.message : NULL);
}

static pv_status answer(invocation_state *state, pv_error *error)
{
    pv_status status = lambda_event_read(&state->event, state->invocation->event, state->invocation->size, error);
    if (status == PV_E_USAGE) {
        refuse(state, pv_status_http(status), pv_status_json_code(status), error->message);
    } else if (status == PV_OK) {
        look_when_due(state);
        if (lambda_event_is_call(&state->event))
            answer_call(state);
        else
            answer_job(state);
    } else {
        return status;
    }
    return pv_check_memory(!state->reply.failed, "an answer", error);
}

static void hand_over(invocation_state *state, pv_status status, const pv_error *cause)
{
    const lambda_handler *handler = state->handler;
    pv_error error = {.position = -1};
    if (status == PV_OK) {
        const pv_text reply = {state->reply.data, state->reply.size};
        status = runtime_api_respond(handler->api, state->invocation, reply, &error);
    } else {
        const bool is_ours = status != PV_E_INPUT;
        state->status = pv_status_http(status);
        status = runtime_api_fail(handler->api, state->invocation,
                                  is_ours ? "Function.NoMemory" : "Function.BadRequest", cause->message, &error);
    }
    if (status != PV_OK)
        log_message(&handler->sink, LOG_ERROR, state->invocation->request_id, "the answer is lost: %s", error.message);
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static void put_look(metric_set *metrics, const lambda_look *look)
{
    if (look->registry_seconds > 0) metric_put(metrics, METRIC_S3_GET_MS, look->registry_seconds * 1e3);
    if (look->load_seconds > 0) metric_put(metrics, METRIC_MODEL_LOAD_MS, look->load_seconds * 1e3);
}

/* A start is no reload: it shows as ColdStart. */
static void put_reload(metric_set *metrics, const lambda_look *look)
{
    put_look(metrics, look);
    if (look->is_changed) metric_put(metrics, METRIC_RELOAD_OK, 1);
    if (look->is_failed) metric_put(metrics, METRIC_RELOAD_FAILED, 1);
}

static void put_model(metric_set *metrics, const lambda_service_state *model)
{
    struct rusage usage;
    metric_put(metrics, METRIC_MODEL_BYTES, (double)model->model_bytes);
    if (model->model_as_of != PV_NO_TIME)
        metric_put(metrics, METRIC_MODEL_AGE_SECONDS,
                   (double)(wall_clock_milliseconds() / 1000) - (double)model->model_as_of);
    if (getrusage(RUSAGE_SELF, &usage) == 0) metric_put(metrics, METRIC_PEAK_RSS_MB, (double)usage.ru_maxrss / 1024);
}

static void put_answer(metric_set *metrics, const invocation_state *state)
{
    const pv_service_response *response = &state->response;
    metric_put(metrics, METRIC_REQUESTS, 1);
    metric_put(metrics, METRIC_COLD_START, !state->handler->is_warm);
    metric_put(metrics, METRIC_ERRORS_4XX, state->status >= 400 && state->status < 500);
    metric_put(metrics, METRIC_ERRORS_5XX, state->status >= 500);
    if (!lambda_event_is_call(&state->event) || response->call > PV_SERVICE_USER_RECOMMENDATIONS) return;
    metric_put(metrics, METRIC_UNKNOWN_USER, response->is_unknown_user);
    if (response->items < 0) return;
    metric_put(metrics, METRIC_RECOMMEND_MS, response->seconds * 1e3);
    metric_put(metrics, METRIC_ITEMS, (double)response->items);
    metric_put(metrics, METRIC_FALLBACK, response->is_fallback);
}

/* "" where none was named, or where there is no hash of it. */
static void hash_user(char out[USER_HASH_SIZE], invocation_state *state)
{
    out[0] = '\0';
    if (!lambda_event_is_call(&state->event) || !log_is_on(&state->handler->sink, LOG_INFO)) return;
    const pv_text user = asked_user_find(&state->event.request, state->event.arena);
    if (user.size > 0 && user_hash(out, &state->handler->hash_key, user, NULL) != PV_OK) out[0] = '\0';
}

static void tell(invocation_state *state, double milliseconds)
{
    const lambda_handler *handler = state->handler;
    char user[USER_HASH_SIZE];
    lambda_service_state model;
    lambda_service_state_get(&model, handler->service);
    hash_user(user, state);
    invocation_record record = {.request_id = state->invocation->request_id,
                                .trace_id = state->invocation->trace_id,
                                .function_version = handler->settings->function_version,
                                .event = lambda_event_kind_name(state->event.kind),
                                .call = pv_service_call_name(state->response.call),
                                .model = model.model,
                                .user = user,
                                .status = state->status,
                                .is_cold = !handler->is_warm,
                                .milliseconds = milliseconds};
    if (!handler->is_warm) put_look(&record.metrics, &handler->start);
    put_reload(&record.metrics, &state->look);
    put_answer(&record.metrics, state);
    put_model(&record.metrics, &model);
    invocation_log(&handler->sink, &handler->labels, &record);
}

void lambda_handler_run(lambda_handler *handler, const runtime_invocation *invocation)
{
    pv_error error = {.position = -1};
    invocation_state state = {.handler = handler,
                              .invocation = invocation,
                              .response = {.call = PV_SERVICE_NO_CALL, .items = -1},
                              .status = 200};
    const double began = pv_clock_seconds();
    /* Where the X-Ray daemon's clients look for it; a runtime of one's own has to put it there. */
    if (invocation->trace_id[0] != '\0')
        (void)setenv("_X_AMZN_TRACE_ID", invocation->trace_id, 1);
    else
        (void)unsetenv("_X_AMZN_TRACE_ID");
    const pv_status status = answer(&state, &error);
    hand_over(&state, status, &error);
    tell(&state, (pv_clock_seconds() - began) * 1e3);
    handler->is_warm = true;
    pv_service_response_deinit(&state.response);
    pv_buffer_deinit(&state.reply);
    lambda_event_deinit(&state.event);
}
