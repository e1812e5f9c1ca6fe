/* text_pattern.h - a POSIX extended regular expression, compiled once, that remembers what it said about a text:
 * columns repeat their values, and a look-up is far cheaper than matching again. Matches bytes, whatever the locale.
 *
 * Threads:  a pattern belongs to one thread at a time.
 */
#ifndef PV_TEXT_PATTERN_H
#define PV_TEXT_PATTERN_H

#include "base/text.h"
#include <purvey/status.h>

typedef struct pv_text_pattern pv_text_pattern;

/* At most 1000 positions with repetitions written out, 16 nested groups, no repetition of a repetition: compiling never
 * takes long. Errors: PV_E_INPUT with what is wrong with the expression, PV_E_MEMORY. */
pv_status pv_text_pattern_create(pv_text_pattern **pattern, const char *expression, pv_error *error) PV_CHECKED;
void pv_text_pattern_free(pv_text_pattern *pattern); /* accepts NULL */
/* text holds no NUL. Errors: PV_E_MEMORY. */
pv_status pv_text_pattern_match(bool *matches, pv_text_pattern *pattern, pv_text text, pv_error *error) PV_CHECKED;

#endif
