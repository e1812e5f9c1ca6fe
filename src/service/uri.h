/* uri.h - the two encoded parts of a request's target: path segments and query parameters, decoded.
 *
 * Source:   RFC 3986 sections 2.1 and 3.3 (percent-encoding, segments); WHATWG URL section 5.1
 *           (application/x-www-form-urlencoded: "+" in a query is a space; in a path it is a plus).
 * Memory:   decoded texts lie in the arena.
 * Errors:   PV_E_USAGE with an empty field, the part and the byte in the message: a percent sign without two hex
 * digits, a NUL, what is no UTF-8 after decoding, too many; PV_E_MEMORY.
 */
#ifndef PV_URI_H
#define PV_URI_H

#include "base/memory.h"
#include "base/text.h"

#define PV_URI_SEGMENTS_MAX 8
#define PV_URI_PARAMETERS_MAX 200

/* "/v1/items/A%2F1/similar" -> "v1", "items", "A/1", "similar". Split before decoding, so that an id may hold slashes.
 * Nothing is normalized: "." and ".." are ids like others, and an empty segment ("//", a slash at the end) is an empty
 * text. The path begins with a slash. Cost: linear. */
pv_status pv_uri_segments(pv_text segments[PV_URI_SEGMENTS_MAX], int *n, pv_text path, pv_arena *arena,
                          pv_error *error) PV_CHECKED;

typedef struct pv_uri_parameter {
    pv_text name, value;
} pv_uri_parameter;

/* "n=5&filter=a%3Db" -> (n, 5), (filter, a=b): in order, repeated names kept. Without "=" the value is empty; nothing
 * between two "&" is no parameter. `query` has no question mark. */
pv_status pv_uri_query(const pv_uri_parameter **parameters, int *n, pv_text query, pv_arena *arena,
                       pv_error *error) PV_CHECKED;

#endif
