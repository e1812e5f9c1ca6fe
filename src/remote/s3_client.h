/* s3_client.h - objects of one bucket: read, written, listed; retried until a deadline.
 *
 * AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names another server than AWS's, which is then asked by path
 * (http://HOST/BUCKET/KEY); AWS itself by https://BUCKET.s3.REGION.amazonaws.com (amazonaws.com.cn for cn- regions).
 * Every request is signed at the moment it is sent.
 *
 * Retries:  500, 502, 503, 504, 429, a cut or broken connection, a timeout: after a random time (remote/retry.h), as
 *           long as the deadline allows; of a server that never answered, 8 times. RequestTimeTooSkewed: once more by
 *           the server's own clock. Expired credentials: found anew, once. Everything else is final.
 * Threads:  a client belongs to one thread at a time.
 */
#ifndef PV_S3_CLIENT_H
#define PV_S3_CLIENT_H

#include "base/text.h"
#include "remote/deadline.h"

typedef struct pv_s3_client pv_s3_client;

/* Find region, endpoint and credentials for `bucket`. Errors: PV_E_USAGE, PV_E_INPUT (no credentials, no region),
 * PV_E_REMOTE, PV_E_MEMORY. `authorities`: as in pv_http_settings. */
pv_status pv_s3_client_create(pv_s3_client **client, const char *bucket, const char *authorities, pv_deadline deadline,
                              pv_error *error) PV_CHECKED;
void pv_s3_client_free(pv_s3_client *client); /* accepts NULL */
/* For the calls that follow. */
void pv_s3_set_deadline(pv_s3_client *client, pv_deadline deadline);

#define PV_ETAG_MAX 128
typedef struct pv_s3_object {
    char etag[PV_ETAG_MAX];       /* with its quotes, as the server gave it; "" when it is longer or missing */
    char version_id[PV_ETAG_MAX]; /* "": the bucket keeps no versions */
    char sha256[65];              /* hex, that the server stored with the whole object; "": it has none */
    int64_t size;
} pv_s3_object;

typedef enum pv_s3_outcome {
    PV_S3_DONE,
    PV_S3_NO_OBJECT,   /* 404 NoSuchKey; also 403 where the answer of a missing key is not allowed to be known */
    PV_S3_NOT_CHANGED, /* 304: its ETag is the given one */
    PV_S3_PRECONDITION /* 412, or 409 ConditionalRequestConflict: another one wrote first */
} pv_s3_outcome;

/* Read an object into `body` (emptied first, at most `most` bytes). if_none_match: an ETag or NULL.
 * `outcome` tells what is no error; all else is one: PV_E_INPUT (denied, wrong secret, no bucket: what the server said,
 * and the fix), PV_E_REMOTE (no answer before the deadline, the last cause), PV_E_MEMORY. */
pv_status pv_s3_read(pv_s3_outcome *outcome, pv_s3_object *object, pv_buffer *body, size_t most, pv_s3_client *client,
                     const char *key, const char *if_none_match, pv_error *error) PV_CHECKED;
/* Read an object into the file `path`, which appears only when its size and SHA-256 (64 hex digits; NULL: not known
 * beforehand) are right. A download that breaks off goes on where it stopped (Range, If-Match). Errors besides:
 * PV_E_OUTPUT. */
pv_status pv_s3_read_file(pv_s3_outcome *outcome, pv_s3_object *object, pv_s3_client *client, const char *key,
                          const char *path, const char *sha256, pv_error *error) PV_CHECKED;

typedef struct pv_s3_condition {
    const char *if_match;      /* ETag that it must have; NULL: any */
    const char *if_none_match; /* "*": it must not exist; NULL: it may */
} pv_s3_condition;
/* Write an object from memory (a mapped file too; up to 5 GB), with its SHA-256 signed and sent as
 * x-amz-checksum-sha256, so that a server refuses altered bytes. A write whose answer was lost is asked for again; with
 * a condition the second answer may be PV_S3_PRECONDITION though the first was done: the caller looks at what is there.
 */
pv_status pv_s3_write(pv_s3_outcome *outcome, pv_s3_object *object, pv_s3_client *client, const char *key, pv_text body,
                      const char *content_type, const pv_s3_condition *condition, pv_error *error) PV_CHECKED;
/* Size, ETag and SHA-256. */
pv_status pv_s3_look(pv_s3_outcome *outcome, pv_s3_object *object, pv_s3_client *client, const char *key,
                     pv_error *error) PV_CHECKED;
pv_status pv_s3_remove(pv_s3_client *client, const char *key,
                       pv_error *error) PV_CHECKED; /* a missing one is removed */

typedef struct pv_s3_listed {
    char *key;
    int64_t size;
    int64_t modified; /* seconds since 1970, UTC */
    char etag[PV_ETAG_MAX];
} pv_s3_listed;
typedef struct pv_s3_listing {
    pv_s3_listed *objects; /* [count] by key, bytewise */
    size_t count, capacity;
} pv_s3_listing; /* init with {0} */
/* All objects whose key begins with `prefix`, page by page (ListObjectsV2). */
pv_status pv_s3_list(pv_s3_listing *listing, pv_s3_client *client, const char *prefix, pv_error *error) PV_CHECKED;
void pv_s3_listing_deinit(pv_s3_listing *listing);

#endif
