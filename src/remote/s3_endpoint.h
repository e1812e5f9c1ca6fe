/* s3_endpoint.h - which server keeps a bucket, and whether the bucket is named in the host or in the path. */
#ifndef PV_S3_ENDPOINT_H
#define PV_S3_ENDPOINT_H

#include "remote/endpoint.h"

typedef struct pv_s3_endpoint {
    pv_endpoint server;
    bool is_by_path; /* http://HOST/BUCKET/KEY; else https://BUCKET.s3.REGION.amazonaws.com/KEY */
} pv_s3_endpoint;

/* AWS_ENDPOINT_URL_S3, then AWS_ENDPOINT_URL, else AWS's own server of the region. An empty variable is none.
 * Errors: PV_E_USAGE (an address that is none: the message names the variable; a region that is no name). */
pv_status pv_s3_endpoint_find(pv_s3_endpoint *endpoint, const char *bucket, const char *region,
                              pv_error *error) PV_CHECKED;

#endif
