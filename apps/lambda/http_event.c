/* http_event.c - requests that came by API Gateway, a Function URL or a load balancer. */
#include "event_kinds.h"

#include "base/percent_escapes.h"
#include "base/failure.h"
#include "base64.h"
#include <string.h>

/* --- query -------------------------------------------------------------------------------------------------------- */

/* A query put together from its parts. */
typedef struct query_writer {
    pv_buffer *out;
    bool is_decoded; /* the parts come without their escapes */
} query_writer;

static void add_part(const query_writer *query, pv_text part)
{
    if (query->is_decoded)
        pv_percent_escape(query->out, part, "");
    else
        pv_buffer_append_text(query->out, part);
}

static pv_status add_parameter(const query_writer *query, pv_text name, const pv_json_node *value, pv_error *error)
{
    pv_text text;
    const pv_status status = pv_json_read_text(&text, value, 0, PV_SERVICE_PATH_MAX, error);
    if (status != PV_OK) return status;
    if (query->out->size > 0) pv_buffer_append(query->out, "&", 1);
    add_part(query, name);
    pv_buffer_append(query->out, "=", 1);
    add_part(query, text);
    return PV_OK;
}

/* {"exclude":["A","B"]} or {"n":"5"} */
static pv_status add_values(const query_writer *query, const pv_json_node *member, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t n = 0;
    if (!pv_json_is_array(member)) return add_parameter(query, member->key, member, error);
    PV_TRY(pv_json_array_size(&n, member, PV_SERVICE_PATH_MAX, error));
    for (int64_t k = 0; k < n; k++) {
        const pv_json_node value = pv_json_array_element(member, k);
        PV_TRY(add_parameter(query, member->key, &value, error));
    }
cleanup:
    return status;
}

static pv_text copy(const pv_buffer *buffer, pv_arena *arena)
{
    char *bytes = pv_arena_allocate(arena, buffer->size + 1, 1);
    if (bytes == NULL || buffer->failed) return (pv_text){0};
    if (buffer->size > 0) memcpy(bytes, buffer->data, buffer->size);
    return (pv_text){bytes, buffer->size};
}

/* The one with all values, where both are there. */
static pv_status read_query(lambda_event *event, const event_object *root, pv_error *error)
{
    pv_status status;
    event_object parameters;
    pv_buffer out = {0};
    const query_writer query = {.out = &out, .is_decoded = event->kind == EVENT_REST};
    const pv_json_node *all = event_member(root, "multiValueQueryStringParameters");
    if (all == NULL) all = event_member(root, "queryStringParameters");
    PV_TRY(event_object_of(&parameters, all, event->arena, error));
    for (int64_t k = 0; k < parameters.n; k++) PV_TRY(add_values(&query, &parameters.members[k], error));
    event->request.query = copy(&out, event->arena);
    PV_TRY(pv_check_memory(event->request.query.data != NULL, "an event", error));
cleanup:
    pv_buffer_deinit(&out);
    return status;
}

/* --- path --------------------------------------------------------------------------------------------------------- */

/* Payload 1.0 has the path decoded. A slash inside an id cannot be told from one between segments any more. */
static pv_status encode_path(lambda_event *event, pv_error *error)
{
    pv_buffer out = {0};
    pv_percent_escape(&out, event->request.path, "/");
    event->request.path = copy(&out, event->arena);
    pv_buffer_deinit(&out);
    return pv_check_memory(event->request.path.data != NULL, "an event", error);
}

/* "/prod/v1/recommend" of stage "prod" is "/v1/recommend". */
static void cut_stage(pv_text *path, pv_text stage)
{
    if (stage.size == 0 || pv_text_equal(stage, pv_text_of("$default"))) return;
    const size_t size = stage.size + 1;
    const bool begins_with_it = path->size >= size && path->data[0] == '/' &&
                                memcmp(path->data + 1, stage.data, stage.size) == 0 &&
                                (path->size == size || path->data[size] == '/');
    if (begins_with_it) *path = (pv_text){path->data + size, path->size - size};
}

static pv_status read_target_1(lambda_event *event, const event_object *root, pv_error *error)
{
    pv_status status = PV_OK;
    event->request.method = event_text(root, "httpMethod");
    event->request.path = event_text(root, "path");
    event->has_multi_value_headers = event->kind == EVENT_ALB && event_member(root, "multiValueHeaders") != NULL;
    if (event->kind == EVENT_REST) PV_TRY(encode_path(event, error));
    PV_TRY(read_query(event, root, error));
cleanup:
    return status;
}

static pv_status read_target_2(lambda_event *event, const event_object *root, pv_error *error)
{
    pv_status status;
    event_object context, http;
    PV_TRY(event_object_of(&context, event_member(root, "requestContext"), event->arena, error));
    PV_TRY(event_object_of(&http, event_member(&context, "http"), event->arena, error));
    event->request.method = event_text(&http, "method");
    event->request.path = event_text(root, "rawPath");
    event->request.query = event_text(root, "rawQueryString");
    cut_stage(&event->request.path, event_text(&context, "stage"));
cleanup:
    return status;
}

/* --- body --------------------------------------------------------------------------------------------------------- */

static pv_status read_body(lambda_event *event, const event_object *root, pv_error *error)
{
    pv_status status = PV_OK;
    bool is_encoded = false;
    const pv_json_node *body = event_member(root, "body"), *flag = event_member(root, "isBase64Encoded");
    if (flag != NULL) PV_TRY(pv_json_read_boolean(&is_encoded, flag, error));
    if (body == NULL) return PV_OK;
    PV_TRY(pv_json_read_text(&event->request.body, body, 0, SIZE_MAX >> 1, error));
    if (is_encoded) PV_TRY(base64_decode(&event->request.body, event->request.body, event->arena, error));
cleanup:
    return status;
}

pv_status http_event_read(lambda_event *event, const event_object *root, pv_error *error)
{
    pv_status status;
    PV_TRY(event->kind == EVENT_HTTP ? read_target_2(event, root, error) : read_target_1(event, root, error));
    if (event->request.method.size == 0 || event->request.path.size == 0)
        PV_TRY(pv_fail(error, PV_E_USAGE, "event: a request without method or path"));
    PV_TRY(read_body(event, root, error));
cleanup:
    return status;
}
