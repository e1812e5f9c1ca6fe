/* lambda_reply.c - see lambda_reply.h. */
#include "lambda_reply.h"

#include "base/json_fields.h"
#include <stdio.h>

typedef struct header_writer {
    pv_json *json;
    bool has_many; /* each value is an array */
} header_writer;

static void add_header(const header_writer *headers, const char *name, const char *value)
{
    pv_json_key(headers->json, name);
    if (headers->has_many) pv_json_begin_array(headers->json);
    pv_json_string(headers->json, value);
    if (headers->has_many) pv_json_end_array(headers->json);
}

static void add_headers(pv_json *json, const lambda_event *event, const pv_service_response *response)
{
    char seconds[16];
    const header_writer headers = {.json = json, .has_many = event->has_multi_value_headers};
    pv_json_key(json, headers.has_many ? "multiValueHeaders" : "headers");
    pv_json_begin_object(json);
    add_header(&headers, "content-type", "application/json");
    if (lambda_event_is_http(event)) {
        if (response->model[0] != '\0') add_header(&headers, "x-purvey-model", response->model);
        if (response->recommendation_id[0] != '\0')
            add_header(&headers, "x-recommendation-id", response->recommendation_id);
        if (response->allow != NULL) add_header(&headers, "allow", response->allow);
        (void)snprintf(seconds, sizeof seconds, "%d", response->retry_after);
        if (response->retry_after > 0) add_header(&headers, "retry-after", seconds);
    }
    pv_json_end_object(json);
}

/* ALB wants the words of the status line; these are RFC 9110's. */
static const char *reason_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {{200, "200 OK"},
                   {400, "400 Bad Request"},
                   {404, "404 Not Found"},
                   {405, "405 Method Not Allowed"},
                   {409, "409 Conflict"},
                   {413, "413 Content Too Large"},
                   {414, "414 URI Too Long"},
                   {422, "422 Unprocessable Content"},
                   {500, "500 Internal Server Error"},
                   {503, "503 Service Unavailable"},
                   {507, "507 Insufficient Storage"}};
    for (size_t k = 0; k < sizeof phrases / sizeof *phrases; k++)
        if (phrases[k].status == status) return phrases[k].phrase;
    return status < 500 ? "400 Bad Request" : "500 Internal Server Error";
}

static pv_text body_of(const lambda_event *event, const pv_service_response *response)
{
    const bool is_head = pv_text_equal(event->request.method, pv_text_of("HEAD"));
    if (is_head || response->body == NULL) return (pv_text){"", 0};
    return (pv_text){response->body, response->size};
}

void lambda_reply_append(pv_buffer *out, const lambda_event *event, const pv_service_response *response)
{
    pv_json json = {.out = out};
    const pv_text body = body_of(event, response);
    if (event->is_bare) {
        pv_buffer_append_text(out, body.size > 0 ? body : pv_text_of("null"));
        return;
    }
    pv_json_begin_object(&json);
    pv_json_integer_field(&json, "statusCode", response->status);
    if (event->kind == EVENT_ALB) pv_json_string_field(&json, "statusDescription", reason_phrase(response->status));
    add_headers(&json, event, response);
    pv_json_text_field(&json, "body", body);
    if (lambda_event_is_http(event)) pv_json_boolean_field(&json, "isBase64Encoded", false);
    pv_json_end_object(&json);
}

void lambda_reply_append_reload(pv_buffer *out, bool is_reloaded, const char *model, const char *failure)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_boolean_field(&json, "reloaded", is_reloaded);
    pv_json_string_field(&json, "model", model);
    if (failure != NULL) pv_json_string_field(&json, "error", failure);
    pv_json_end_object(&json);
}
