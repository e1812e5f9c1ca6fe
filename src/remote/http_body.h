/* http_body.h - the bytes of a body out of the bytes of a connection.
 *
 * Chunk extensions and trailers are read and dropped (RFC 9112 sections 7.1.1 and 7.1.2).
 */
#ifndef PV_HTTP_BODY_H
#define PV_HTTP_BODY_H

#include "remote/http_head.h"

typedef struct pv_http_body {
    pv_http_framing framing;
    int64_t left;     /* bytes to come, of the body or of the chunk */
    int place;        /* in the grammar of chunks */
    size_t n_dropped; /* bytes of the extension, or of all trailers, so far */
} pv_http_body;

/* length: for PV_HTTP_LENGTH. */
void pv_http_body_begin(pv_http_body *body, pv_http_framing framing, int64_t length);
/* Take what is the body's from the front of *input. *piece: bytes of the body, borrowed from *input; empty: *input is
 * used up, or the body is whole. Errors: PV_E_REMOTE (chunks that are none). */
pv_status pv_http_body_next(pv_text *piece, pv_http_body *body, pv_text *input, pv_error *error) PV_CHECKED;
/* Nothing more belongs to it. False for PV_HTTP_UNTIL_CLOSE, which only the end of the connection makes whole. */
bool pv_http_body_is_whole(const pv_http_body *body);

#endif
