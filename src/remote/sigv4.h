/* sigv4.h - AWS Signature Version 4 of a request, in its headers.
 *
 *   signature = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request") of
 *               "AWS4-HMAC-SHA256\n" time "\n" scope "\n" hex(SHA-256(canonical request))
 *
 * Source:   AWS, "Signature Version 4 for API requests"; for S3 each segment of the path is encoded once and no segment
 *           is removed.
 */
#ifndef PV_SIGV4_H
#define PV_SIGV4_H

#include "remote/credentials.h"
#include "remote/http_client.h"

/* One name and value of the query, not encoded. */
typedef struct pv_query_pair {
    pv_text name, value; /* value.size 0 is written "name=" */
} pv_query_pair;

/* Path and query as they go over the wire and are signed: percent-encoded (unreserved: A-Z a-z 0-9 - . _ ~; upper-case
 * digits), '/' of the path kept, pairs sorted by their encoded bytes. `path` begins with '/'. */
void pv_sigv4_append_target(pv_buffer *out, pv_text path, const pv_query_pair *query, size_t n_query);

typedef struct pv_signing {
    const pv_credentials *credentials;
    const char *region, *service; /* "eu-central-1", "s3" */
    int64_t time;                 /* seconds since 1970, UTC */
    const char *method;
    pv_text target;                /* by pv_sigv4_append_target() */
    const pv_http_header *headers; /* [n_headers] all are signed; "host" is among them; names in any case */
    size_t n_headers;
    const char *payload_hash; /* hex SHA-256 of the body, or "UNSIGNED-PAYLOAD" */
} pv_signing;

/* The headers that a request needs beside those that were signed. */
typedef struct pv_signature {
    char date[17];           /* x-amz-date, "20260102T030405Z" */
    pv_buffer authorization; /* authorization */
} pv_signature;

/* Signs the given headers and x-amz-date, x-amz-content-sha256 and, where there is a token, x-amz-security-token, which
 * the caller sends too and does not list. Errors: PV_E_MEMORY, PV_E_INTERNAL (the library of digests failed). */
pv_status pv_sigv4_sign(pv_signature *signature, const pv_signing *signing, pv_error *error) PV_CHECKED;
void pv_signature_deinit(pv_signature *signature);

#endif
