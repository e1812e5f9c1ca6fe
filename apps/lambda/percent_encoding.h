/* percent_encoding.h - escaped texts as events bring them (RFC 3986 section 2); base/percent_escapes.h writes them. */
#ifndef PURVEY_LAMBDA_PERCENT_ENCODING_H
#define PURVEY_LAMBDA_PERCENT_ENCODING_H

#include "base/memory.h"
#include "base/text.h"

/* The text without its escapes, in the arena; a percent sign without two hex digits stands for itself. data NULL: no
 * memory. */
pv_text percent_decode(pv_text text, pv_arena *arena);
/* The same where "+" is a space, as in queries and in the keys of S3 events. */
pv_text percent_decode_form(pv_text text, pv_arena *arena);

#endif
