/* percent_escapes.h - text as a part of a URI (RFC 3986 section 2). */
#ifndef PV_PERCENT_ESCAPES_H
#define PV_PERCENT_ESCAPES_H

#include "base/text.h"

/* Append the text; every byte becomes %XX, digits in upper case, but A-Z a-z 0-9 - . _ ~ and the characters of `kept`.
 */
void pv_percent_escape(pv_buffer *out, pv_text text, const char *kept);

#endif
