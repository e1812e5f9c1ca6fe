/* s3_request.c - see s3_request.h. */
#include "remote/s3_request.h"
#include "base/failure.h"
#include "base/timestamp.h"
#include "remote/s3_checksum.h"
#include <string.h>

#define NO_BYTES_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define RENEW_SECONDS 60     /* before credentials expire, new ones are looked for */
#define UNHEARD_TRIES_MOST 8 /* of a server that never answered: its address is wrong, more likely than not */

void pv_s3_request_add_header(pv_s3_request *request, const char *name, const char *value)
{
    request->headers[request->n_headers++] = (pv_http_header){pv_text_of(name), pv_text_of(value)};
}

void pv_s3_attempts_begin(pv_s3_attempts *attempts)
{
    *attempts = (pv_s3_attempts){0};
    pv_retry_begin(&attempts->retry);
}

static pv_status renew_credentials(pv_s3_client *client, pv_error *error)
{
    pv_credentials found = {0};
    const pv_status status = pv_credentials_find(&found, client->deadline, error);
    if (status != PV_OK) return status;
    pv_credentials_deinit(&client->credentials);
    client->credentials = found;
    return PV_OK;
}

/* "/BUCKET/KEY" or "/KEY", and the query. */
static void append_target(pv_buffer *target, const pv_s3_client *client, const pv_s3_request *request)
{
    pv_buffer path = {0};
    pv_buffer_append_string(&path, "/");
    if (client->endpoint.is_by_path) {
        pv_buffer_append_string(&path, client->bucket);
        if (*request->key) pv_buffer_append_string(&path, "/");
    }
    pv_buffer_append_string(&path, request->key);
    target->failed |= path.failed;
    if (!path.failed) {
        pv_sigv4_append_target(target, (pv_text){path.data, path.size}, request->query, request->n_query);
    }
    pv_buffer_deinit(&path);
}

static pv_status sign(pv_signature *signature, pv_text target, const char *payload_hash, const pv_s3_client *client,
                      const pv_s3_request *request, pv_error *error)
{
    pv_http_header signed_headers[PV_S3_HEADERS_MAX + 1];
    memcpy(signed_headers, request->headers, request->n_headers * sizeof *signed_headers);
    signed_headers[request->n_headers] = (pv_http_header){pv_text_of("host"), {client->host.data, client->host.size}};
    const pv_signing signing = {.credentials = &client->credentials,
                                .region = client->region,
                                .service = "s3",
                                .time = pv_clock_now() + client->clock_offset,
                                .method = request->method,
                                .target = target,
                                .headers = signed_headers,
                                .n_headers = request->n_headers + 1,
                                .payload_hash = payload_hash};
    return pv_sigv4_sign(signature, &signing, error);
}

/* Sign and send. */
static pv_status ask_signed(pv_http_response *response, pv_s3_client *client, const pv_s3_request *request,
                            pv_error *error)
{
    const char *payload_hash = request->payload_hash ? request->payload_hash : NO_BYTES_SHA256;
    pv_http_header headers[PV_S3_HEADERS_MAX + 4];
    size_t n_headers = request->n_headers;
    pv_buffer target = {0};
    pv_signature signature = {0};
    pv_status status;

    append_target(&target, client, request);
    PV_TRY(pv_check_memory(!target.failed, "request", error));
    const pv_text target_text = {target.data, target.size};
    PV_TRY(sign(&signature, target_text, payload_hash, client, request, error));
    memcpy(headers, request->headers, n_headers * sizeof *headers);
    headers[n_headers++] = (pv_http_header){pv_text_of("x-amz-date"), pv_text_of(signature.date)};
    headers[n_headers++] = (pv_http_header){pv_text_of("x-amz-content-sha256"), pv_text_of(payload_hash)};
    headers[n_headers++] =
        (pv_http_header){pv_text_of("authorization"), {signature.authorization.data, signature.authorization.size}};
    if (client->credentials.session_token) {
        headers[n_headers++] =
            (pv_http_header){pv_text_of("x-amz-security-token"), pv_text_of(client->credentials.session_token)};
    }
    const pv_http_request wire = {.method = request->method,
                                  .target = target_text,
                                  .headers = headers,
                                  .n_headers = n_headers,
                                  .body = request->body,
                                  .deadline = client->deadline,
                                  .body_max = request->body_max,
                                  .take = request->take,
                                  .take_context = request->take_context};
    status = pv_http_ask(response, client->http, &wire, error);
cleanup:
    pv_signature_deinit(&signature);
    pv_buffer_deinit(&target);
    return status;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7). */
static bool read_date(int64_t *seconds, pv_text date)
{
    const char *comma = date.size > 0 ? memchr(date.data, ',', date.size) : NULL;
    if (!comma || date.data + date.size - comma < 2) return false;
    const pv_text rest = {comma + 2, (size_t)(date.data + date.size - comma) - 2};
    return pv_timestamp_parse_format(seconds, rest, "%d %b %Y %H:%M:%S GMT");
}

static bool set_clock(pv_s3_client *client, const pv_http_response *response)
{
    int64_t now;
    if (!read_date(&now, pv_http_header_of(response, "date"))) return false;
    client->clock_offset = now - pv_clock_now();
    return true;
}

/* Make ready for another try, where one may help. */
static bool prepare_again(pv_s3_verdict verdict, pv_s3_attempts *attempts, pv_s3_client *client,
                          const pv_http_response *response)
{
    switch (verdict) {
    case PV_S3_BUSY:
        return (client->was_answered || attempts->count < UNHEARD_TRIES_MOST) &&
               pv_retry_wait(&attempts->retry, client->deadline);
    case PV_S3_SKEWED:
        if (attempts->is_clock_set) return false;
        attempts->is_clock_set = true;
        return set_clock(client, response);
    case PV_S3_EXPIRED:
        if (attempts->are_credentials_renewed) return false;
        attempts->are_credentials_renewed = true;
        return renew_credentials(client, NULL) == PV_OK;
    case PV_S3_HEARD:
    case PV_S3_REFUSED:
        break;
    }
    return false;
}

pv_status pv_s3_send(pv_s3_outcome *outcome, pv_http_response *response, bool *is_again, pv_s3_attempts *attempts,
                     pv_s3_client *client, const pv_s3_request *request, pv_error *error)
{
    pv_error cause = {0};
    *is_again = false;
    attempts->count++;
    if (client->credentials.expires - RENEW_SECONDS <= pv_clock_now()) {
        /* Where there are no new ones, the old ones may still do: the server will tell. */
        (void)renew_credentials(client, NULL);
    }
    pv_status status = ask_signed(response, client, request, &cause);
    client->was_answered |= status == PV_OK;
    const pv_s3_verdict verdict = pv_s3_judge(outcome, response, status, client, request, &cause);
    if (verdict == PV_S3_HEARD) return PV_OK;
    status = cause.status;
    *is_again = prepare_again(verdict, attempts, client, response);
    if (!*is_again && verdict == PV_S3_BUSY) {
        return pv_fail(error, status, "%s (tries: %d)", cause.message, attempts->count);
    }
    return pv_fail(error, status, "%s", cause.message);
}

pv_status pv_s3_ask(pv_s3_outcome *outcome, pv_http_response *response, pv_s3_client *client,
                    const pv_s3_request *request, pv_error *error)
{
    pv_s3_attempts attempts;
    pv_s3_attempts_begin(&attempts);
    pv_status status;
    bool is_again;
    do {
        status = pv_s3_send(outcome, response, &is_again, &attempts, client, request, error);
    } while (status != PV_OK && is_again);
    return status;
}
