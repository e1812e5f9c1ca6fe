/* http_head.h - the head of an answer read strictly, the head of a request printed.
 *
 * Refused beyond what RFC 9112 asks for: a line that ends without CR, a folded line, a blank before the colon, NUL and
 * other control characters, Content-Length twice or beside Transfer-Encoding, any coding but "chunked". The servers
 * that are asked send none of these, and whoever does may mean another end of the message than we would.
 *
 * Source:   RFC 9112 sections 4, 5 and 6.
 */
#ifndef PV_HTTP_HEAD_H
#define PV_HTTP_HEAD_H

#include "remote/http_client.h"

/* How one finds where the body ends (RFC 9112 section 6.3). */
typedef enum pv_http_framing { PV_HTTP_NO_BODY, PV_HTTP_LENGTH, PV_HTTP_CHUNKED, PV_HTTP_UNTIL_CLOSE } pv_http_framing;

typedef struct pv_http_head {
    int status;              /* 100 to 599 */
    pv_http_header *headers; /* [n_headers] pv_allocate(); they point into the bytes that were read */
    size_t n_headers;
    pv_http_framing framing;
    int64_t length;  /* of the body, for PV_HTTP_LENGTH */
    bool keeps_open; /* the server takes another request on this connection */
} pv_http_head;      /* init with {0} */

/* Size of the head at the front of `bytes`, with its empty line; 0: it is not whole. *scanned: how far was looked
 * before, 0 at first, so that a head that comes in pieces is read once. */
size_t pv_http_head_end(size_t *scanned, pv_text bytes);
/* Read a whole head in place: names become lower case. is_head: the answer to HEAD, which has no body.
 * Errors: PV_E_REMOTE (what is wrong), PV_E_MEMORY; the head is then empty. */
pv_status pv_http_head_read(pv_http_head *head, char *bytes, size_t size, bool is_head, pv_error *error) PV_CHECKED;
void pv_http_head_deinit(pv_http_head *head); /* accepts {0} */

/* Append the request line and headers. Errors: PV_E_USAGE (a method, target or header that would break the message, or
 * a header that is the client's own), PV_E_MEMORY. */
pv_status pv_http_request_print(pv_buffer *out, const pv_http_request *request, const pv_endpoint *endpoint,
                                pv_error *error) PV_CHECKED;

#endif
