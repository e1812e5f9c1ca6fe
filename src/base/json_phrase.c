/* json_phrase.c - see json_phrase.h; pv_json_fail() of json_reader.h. */
#include "base/json_phrase.h"

#include "base/failure.h"
#include "base/json_writer.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUOTED_MAX 40 /* bytes of a text from outside that a message shows */

void pv_phrase_text(pv_phrase *out, pv_text text)
{
    const size_t room = sizeof out->text - 1 - out->size;
    const size_t size = text.size < room ? text.size : room;
    if (size > 0) memcpy(out->text + out->size, text.data, size);
    out->size += size;
    out->text[out->size] = '\0';
}

void pv_phrase_string(pv_phrase *out, const char *string)
{
    pv_phrase_text(out, pv_text_of(string));
}

void pv_phrase_integer(pv_phrase *out, int64_t value)
{
    char digits[PV_NUMBER_SIZE];
    pv_phrase_text(out, (pv_text){digits, (size_t)pv_integer_print(digits, value)});
}

pv_text pv_phrase_cut(pv_text text, size_t most)
{
    size_t end = 0;
    while (end < text.size) {
        const size_t length = pv_text_character((pv_text){text.data + end, text.size - end});
        if (length == 0 || end + length > most) break;
        end += length;
    }
    return (pv_text){text.data, end};
}

void pv_phrase_quoted(pv_phrase *out, pv_text text)
{
    const pv_text shown = pv_phrase_cut(text, QUOTED_MAX);
    pv_phrase_string(out, "\"");
    pv_phrase_text(out, shown);
    pv_phrase_string(out, shown.size < text.size ? "...\"" : "\"");
}

void pv_phrase_list(pv_phrase *out, const char *const *names, int n, const char *last_separator)
{
    for (int k = 0; k < n; k++) {
        if (k > 0) pv_phrase_string(out, k == n - 1 ? last_separator : ", ");
        pv_phrase_string(out, names[k]);
    }
}

/* -- Where a node is ----------------------------------------------------------------------------------------------- */

/* From below the root down to a node. */
typedef struct trail {
    const pv_json_node *steps[PV_JSON_DEPTH_MAX];
    int n;
} trail;

static trail trail_to(const pv_json_node *node)
{
    trail back = {.n = 0}, to;
    for (; node->parent != NULL && back.n < PV_JSON_DEPTH_MAX; node = node->parent) back.steps[back.n++] = node;
    to.n = back.n;
    for (int k = 0; k < back.n; k++) to.steps[k] = back.steps[back.n - 1 - k];
    return to;
}

/* "/history/3/a~1b" (RFC 6901) */
static void add_pointer(pv_phrase *out, const pv_json_node *node)
{
    const trail to = trail_to(node);
    for (int k = 0; k < to.n; k++) {
        const pv_text key = to.steps[k]->key;
        pv_phrase_string(out, "/");
        if (key.data == NULL) pv_phrase_integer(out, to.steps[k]->index);
        for (size_t i = 0; i < key.size; i++) {
            if (key.data[i] == '~')
                pv_phrase_string(out, "~0");
            else if (key.data[i] == '/')
                pv_phrase_string(out, "~1");
            else
                pv_phrase_text(out, (pv_text){key.data + i, 1});
        }
    }
}

static bool is_plain_word(pv_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return text.size > 0 && text.size <= QUOTED_MAX;
}

void pv_phrase_name(pv_phrase *out, const pv_json_node *node)
{
    const trail to = trail_to(node);
    int named = to.n - 1;
    while (named >= 0 && to.steps[named]->key.data == NULL) named--;
    if (named < 0)
        pv_phrase_string(out, "body");
    else if (is_plain_word(to.steps[named]->key))
        pv_phrase_text(out, to.steps[named]->key);
    else
        pv_phrase_quoted(out, to.steps[named]->key);
    for (int k = named + 1; k < to.n; k++) {
        pv_phrase_string(out, "[");
        pv_phrase_integer(out, to.steps[k]->index);
        pv_phrase_string(out, "]");
    }
}

pv_status pv_json_fail(pv_error *error, const pv_json_node *node, const char *format, ...)
{
    if (!error) return PV_E_USAGE;
    pv_phrase pointer = {.size = 0};
    char message[2 * sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    add_pointer(&pointer, node);
    return pv_fail_field(error, PV_E_USAGE, pointer.text, "%s", message);
}
