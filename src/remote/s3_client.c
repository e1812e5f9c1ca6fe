/* s3_client.c - see s3_client.h. Listing is s3_listing.c, files are s3_download.c. */
#include "remote/s3_client.h"
#include "base/failure.h"
#include "base/memory.h"
#include "remote/s3_checksum.h"
#include "remote/s3_request.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSAL_SIZE ((size_t)64 << 10) /* bytes for what the server says when it refuses */

static pv_status find_server(pv_s3_client *client, const char *authorities, pv_error *error)
{
    const pv_http_settings settings = {.authorities = authorities};
    pv_status status;
    PV_TRY(pv_region_find(&client->region, error));
    PV_TRY(pv_s3_endpoint_find(&client->endpoint, client->bucket, client->region, error));
    pv_endpoint_print_host(&client->host, &client->endpoint.server);
    PV_TRY(pv_check_memory(!client->host.failed, "host name", error));
    status = pv_http_client_create(&client->http, &client->endpoint.server, &settings, error);
cleanup:
    return status;
}

pv_status pv_s3_client_create(pv_s3_client **client, const char *bucket, const char *authorities, pv_deadline deadline,
                              pv_error *error)
{
    pv_status status;
    pv_s3_client *created = calloc(1, sizeof *created);
    PV_TRY(pv_check_memory(created != NULL, "client of S3", error));
    created->deadline = deadline;
    const size_t size = strlen(bucket);
    if (size >= sizeof created->bucket) {
        status = pv_fail(error, PV_E_USAGE, "%.80s: no name of a bucket", bucket);
        goto cleanup;
    }
    memcpy(created->bucket, bucket, size + 1);
    PV_TRY(find_server(created, authorities, error));
    PV_TRY(pv_credentials_find(&created->credentials, deadline, error));
    *client = created;
    created = NULL;
cleanup:
    pv_s3_client_free(created);
    return status;
}

void pv_s3_client_free(pv_s3_client *client)
{
    if (!client) return;
    pv_http_client_free(client->http);
    pv_credentials_deinit(&client->credentials);
    pv_buffer_deinit(&client->host);
    free(client->region);
    free(client);
}

void pv_s3_set_deadline(pv_s3_client *client, pv_deadline deadline)
{
    client->deadline = deadline;
}

pv_status pv_s3_read(pv_s3_outcome *outcome, pv_s3_object *object, pv_buffer *body, size_t most, pv_s3_client *client,
                     const char *key, const char *if_none_match, pv_error *error)
{
    pv_http_response response = {0};
    pv_s3_request request = {.method = "GET", .key = key, .body_max = most > REFUSAL_SIZE ? most : REFUSAL_SIZE};
    pv_status status;
    if (if_none_match) pv_s3_request_add_header(&request, "if-none-match", if_none_match);
    body->size = 0;
    PV_TRY(pv_s3_ask(outcome, &response, client, &request, error));
    if (*outcome != PV_S3_DONE) goto cleanup;
    if (response.body.size > most) {
        char message[64];
        snprintf(message, sizeof message, "larger than %zu bytes", most);
        status = pv_s3_fail(error, PV_E_INPUT, client, key, message);
        goto cleanup;
    }
    pv_s3_object_of(object, &response);
    object->size = (int64_t)response.body.size;
    pv_buffer_deinit(body);
    *body = response.body;
    response.body = (pv_buffer){0};
cleanup:
    pv_http_response_deinit(&response);
    return status;
}

pv_status pv_s3_write(pv_s3_outcome *outcome, pv_s3_object *object, pv_s3_client *client, const char *key, pv_text body,
                      const char *content_type, const pv_s3_condition *condition, pv_error *error)
{
    unsigned char digest[PV_SHA256_SIZE];
    char hex[PV_SHA256_HEX], checksum[PV_S3_CHECKSUM_SIZE];
    pv_http_response response = {0};
    if (!body.data) body.data = ""; /* an object of no bytes has a Content-Length, too */
    pv_s3_request request = {.method = "PUT", .key = key, .body = body, .payload_hash = hex};
    pv_status status;
    PV_TRY(pv_sha256_of(digest, body, error));
    pv_sha256_print(hex, digest);
    pv_s3_checksum_print(checksum, digest);
    pv_s3_request_add_header(&request, "x-amz-checksum-sha256", checksum);
    if (content_type) pv_s3_request_add_header(&request, "content-type", content_type);
    if (condition && condition->if_match) pv_s3_request_add_header(&request, "if-match", condition->if_match);
    if (condition && condition->if_none_match) {
        pv_s3_request_add_header(&request, "if-none-match", condition->if_none_match);
    }
    PV_TRY(pv_s3_ask(outcome, &response, client, &request, error));
    if (*outcome != PV_S3_DONE) goto cleanup;
    pv_s3_object_of(object, &response);
    object->size = (int64_t)body.size;
cleanup:
    pv_http_response_deinit(&response);
    return status;
}

/* The answer to HEAD has no body, so a refusal has no words, and neither a wrong clock nor old credentials can be told
 * from it. Asking for the first byte gets the words, or mends what was wrong. */
static pv_status hear_refusal(pv_s3_client *client, const char *key, pv_error *error)
{
    pv_s3_outcome outcome;
    pv_http_response response = {0};
    pv_s3_request request = {.method = "GET", .key = key};
    pv_s3_request_add_header(&request, "range", "bytes=0-0");
    const pv_status status = pv_s3_ask(&outcome, &response, client, &request, error);
    pv_http_response_deinit(&response);
    return status;
}

pv_status pv_s3_look(pv_s3_outcome *outcome, pv_s3_object *object, pv_s3_client *client, const char *key,
                     pv_error *error)
{
    pv_http_response response = {0};
    pv_s3_request request = {.method = "HEAD", .key = key};
    pv_s3_request_add_header(&request, "x-amz-checksum-mode", "ENABLED");
    pv_status status = pv_s3_ask(outcome, &response, client, &request, error);
    if (status == PV_E_INPUT) {
        PV_TRY(hear_refusal(client, key, error));
        status = pv_s3_ask(outcome, &response, client, &request, error);
    }
    if (status == PV_OK && *outcome == PV_S3_DONE) pv_s3_object_of(object, &response);
cleanup:
    pv_http_response_deinit(&response);
    return status;
}

pv_status pv_s3_remove(pv_s3_client *client, const char *key, pv_error *error)
{
    pv_s3_outcome outcome;
    pv_http_response response = {0};
    const pv_s3_request request = {.method = "DELETE", .key = key};
    const pv_status status = pv_s3_ask(&outcome, &response, client, &request, error);
    pv_http_response_deinit(&response);
    return status;
}
