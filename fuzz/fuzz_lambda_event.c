/* Any bytes as an event: what it asks for lies within the event, and the answer is JSON whatever was asked. */
#include "base/json_reader.h"
#include "lambda_event.h"
#include "lambda_reply.h"
#include "asked_user.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(pv_buffer *text)
{
    pv_json_document *document = NULL;
    if (text->failed) abort();
    if (pv_json_document_parse(&document, (pv_text){text->data, text->size}, NULL) != PV_OK) abort();
    pv_json_document_free(document);
    text->size = 0;
}

static void check_request(const lambda_event *event)
{
    const pv_service_request *request = &event->request;
    pv_json_document *document = NULL;
    if (request->method.size == 0) abort();
    if (lambda_event_is_http(event)) return;
    if (!pv_text_is_utf8(request->path)) abort();
    if (event->kind != EVENT_DIRECT) return;
    /* Nothing but its names was changed, so what was JSON still is; two names may have become one. */
    pv_error error = {.position = -1};
    if (pv_json_document_parse(&document, request->body, &error) != PV_OK &&
        strstr(error.message, "stands twice") == NULL)
        abort();
    pv_json_document_free(document);
}

static void check_reply(const lambda_event *event)
{
    char body[] = "{\"a\":\"\\u0001\\\\\"}";
    pv_buffer out = {0};
    const pv_service_response response = {.status = 200, .body = body, .size = sizeof body - 1, .allow = "GET"};
    lambda_reply_append(&out, event, &response);
    check_json(&out);
    pv_buffer_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lambda_event event = {0};
    pv_error error = {.position = -1};
    char *json = malloc(size > 0 ? size : 1);
    if (json == NULL) abort();
    if (size > 0) memcpy(json, data, size);
    const pv_status status = lambda_event_read(&event, json, size, &error);
    if (status == PV_OK && lambda_event_is_call(&event)) {
        check_request(&event);
        (void)asked_user_find(&event.request, event.arena);
    } else if (status != PV_OK && (error.message[0] == '\0' || strchr(error.message, '\n') != NULL)) {
        abort();
    }
    if (status == PV_OK && event.kind == EVENT_UNKNOWN) abort();
    if (status != PV_E_INPUT) check_reply(&event);
    lambda_event_deinit(&event);
    free(json);
    return 0;
}
