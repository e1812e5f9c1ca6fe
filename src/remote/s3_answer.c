/* s3_answer.c - what an answer of S3 means: pv_s3_judge() of s3_request.h, and the line that tells a person what to do.
 *
 * Source:   "Error responses", Amazon S3 API Reference. */
#include "base/failure.h"
#include "base/timestamp.h"
#include "remote/s3_checksum.h"
#include "remote/s3_request.h"
#include <stdio.h>
#include <string.h>

#define ADVICE_SIZE 160
#define TELLING_KEY_SIZE 160 /* bytes of a key in a message */

static bool is_code(const pv_s3_fault *fault, const char *const *codes)
{
    for (; *codes; codes++) {
        if (strcmp(fault->code, *codes) == 0) return true;
    }
    return false;
}

static const char *const busy_codes[] = {"InternalError",    "ServiceUnavailable",   "SlowDown",
                                         "OperationAborted", "RequestTimeout",       "RequestTimeoutException",
                                         "Throttling",       "RequestLimitExceeded", "BandwidthLimitExceeded",
                                         "TooManyRequests",  "ThrottlingException",  NULL};
static const char *const expired_codes[] = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", NULL};
static const char *const missing_codes[] = {"NoSuchKey", "NoSuchVersion", NULL};

static bool is_busy(int status, const pv_s3_fault *fault)
{
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504 ||
           is_code(fault, busy_codes);
}

static bool is_head(const pv_s3_request *request)
{
    return strcmp(request->method, "HEAD") == 0;
}

/* An answer that is no failure. A missing key is answered by 403 to who may not list the bucket; AWS then names the
 * right that is missing. */
static bool read_outcome(pv_s3_outcome *outcome, int status, const pv_s3_fault *fault, const pv_s3_request *request)
{
    const bool is_missing = status == 404 && (is_head(request) || is_code(fault, missing_codes));
    const bool is_hidden = status == 403 && *request->key && strcmp(fault->code, "AccessDenied") == 0 &&
                           strstr(fault->message, "s3:ListBucket") != NULL;
    if (status >= 200 && status < 300) {
        *outcome = PV_S3_DONE;
    } else if (status == 304) {
        *outcome = PV_S3_NOT_CHANGED;
    } else if (status == 412 || (status == 409 && strcmp(fault->code, "ConditionalRequestConflict") == 0)) {
        *outcome = PV_S3_PRECONDITION;
    } else if (is_missing || is_hidden) {
        *outcome = PV_S3_NO_OBJECT;
    } else {
        return false;
    }
    return true;
}

static const char *needed_right(const pv_s3_request *request)
{
    if (!*request->key) return "s3:ListBucket";
    if (strcmp(request->method, "PUT") == 0) return "s3:PutObject";
    if (strcmp(request->method, "DELETE") == 0) return "s3:DeleteObject";
    return "s3:GetObject (and s3:ListBucket: without it a missing object is denied too)";
}

/* What to do about it; "" where nothing better than the server's words is known. */
static void advise(char advice[ADVICE_SIZE], const pv_s3_fault *fault, const pv_s3_client *client,
                   const pv_s3_request *request)
{
    const bool is_environment = client->credentials.source && strcmp(client->credentials.source, "environment") == 0;
    const char *code = fault->code;
    advice[0] = '\0';
    if (strcmp(code, "SignatureDoesNotMatch") == 0) {
        snprintf(advice, ADVICE_SIZE, ": check %s", is_environment ? "AWS_SECRET_ACCESS_KEY" : "the secret access key");
    } else if (strcmp(code, "InvalidAccessKeyId") == 0) {
        snprintf(advice, ADVICE_SIZE, ": check %s", is_environment ? "AWS_ACCESS_KEY_ID" : "the access key");
    } else if (strcmp(code, "InvalidToken") == 0) {
        snprintf(advice, ADVICE_SIZE, ": check %s", is_environment ? "AWS_SESSION_TOKEN" : "the session token");
    } else if (is_code(fault, expired_codes)) {
        snprintf(advice, ADVICE_SIZE, ": get new credentials%s", is_environment ? " (AWS_SESSION_TOKEN)" : "");
    } else if (strcmp(code, "RequestTimeTooSkewed") == 0) {
        snprintf(advice, ADVICE_SIZE, ": set this machine's clock");
    } else if (strcmp(code, "AccessDenied") == 0) {
        snprintf(advice, ADVICE_SIZE, ": allow %s", needed_right(request));
    } else if (strcmp(code, "NoSuchBucket") == 0) {
        snprintf(advice, ADVICE_SIZE, ": check the bucket's name");
    } else if (fault->region[0] && strcmp(fault->region, client->region) != 0) {
        snprintf(advice, ADVICE_SIZE, ": the bucket is in another region: set AWS_REGION=%s", fault->region);
    }
}

pv_status pv_s3_fail(pv_error *error, pv_status status, const pv_s3_client *client, const char *key,
                     const char *message)
{
    return pv_fail(error, status, "s3://%s/%.*s%s: %s", client->bucket, TELLING_KEY_SIZE, key,
                   strlen(key) > TELLING_KEY_SIZE ? "..." : "", message);
}

static void tell(pv_status status, int http_status, const pv_s3_fault *fault, const pv_s3_client *client,
                 const pv_s3_request *request, pv_error *error)
{
    char advice[ADVICE_SIZE], message[sizeof fault->code + sizeof fault->message + ADVICE_SIZE + 32];
    advise(advice, fault, client, request);
    if (!fault->code[0]) {
        snprintf(message, sizeof message, "status %d without an error of S3%s", http_status, advice);
    } else if (!fault->message[0]) {
        snprintf(message, sizeof message, "%s%s", fault->code, advice);
    } else {
        snprintf(message, sizeof message, "%s: %s%s", fault->code, fault->message, advice);
    }
    (void)pv_s3_fail(error, status, client, request->key, message);
}

/* Asking again does not mend an answer that is no HTTP, an authority that is not trusted, or a failure on this side. */
static pv_s3_verdict judge_silence(pv_http_failure failure, pv_status status, const pv_s3_client *client,
                                   const pv_s3_request *request, pv_error *error)
{
    (void)pv_s3_fail(error, status, client, request->key, error->message);
    const bool is_busy_then = status == PV_E_REMOTE && (failure == PV_HTTP_NOT_SENT || failure == PV_HTTP_TIMED_OUT ||
                                                        failure == PV_HTTP_CUT_SHORT);
    return is_busy_then ? PV_S3_BUSY : PV_S3_REFUSED;
}

pv_s3_verdict pv_s3_judge(pv_s3_outcome *outcome, const pv_http_response *response, pv_status status,
                          const pv_s3_client *client, const pv_s3_request *request, pv_error *error)
{
    if (status != PV_OK) return judge_silence(response->failure, status, client, request, error);
    pv_s3_fault fault = {0};
    if (response->status >= 300) pv_s3_fault_read(&fault, (pv_text){response->body.data, response->body.size});
    if (read_outcome(outcome, response->status, &fault, request)) return PV_S3_HEARD;

    const pv_text region = pv_http_header_of(response, "x-amz-bucket-region");
    if (region.size > 0 && region.size < sizeof fault.region) {
        memcpy(fault.region, region.data, region.size);
        fault.region[region.size] = '\0';
    }
    const bool is_late = is_busy(response->status, &fault);
    tell(is_late ? PV_E_REMOTE : PV_E_INPUT, response->status, &fault, client, request, error);
    if (is_late) return PV_S3_BUSY;
    if (strcmp(fault.code, "RequestTimeTooSkewed") == 0) return PV_S3_SKEWED;
    return is_code(&fault, expired_codes) ? PV_S3_EXPIRED : PV_S3_REFUSED;
}

static void copy_header(char field[PV_ETAG_MAX], const pv_http_response *response, const char *name)
{
    const pv_text value = pv_http_header_of(response, name);
    const size_t size = value.size < PV_ETAG_MAX ? value.size : 0;
    if (size > 0) memcpy(field, value.data, size);
    field[size] = '\0';
}

static int64_t read_length(const pv_http_response *response)
{
    const pv_text length = pv_http_header_of(response, "content-length");
    int64_t size = 0;
    for (size_t i = 0; i < length.size; i++) {
        const char digit = length.data[i];
        if (digit < '0' || digit > '9' || __builtin_mul_overflow(size, 10, &size) ||
            __builtin_add_overflow(size, digit - '0', &size)) {
            return 0;
        }
    }
    return size;
}

void pv_s3_object_of(pv_s3_object *object, const pv_http_response *response)
{
    unsigned char digest[PV_SHA256_SIZE];
    *object = (pv_s3_object){.size = read_length(response)};
    copy_header(object->etag, response, "etag");
    copy_header(object->version_id, response, "x-amz-version-id");
    if (pv_s3_checksum_read(digest, pv_http_header_of(response, "x-amz-checksum-sha256"))) {
        pv_sha256_print(object->sha256, digest);
    }
}
