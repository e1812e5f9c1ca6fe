/* event_fields.h - members of an event's objects by name. AWS adds members whenever it likes, so those that are not
 * known are passed over. */
#ifndef PURVEY_LAMBDA_EVENT_FIELDS_H
#define PURVEY_LAMBDA_EVENT_FIELDS_H

#include "base/json_reader.h"
#include "base/memory.h"

typedef struct event_object {
    pv_json_node *members; /* [n] in the arena */
    int64_t n;
} event_object;

/* `node` must outlive the object. What is no object (null, absent) has no members. Errors: PV_E_USAGE (a member without
 * a name, too many), PV_E_MEMORY. */
pv_status event_object_of(event_object *object, const pv_json_node *node, pv_arena *arena, pv_error *error) PV_CHECKED;
/* NULL: there is none, or it is null. */
const pv_json_node *event_member(const event_object *object, const char *name);
/* The text of a member; data NULL: there is none, or it is no text. */
pv_text event_text(const event_object *object, const char *name);

#endif
