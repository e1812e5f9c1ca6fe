/* direct_event.c - questions and orders that come without HTTP around them. */
#include "event_kinds.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "json_members.h"

#define USER_BYTES_MAX 1000 /* of an id, as the service has it */

/* Of POST /v1/recommend, and user_id; `n`, `mode` and others say nothing without one of these. */
static const char *const telling_members[] = {"user_id", "user", "history", "cart", "metadata", "n"};

bool is_direct_event(const event_object *root)
{
    for (size_t k = 0; k < sizeof telling_members / sizeof *telling_members; k++)
        if (event_member(root, telling_members[k]) != NULL) return true;
    return false;
}

static pv_status read_envelope(lambda_event *event, const event_object *root, pv_error *error)
{
    bool is_wanted = true;
    const pv_json_node *envelope = event_member(root, "envelope");
    const pv_status status = envelope != NULL ? pv_json_read_boolean(&is_wanted, envelope, error) : PV_OK;
    event->is_bare = !is_wanted;
    return status;
}

/* 123 or "123"; `digits` holds the text of a number. */
static pv_status read_user(pv_text *user, char digits[PV_NUMBER_SIZE], const pv_json_node *node, pv_error *error)
{
    int64_t number = 0;
    if (pv_json_is_text(node)) return pv_json_read_text(user, node, 1, USER_BYTES_MAX, error);
    if (pv_json_read_integer(&number, node, INT64_MIN, INT64_MAX, NULL) != PV_OK)
        return pv_json_fail(error, node, "%.*s: expected a text or an integer", (int)node->key.size, node->key.data);
    *user = (pv_text){digits, (size_t)pv_integer_print(digits, number)};
    return PV_OK;
}

/* user_id and user are two names of one thing. */
static pv_status write_user(pv_json *json, const event_object *root, pv_error *error)
{
    char digits[PV_NUMBER_SIZE];
    pv_text user;
    const pv_json_node *user_id = event_member(root, "user_id"), *plain = event_member(root, "user");
    if (user_id != NULL && plain != NULL) return pv_json_fail(error, user_id, "user_id: expected it or user, not both");
    if (user_id == NULL && plain == NULL) return PV_OK;
    const pv_status status = read_user(&user, digits, user_id != NULL ? user_id : plain, error);
    if (status == PV_OK) pv_json_text_field(json, "user", user);
    return status;
}

static bool is_own_member(pv_text key)
{
    return pv_text_equal(key, pv_text_of("user_id")) || pv_text_equal(key, pv_text_of("user")) ||
           pv_text_equal(key, pv_text_of("envelope"));
}

static void append_member(pv_json *json, const json_member *member)
{
    if (json->needs_comma) pv_buffer_append_string(json->out, ",");
    pv_buffer_append_string(json->out, "\"");
    pv_buffer_append_text(json->out, member->key);
    pv_buffer_append_string(json->out, "\":");
    pv_buffer_append_text(json->out, member->value);
    json->needs_comma = true;
}

/* The other members go on as they came, so that the service sees, and words, what was sent. */
static pv_status write_question(pv_buffer *body, const event_object *root, pv_text text, pv_error *error)
{
    pv_status status;
    pv_json json = {.out = body};
    json_members members = json_members_of(text);
    pv_json_begin_object(&json);
    PV_TRY(write_user(&json, root, error));
    for (json_member member; json_members_next(&member, &members);) {
        if (is_own_member(member.key)) continue;
        append_member(&json, &member);
    }
    pv_json_end_object(&json);
    PV_TRY(pv_check_memory(!body->failed, "an event", error));
cleanup:
    return status;
}

pv_status direct_event_read(lambda_event *event, const event_object *root, pv_text json, pv_error *error)
{
    pv_status status;
    PV_TRY(read_envelope(event, root, error));
    PV_TRY(write_question(&event->body, root, json, error));
    event->request = (pv_service_request){.method = pv_text_of("POST"),
                                          .path = pv_text_of("/v1/recommend"),
                                          .body = {event->body.data, event->body.size}};
cleanup:
    return status;
}

pv_status operation_event_read(lambda_event *event, const event_object *root, pv_error *error)
{
    static const char *const operations[] = {"reload", "health"};
    pv_status status;
    int operation = 0;
    PV_TRY(read_envelope(event, root, error));
    PV_TRY(pv_json_read_choice(&operation, event_member(root, "op"), operations, 2, error));
    event->kind = operation == 0 ? EVENT_RELOAD : EVENT_HEALTH;
    event->request = (pv_service_request){.method = pv_text_of("GET"), .path = pv_text_of("/v1/health/ready")};
cleanup:
    return status;
}
