/* endpoint.h - where a server is: the scheme, host and port of an address such as "https://127.0.0.1:7071". */
#ifndef PV_ENDPOINT_H
#define PV_ENDPOINT_H

#include "base/text.h"

#define PV_HOST_MAX 255
#define PV_ENDPOINT_NAME_SIZE (PV_HOST_MAX + 10) /* brackets, colon, port and NUL */

typedef struct pv_endpoint {
    bool is_tls;
    char host[PV_HOST_MAX + 1]; /* a name in lower case, an IPv4 address, or an IPv6 address without brackets */
    uint16_t port;
} pv_endpoint;

/* Read "http://HOST[:PORT][/]" or "https://...". *path: what follows the authority ("" or "/..."), borrowed from `url`;
 * NULL path: nothing but "/" may follow. Refused: other schemes, user names, an empty host, bad ports, blanks and
 * control characters, a query or fragment without a path. Errors: PV_E_USAGE. */
pv_status pv_endpoint_parse(pv_endpoint *endpoint, pv_text *path, const char *url, pv_error *error) PV_CHECKED;
/* The value of the header Host: the port only where it is not the scheme's own, IPv6 in brackets. */
void pv_endpoint_print_host(pv_buffer *out, const pv_endpoint *endpoint);
/* "HOST:PORT", IPv6 in brackets: how messages call it. */
void pv_endpoint_name(char out[PV_ENDPOINT_NAME_SIZE], const pv_endpoint *endpoint);
bool pv_endpoint_equal(const pv_endpoint *a, const pv_endpoint *b);

#endif
