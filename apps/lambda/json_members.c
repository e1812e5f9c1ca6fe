/* json_members.c - see json_members.h. The text has been parsed before; the checks here keep a reader within it. */
#include "json_members.h"

#include <string.h>

static size_t skip(pv_text text, size_t at, const char *passed)
{
    while (at < text.size && text.data[at] != '\0' && strchr(passed, text.data[at]) != NULL) at++;
    return at;
}

/* Behind the string that begins at `at`. */
static size_t skip_string(pv_text text, size_t at)
{
    for (at++; at < text.size && text.data[at] != '"'; at++)
        if (text.data[at] == '\\') at++;
    return at < text.size ? at + 1 : text.size;
}

/* At the comma or bracket that ends the value which begins at `at`. */
static size_t skip_value(pv_text text, size_t at)
{
    for (int depth = 0; at < text.size;) {
        const char c = text.data[at];
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
        if (c == '[' || c == '{') depth++;
        if (c == ']' || c == '}') depth--;
        at = c == '"' ? skip_string(text, at) : at + 1;
    }
    return at;
}

json_members json_members_of(pv_text object)
{
    return (json_members){.text = object};
}

bool json_members_next(json_member *member, json_members *members)
{
    const pv_text text = members->text;
    const size_t key = skip(text, members->at, " \t\r\n{,");
    if (key >= text.size || text.data[key] != '"') return false;
    const size_t key_end = skip_string(text, key);
    const size_t value = skip(text, key_end, " \t\r\n:");
    const size_t value_end = skip_value(text, value);
    if (key_end - key < 2) return false;
    member->key = (pv_text){text.data + key + 1, key_end - key - 2};
    member->value = (pv_text){text.data + value, value_end - value};
    members->at = value_end;
    return true;
}
