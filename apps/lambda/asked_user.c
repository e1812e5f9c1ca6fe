/* asked_user.c - see asked_user.h. */
#include "asked_user.h"

#include "event_fields.h"
#include "percent_encoding.h"
#include <string.h>

static const char users_path[] = "/v1/users/";

static pv_text user_of_path(pv_text path)
{
    const size_t prefix = sizeof users_path - 1;
    if (path.size <= prefix || memcmp(path.data, users_path, prefix) != 0) return (pv_text){0};
    const char *segment = path.data + prefix;
    const char *slash = memchr(segment, '/', path.size - prefix);
    return (pv_text){segment, slash != NULL ? (size_t)(slash - segment) : path.size - prefix};
}

static pv_text copy(pv_text text, pv_arena *arena)
{
    char *bytes = text.data != NULL ? pv_arena_allocate(arena, text.size + 1, 1) : NULL;
    if (bytes == NULL) return (pv_text){0};
    memcpy(bytes, text.data, text.size);
    return (pv_text){bytes, text.size};
}

static pv_text user_of_body(pv_text body, pv_arena *arena)
{
    pv_json_document *document = NULL;
    event_object question;
    pv_text user = {0};
    if (body.size == 0 || body.size > ASKED_USER_BODY_MAX || body.data[0] != '{') return user;
    if (pv_json_document_parse(&document, body, NULL) != PV_OK) return user;
    const pv_json_node root = pv_json_document_root(document);
    if (event_object_of(&question, &root, arena, NULL) == PV_OK) user = copy(event_text(&question, "user"), arena);
    pv_json_document_free(document);
    return user;
}

pv_text asked_user_find(const pv_service_request *request, pv_arena *arena)
{
    const pv_text encoded = user_of_path(request->path);
    return encoded.data != NULL ? percent_decode(encoded, arena) : user_of_body(request->body, arena);
}
