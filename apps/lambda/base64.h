/* base64.h - bytes that travel as text (RFC 4648 section 4). */
#ifndef PURVEY_LAMBDA_BASE64_H
#define PURVEY_LAMBDA_BASE64_H

#include "base/memory.h"
#include "base/text.h"

/* Decoded into the arena. Padding is needed, and nothing else may stand in the text. Errors: PV_E_USAGE, PV_E_MEMORY.
 */
pv_status base64_decode(pv_text *bytes, pv_text text, pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
