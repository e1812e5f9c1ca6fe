/* runtime_api.c - see runtime_api.h. */
#include "runtime_api.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/memory.h"
#include "remote/http_client.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROOT "/2018-06-01/runtime/"
#define TARGET_SIZE (sizeof ROOT + RUNTIME_REQUEST_ID_SIZE + 32)
#define EVENT_MAX (8u << 20) /* above the 6 MiB that Lambda passes on */
#define POST_SECONDS 30

struct runtime_api {
    pv_http_client *client;
    pv_http_response next;  /* holds the event */
    pv_http_response reply; /* to what was posted */
};

pv_status runtime_api_create(runtime_api **out, const pv_endpoint *endpoint, pv_error *error)
{
    pv_status status;
    /* A sandbox is frozen while it waits: silence says nothing about the connection. */
    const pv_http_settings settings = {.idle_seconds = (double)INFINITY};
    runtime_api *api = pv_allocate(1, sizeof *api);
    if (api == NULL) return pv_fail_memory(error, "the Runtime API", sizeof *api);
    PV_TRY(pv_http_client_create(&api->client, endpoint, &settings, error));
    *out = api;
    api = NULL;
cleanup:
    runtime_api_free(api);
    return status;
}

void runtime_api_free(runtime_api *api)
{
    if (api == NULL) return;
    pv_http_client_free(api->client);
    pv_http_response_deinit(&api->next);
    pv_http_response_deinit(&api->reply);
    pv_release(api);
}

/* False, and "" in `out`, when there is none or it does not fit. */
static bool copy_header(char *out, size_t room, const pv_http_response *response, const char *name)
{
    const pv_text value = pv_http_header_of(response, name);
    const bool fits = value.size > 0 && value.size < room;
    if (fits) memcpy(out, value.data, value.size);
    out[fits ? value.size : 0] = '\0';
    return fits;
}

/* It becomes a segment of a path. */
static bool is_request_id(const char *id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return id[0] != '\0' && strspn(id, allowed) == strlen(id);
}

static int64_t read_deadline(const pv_http_response *response)
{
    const pv_text value = pv_http_header_of(response, "lambda-runtime-deadline-ms");
    int64_t deadline = 0;
    if (value.size == 0 || value.size > 15) return INT64_MAX;
    for (size_t k = 0; k < value.size; k++) {
        if (value.data[k] < '0' || value.data[k] > '9') return INT64_MAX;
        deadline = deadline * 10 + (value.data[k] - '0');
    }
    return deadline;
}

static pv_status ask_next(runtime_api *api, pv_error *error)
{
    const pv_http_request request = {.method = "GET",
                                     .target = pv_text_of(ROOT "invocation/next"),
                                     .deadline = PV_NO_DEADLINE,
                                     .body_max = EVENT_MAX};
    return pv_http_ask(&api->next, api->client, &request, error);
}

pv_status runtime_api_next(runtime_invocation *invocation, runtime_api *api, pv_error *error)
{
    pv_status status = ask_next(api, error);
    const bool is_broken = api->next.failure == PV_HTTP_NOT_SENT || api->next.failure == PV_HTTP_CUT_SHORT;
    if (status == PV_E_REMOTE && is_broken) status = ask_next(api, error);
    if (status != PV_OK) return status;
    if (api->next.status != 200)
        return pv_fail(error, PV_E_REMOTE, "the Runtime API answered %d to next", api->next.status);
    *invocation = (runtime_invocation){.event = api->next.body.data, .size = api->next.body.size};
    if (!copy_header(invocation->request_id, sizeof invocation->request_id, &api->next,
                     "lambda-runtime-aws-request-id") ||
        !is_request_id(invocation->request_id))
        return pv_fail(error, PV_E_REMOTE, "the Runtime API gave an event without a request id");
    (void)copy_header(invocation->trace_id, sizeof invocation->trace_id, &api->next, "lambda-runtime-trace-id");
    invocation->deadline = read_deadline(&api->next);
    return PV_OK;
}

/* error_type NULL: the body is a result. */
static pv_status post(runtime_api *api, const char *target, const char *error_type, pv_text body, pv_error *error)
{
    pv_status status;
    const pv_http_header headers[] = {
        {pv_text_of("content-type"), pv_text_of("application/json")},
        {pv_text_of("lambda-runtime-function-error-type"), pv_text_of(error_type != NULL ? error_type : "")}};
    const pv_http_request request = {.method = "POST",
                                     .target = pv_text_of(target),
                                     .headers = headers,
                                     .n_headers = error_type != NULL ? 2 : 1,
                                     .body = body,
                                     .deadline = pv_deadline_in(POST_SECONDS)};
    PV_TRY(pv_http_ask(&api->reply, api->client, &request, error));
    if (api->reply.status != 202)
        status = pv_fail(error, PV_E_REMOTE, "the Runtime API answered %d to %s", api->reply.status,
                         error_type != NULL ? "an error" : "a response");
cleanup:
    return status;
}

static pv_status post_failure(runtime_api *api, const char *target, const char *type, const char *message,
                              pv_error *error)
{
    pv_status status;
    pv_buffer body = {0};
    pv_json json = {.out = &body};
    pv_json_begin_object(&json);
    pv_json_string_field(&json, "errorType", type);
    pv_json_string_field(&json, "errorMessage", message);
    pv_json_key(&json, "stackTrace");
    pv_json_begin_array(&json);
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    PV_TRY(pv_check_memory(!body.failed, "an error", error));
    PV_TRY(post(api, target, type, (pv_text){body.data, body.size}, error));
cleanup:
    pv_buffer_deinit(&body);
    return status;
}

static void print_target(char out[TARGET_SIZE], const runtime_invocation *invocation, const char *what)
{
    (void)snprintf(out, TARGET_SIZE, ROOT "invocation/%s/%s", invocation->request_id, what);
}

pv_status runtime_api_respond(runtime_api *api, const runtime_invocation *invocation, pv_text result, pv_error *error)
{
    char target[TARGET_SIZE];
    print_target(target, invocation, "response");
    return post(api, target, NULL, result, error);
}

pv_status runtime_api_fail(runtime_api *api, const runtime_invocation *invocation, const char *type,
                           const char *message, pv_error *error)
{
    char target[TARGET_SIZE];
    print_target(target, invocation, "error");
    return post_failure(api, target, type, message, error);
}

pv_status runtime_api_fail_init(runtime_api *api, const char *type, const char *message, pv_error *error)
{
    return post_failure(api, ROOT "init/error", type, message, error);
}
