/* lambda_event.c - see lambda_event.h. */
#include "lambda_event.h"

#include "base/failure.h"
#include "event_kinds.h"
#include <string.h>

static const char *const kind_names[EVENT_KIND_COUNT] = {
    [EVENT_UNKNOWN] = "unknown", [EVENT_REST] = "rest",     [EVENT_HTTP] = "http",
    [EVENT_ALB] = "alb",         [EVENT_DIRECT] = "direct", [EVENT_HEALTH] = "health",
    [EVENT_RELOAD] = "reload",   [EVENT_RULE] = "rule",     [EVENT_S3] = "s3"};

const char *lambda_event_kind_name(lambda_event_kind kind)
{
    return kind_names[kind];
}

/* The reader of JSON refuses U+0000, but a client may well have sent one in the body of a request that is then to be
 * answered with 400. U+0001 in its place is as wrong everywhere. */
static void replace_nul(char *json, size_t size)
{
    static const char nul[] = "\\u0000";
    if (size == 0) return; /* `json` may be NULL */
    char *const end = json + size;
    for (char *at = json; (at = memchr(at, '\\', (size_t)(end - at))) != NULL; at += 2) {
        if (end - at < (ptrdiff_t)(sizeof nul - 1)) return;
        if (memcmp(at, nul, sizeof nul - 1) == 0) at[sizeof nul - 2] = '1';
    }
}

static lambda_event_kind kind_of_request(const event_object *root, const event_object *context)
{
    if (event_member(context, "elb") != NULL) return EVENT_ALB;
    if (pv_text_equal(event_text(root, "version"), pv_text_of("2.0")) && event_member(context, "http") != NULL)
        return EVENT_HTTP;
    return event_text(root, "httpMethod").data != NULL ? EVENT_REST : EVENT_UNKNOWN;
}

static bool has_s3_record(const event_object *root, pv_arena *arena)
{
    event_object record;
    int64_t n = 0;
    const pv_json_node *records = event_member(root, "Records");
    if (records == NULL || pv_json_array_size(&n, records, INT64_MAX, NULL) != PV_OK || n == 0) return false;
    const pv_json_node first = pv_json_array_element(records, 0);
    return event_object_of(&record, &first, arena, NULL) == PV_OK &&
           pv_text_equal(event_text(&record, "eventSource"), pv_text_of("aws:s3"));
}

static lambda_event_kind kind_of(const event_object *root, const event_object *context, pv_arena *arena)
{
    if (context->members != NULL) return kind_of_request(root, context);
    if (has_s3_record(root, arena)) return EVENT_S3;
    if (event_text(root, "detail-type").data != NULL && event_text(root, "source").data != NULL) return EVENT_RULE;
    if (event_member(root, "op") != NULL) return EVENT_RELOAD; /* which one is told by its reader */
    return is_direct_event(root) ? EVENT_DIRECT : EVENT_UNKNOWN;
}

static pv_status read_kind(lambda_event *event, const event_object *root, pv_text json, pv_error *error)
{
    switch (event->kind) {
    case EVENT_REST:
    case EVENT_HTTP:
    case EVENT_ALB:
        return http_event_read(event, root, error);
    case EVENT_DIRECT:
        return direct_event_read(event, root, json, error);
    case EVENT_HEALTH:
    case EVENT_RELOAD:
        return operation_event_read(event, root, error);
    case EVENT_S3:
        return job_event_read(event, root, error);
    case EVENT_RULE:
        return PV_OK;
    default:
        return pv_fail(error, PV_E_USAGE,
                       "event: neither a question (user_id, history, cart, ...) nor a request of API Gateway, a "
                       "Function URL or ALB, nor an event of EventBridge or S3");
    }
}

pv_status lambda_event_read(lambda_event *event, char *json, size_t size, pv_error *error)
{
    pv_status status;
    event_object root, context;
    replace_nul(json, size);
    const pv_text text = {json, size};
    event->arena = pv_arena_create();
    if (event->arena == NULL) return pv_fail_memory(error, "an event", 0);
    status = pv_json_document_parse(&event->document, text, error);
    if (status == PV_E_USAGE) status = PV_E_INPUT; /* no JSON, unlike an object that says something wrong */
    if (status != PV_OK) return status;
    const pv_json_node node = pv_json_document_root(event->document);
    if (!pv_json_is_object(&node)) return pv_fail(error, PV_E_USAGE, "event: expected an object");
    PV_TRY(event_object_of(&root, &node, event->arena, error));
    PV_TRY(event_object_of(&context, event_member(&root, "requestContext"), event->arena, error));
    event->kind = kind_of(&root, &context, event->arena);
    PV_TRY(read_kind(event, &root, text, error));
cleanup:
    return status;
}

void lambda_event_deinit(lambda_event *event)
{
    pv_json_document_free(event->document);
    pv_arena_free(event->arena);
    pv_buffer_deinit(&event->body);
    *event = (lambda_event){0};
}
