/* s3_request.h - one request to a bucket: signed when it is sent, judged by its answer, sent again while that helps. */
#ifndef PV_S3_REQUEST_H
#define PV_S3_REQUEST_H

#include "remote/credentials.h"
#include "remote/retry.h"
#include "remote/s3_client.h"
#include "remote/s3_endpoint.h"
#include "remote/s3_xml.h"
#include "remote/sigv4.h"

struct pv_s3_client {
    char bucket[64];
    char *region;
    pv_s3_endpoint endpoint;
    pv_buffer host; /* value of the header Host */
    pv_http_client *http;
    pv_credentials credentials;
    int64_t clock_offset; /* seconds that the server's clock is ahead of ours, once it complained */
    bool was_answered;    /* by this server, ever */
    pv_deadline deadline;
};

#define PV_S3_HEADERS_MAX 4

/* Everything is borrowed. */
typedef struct pv_s3_request {
    const char *method;
    const char *key; /* "": the bucket itself */
    const pv_query_pair *query;
    size_t n_query;
    pv_http_header headers[PV_S3_HEADERS_MAX]; /* [n_headers] besides those of the signature; names in lower case */
    size_t n_headers;
    pv_text body;             /* data NULL: none */
    const char *payload_hash; /* hex SHA-256 of the body; NULL: of none */
    size_t body_max;          /* as in pv_http_request, with `take` */
    pv_status (*take)(void *context, const char *bytes, size_t size, pv_error *error);
    void *take_context;
} pv_s3_request;

void pv_s3_request_add_header(pv_s3_request *request, const char *name, const char *value);

typedef enum pv_s3_verdict {
    PV_S3_HEARD,   /* an answer that is an outcome: status 2xx, 304, 412, a missing object */
    PV_S3_REFUSED, /* final: error tells */
    PV_S3_BUSY,    /* ask again after a while */
    PV_S3_SKEWED,  /* the server's clock differs from the one signed by */
    PV_S3_EXPIRED  /* the credentials are too old */
} pv_s3_verdict;

/* What one answer or its absence means. `status`, `error`: of pv_http_ask(). Writes error unless PV_S3_HEARD. */
pv_s3_verdict pv_s3_judge(pv_s3_outcome *outcome, const pv_http_response *response, pv_status status,
                          const pv_s3_client *client, const pv_s3_request *request, pv_error *error);

/* The tries of one request. Init by pv_s3_attempts_begin(). */
typedef struct pv_s3_attempts {
    pv_retry retry;
    int count;
    bool is_clock_set, are_credentials_renewed; /* each helps once */
} pv_s3_attempts;
void pv_s3_attempts_begin(pv_s3_attempts *attempts);

/* Send once. PV_OK: heard. Else error tells, and *is_again whether another try is worth it, for which everything is
 * prepared then (waited, clock set, credentials found). */
pv_status pv_s3_send(pv_s3_outcome *outcome, pv_http_response *response, bool *is_again, pv_s3_attempts *attempts,
                     pv_s3_client *client, const pv_s3_request *request, pv_error *error) PV_CHECKED;
/* Send until there is an outcome or no hope. */
pv_status pv_s3_ask(pv_s3_outcome *outcome, pv_http_response *response, pv_s3_client *client,
                    const pv_s3_request *request, pv_error *error) PV_CHECKED;

/* ETag, version and checksum of the answer's object; size as Content-Length says (0: it does not). */
void pv_s3_object_of(pv_s3_object *object, const pv_http_response *response);
/* "s3://BUCKET/KEY: ..." in front of the message. */
pv_status pv_s3_fail(pv_error *error, pv_status status, const pv_s3_client *client, const char *key,
                     const char *message);

#endif
