/* s3_endpoint.c - see s3_endpoint.h. */
#include "remote/s3_endpoint.h"
#include "base/failure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTPS_PORT 443

static const char *find_url(const char **variable)
{
    static const char *const variables[] = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *url = getenv(variables[i]);
        if (url && *url) {
            *variable = variables[i];
            return url;
        }
    }
    return NULL;
}

/* It becomes part of a host name. */
static bool is_region(const char *region)
{
    const size_t size = strlen(region);
    return size > 0 && size <= 32 && strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static void name_server_of_aws(pv_endpoint *server, const char *bucket, const char *region)
{
    const char *suffix = strncmp(region, "cn-", 3) == 0 ? ".cn" : "";
    *server = (pv_endpoint){.is_tls = true, .port = HTTPS_PORT};
    snprintf(server->host, sizeof server->host, "%s.s3.%s.amazonaws.com%s", bucket, region, suffix);
}

pv_status pv_s3_endpoint_find(pv_s3_endpoint *endpoint, const char *bucket, const char *region, pv_error *error)
{
    if (!is_region(region)) return pv_fail(error, PV_E_USAGE, "%.64s: no name of a region of AWS", region);
    const char *variable, *url = find_url(&variable);
    *endpoint = (pv_s3_endpoint){.is_by_path = url != NULL};
    if (!url) {
        name_server_of_aws(&endpoint->server, bucket, region);
        return PV_OK;
    }
    pv_error cause;
    const pv_status status = pv_endpoint_parse(&endpoint->server, NULL, url, &cause);
    if (status != PV_OK) return pv_fail(error, status, "%s: %s", variable, cause.message);
    return PV_OK;
}
