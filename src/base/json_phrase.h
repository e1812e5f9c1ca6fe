/* json_phrase.h - what messages about JSON are put together from, within fixed room, so that saying what is wrong
 * cannot fail.
 *
 * Holds:    pv_phrase and what is added to it; pv_json_fail() of json_reader.h is made of it.
 */
#ifndef PV_JSON_PHRASE_H
#define PV_JSON_PHRASE_H

#include "base/json_reader.h"

/* Part of a message, ends with NUL; what does not fit is cut. Init with {.size = 0}. */
typedef struct pv_phrase {
    char text[400];
    size_t size;
} pv_phrase;

void pv_phrase_text(pv_phrase *out, pv_text text);
void pv_phrase_string(pv_phrase *out, const char *string);
void pv_phrase_integer(pv_phrase *out, int64_t value);
/* A text from outside: in quotes, cut. */
void pv_phrase_quoted(pv_phrase *out, pv_text text);
/* "mixed, new or reorder" */
void pv_phrase_list(pv_phrase *out, const char *const *names, int n, const char *last_separator);
/* The innermost field name and the indices below it: "n", "exclude[3]", "body[0]". Quoted when it is no plain word. */
void pv_phrase_name(pv_phrase *out, const pv_json_node *node);

/* The first `most` bytes of a text, less what would cut a character; ends before bytes that are no UTF-8. */
pv_text pv_phrase_cut(pv_text text, size_t most);

#endif
