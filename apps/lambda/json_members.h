/* json_members.h - the members of a JSON object as they stand in its text, for who hands them on unread. */
#ifndef PURVEY_LAMBDA_JSON_MEMBERS_H
#define PURVEY_LAMBDA_JSON_MEMBERS_H

#include "base/text.h"

typedef struct json_member {
    pv_text key;   /* without its quotes, escapes as they were written */
    pv_text value; /* as it was written, blanks behind it too */
} json_member;

typedef struct json_members {
    pv_text text;
    size_t at;
} json_members;

/* `object` is one that a reader of JSON has accepted. */
json_members json_members_of(pv_text object);
/* False at the end. Cost: linear over all of them. */
bool json_members_next(json_member *member, json_members *members);

#endif
