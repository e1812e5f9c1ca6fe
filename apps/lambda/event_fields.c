/* event_fields.c - see event_fields.h. */
#include "event_fields.h"

#include "base/failure.h"

#define MEMBERS_MAX 10000

pv_status event_object_of(event_object *object, const pv_json_node *node, pv_arena *arena, pv_error *error)
{
    pv_status status;
    *object = (event_object){0};
    if (node == NULL || !pv_json_is_object(node)) return PV_OK;
    int64_t n = 0;
    PV_TRY(pv_json_object_size(&n, node, MEMBERS_MAX, error));
    object->members = pv_arena_allocate(arena, (size_t)n, sizeof *object->members);
    PV_TRY(pv_check_memory(object->members != NULL, "an event", error));
    PV_TRY(pv_json_object_entries(object->members, node, n, error));
    object->n = n;
cleanup:
    return status;
}

const pv_json_node *event_member(const event_object *object, const char *name)
{
    const pv_text wanted = pv_text_of(name);
    for (int64_t k = 0; k < object->n; k++) {
        const pv_json_node *member = &object->members[k];
        if (pv_text_equal(member->key, wanted)) return pv_json_is_null(member) ? NULL : member;
    }
    return NULL;
}

pv_text event_text(const event_object *object, const char *name)
{
    pv_text text = {0};
    const pv_json_node *member = event_member(object, name);
    if (member == NULL || pv_json_read_text(&text, member, 0, SIZE_MAX >> 1, NULL) != PV_OK) return (pv_text){0};
    return text;
}
