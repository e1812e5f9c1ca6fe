/* percent_encoding.h - texts in URIs (RFC 3986 section 2). */
#ifndef PURVEY_LAMBDA_PERCENT_ENCODING_H
#define PURVEY_LAMBDA_PERCENT_ENCODING_H

#include "base/memory.h"
#include "base/text.h"

/* Everything is escaped but A-Z a-z 0-9 - . _ ~ and the characters of `kept`. */
void percent_encode(pv_buffer *out, pv_text text, const char *kept);
/* The text without its escapes, in the arena; a percent sign without two hex digits stands for itself. data NULL: no
 * memory. */
pv_text percent_decode(pv_text text, pv_arena *arena);
/* The same where "+" is a space, as in queries and in the keys of S3 events. */
pv_text percent_decode_form(pv_text text, pv_arena *arena);

#endif
