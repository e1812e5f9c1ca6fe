/* admission.h - which requests are taken in, judged by their head alone. */
#ifndef PURVEY_ADMISSION_H
#define PURVEY_ADMISSION_H

#include "exchange.h"

#define HEAD_SIZE_MAX 16384 /* bytes of request line and headers */

/* False: refused, and the response says why: 400, 401, 413, 414, 415, 429, 431 or 503. */
bool admission_check(exchange *one);

/* Bytes that a Content-Length announces; -1: it does not. */
int64_t announced_size(const exchange *one);
/* Whether there is a body, of announced length or not. */
bool has_body(const exchange *one);

/* Whether pages of this origin may ask (CORS). NULL: no page asks. */
bool is_allowed_origin(const server_options *options, const char *origin);

#endif
