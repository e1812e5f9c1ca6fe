/* s3_download.c - pv_s3_read_file(): an object into a file, going on where a connection broke. */
#include "base/failure.h"
#include "base/output_file.h"
#include "remote/digest.h"
#include "remote/s3_request.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct download {
    pv_s3_client *client;
    const char *key;
    pv_output_file *file;
    pv_sha256 *sha;
    pv_http_response response;
    pv_s3_object object; /* as the first answer told */
    bool is_begun;       /* `object` is known */
    int64_t received;    /* bytes in the file */
    int64_t at;          /* of the object, where the next piece of this answer belongs */
} download;

/* Where the body of a 206 begins: "bytes FIRST-LAST/SIZE" (RFC 9110 section 14.4). -1: not told. */
static int64_t range_start(const pv_http_response *response)
{
    const pv_text range = pv_http_header_of(response, "content-range");
    static const char unit[] = "bytes ";
    const size_t skipped = sizeof unit - 1;
    int64_t first = 0;
    if (range.size <= skipped || memcmp(range.data, unit, skipped) != 0) return -1;
    for (size_t i = skipped; i < range.size && range.data[i] != '-'; i++) {
        const char digit = range.data[i];
        if (digit < '0' || digit > '9' || __builtin_mul_overflow(first, 10, &first) ||
            __builtin_add_overflow(first, digit - '0', &first)) {
            return -1;
        }
    }
    return first;
}

/* The head of an answer is there: note the object at the first, compare at those that follow. A server may ignore Range
 * and send all again (200). */
static pv_status begin_answer(download *load, pv_error *error)
{
    pv_s3_object object;
    pv_s3_object_of(&object, &load->response);
    load->at = load->response.status == 206 ? range_start(&load->response) : 0;
    if (!load->is_begun) {
        load->object = object;
        load->is_begun = true;
    }
    if (load->at < 0 || load->at > load->received || strcmp(object.etag, load->object.etag) != 0) {
        return pv_fail(error, PV_E_REMOTE, "another part of the object came than was asked for");
    }
    return PV_OK;
}

static pv_status take(void *context, const char *bytes, size_t size, pv_error *error)
{
    download *load = context;
    pv_status status;
    if (load->at < 0) PV_TRY(begin_answer(load, error));
    const int64_t known = load->received - load->at;
    load->at += (int64_t)size;
    if (known >= (int64_t)size) return PV_OK;
    bytes += known;
    size -= (size_t)known;
    PV_TRY(pv_output_file_write(load->file, bytes, size, error));
    PV_TRY(pv_sha256_add(load->sha, bytes, size, error));
    load->received += (int64_t)size;
cleanup:
    return status;
}

/* Receive what is missing, try by try. A try that brought something on does not count as one that failed. */
static pv_status receive(pv_s3_outcome *outcome, download *load, pv_error *error)
{
    pv_s3_attempts attempts;
    pv_s3_attempts_begin(&attempts);
    pv_status status;
    bool is_again;
    do {
        char range[40];
        const int64_t before = load->received;
        pv_s3_request request = {.method = "GET", .key = load->key, .take = take, .take_context = load};
        pv_s3_request_add_header(&request, "x-amz-checksum-mode", "ENABLED");
        if (load->received > 0) {
            snprintf(range, sizeof range, "bytes=%" PRId64 "-", load->received);
            pv_s3_request_add_header(&request, "range", range);
            if (load->object.etag[0]) pv_s3_request_add_header(&request, "if-match", load->object.etag);
        }
        load->at = -1;
        status = pv_s3_send(outcome, &load->response, &is_again, &attempts, load->client, &request, error);
        if (load->received > before) attempts.retry.waits = 0;
    } while (status != PV_OK && is_again);
    if (status == PV_OK && *outcome == PV_S3_DONE && !load->is_begun) pv_s3_object_of(&load->object, &load->response);
    return status;
}

static pv_status check_whole(const download *load, const char *sha256, pv_error *error)
{
    unsigned char digest[PV_SHA256_SIZE];
    char hex[PV_SHA256_HEX], message[200];
    const pv_status status = pv_sha256_end(digest, load->sha, error);
    if (status != PV_OK) return status;
    pv_sha256_print(hex, digest);
    if (!sha256) sha256 = load->object.sha256;
    if (*sha256 == '\0' || strcmp(hex, sha256) == 0) return PV_OK;
    snprintf(message, sizeof message, "its SHA-256 is %s, expected %.64s", hex, sha256);
    return pv_s3_fail(error, PV_E_INPUT, load->client, load->key, message);
}

pv_status pv_s3_read_file(pv_s3_outcome *outcome, pv_s3_object *object, pv_s3_client *client, const char *key,
                          const char *path, const char *sha256, pv_error *error)
{
    download load = {.client = client, .key = key};
    pv_status status;
    PV_TRY(pv_output_file_create(&load.file, path, error));
    PV_TRY(pv_sha256_create(&load.sha, error));
    PV_TRY(receive(outcome, &load, error));
    if (*outcome == PV_S3_PRECONDITION) {
        status = pv_s3_fail(error, PV_E_REMOTE, client, key, "it was replaced while it was read");
    }
    if (status != PV_OK || *outcome != PV_S3_DONE) goto cleanup;
    PV_TRY(check_whole(&load, sha256, error));
    *object = load.object;
    object->size = load.received;
    status = pv_output_file_commit_unsynced(load.file, error);
    load.file = NULL;
cleanup:
    pv_output_file_abandon(load.file);
    pv_sha256_free(load.sha);
    pv_http_response_deinit(&load.response);
    return status;
}
