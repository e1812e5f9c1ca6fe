/* credentials_endpoint.c - see credentials_endpoint.h. */
#include "remote/credentials_endpoint.h"

#include "base/failure.h"
#include "base/json_reader.h"
#include "base/timestamp.h"
#include "remote/http_client.h"
#include "remote/retry.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DOCUMENT_MAX 65536      /* bytes */
#define MEMBERS_MAX 100         /* of the document */
#define AUTHORIZATION_MAX 65536 /* bytes of a container's token */
#define RETRIES_MAX 2           /* of a container; as botocore does */
#define SESSION_SECONDS "21600" /* with the metadata of an instance */

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && value[0];
}

static void clear_response(pv_http_response *response)
{
    pv_secret_buffer_deinit(&response->body);
    pv_http_response_deinit(response);
}

/* --- the document ------------------------------------------------------------------------------------------------- */

static pv_status take_text(char **kept, const pv_json_node *node, pv_error *error)
{
    pv_text text;
    const pv_status status = pv_json_read_text(&text, node, 1, DOCUMENT_MAX, error);
    if (status != PV_OK) return status;
    pv_secret_free(*kept);
    *kept = strndup(text.data, text.size);
    explicit_bzero((char *)(uintptr_t)text.data, text.size); /* the document, which is ours, has no other use for it */
    return pv_check_memory(*kept != NULL, "credentials", error);
}

static pv_status take_member(pv_credentials *credentials, const pv_json_node *node, pv_error *error)
{
    pv_text text;
    if (pv_json_is_null(node)) return PV_OK;
    if (pv_text_equal(node->key, pv_text_of("AccessKeyId"))) return take_text(&credentials->access_key, node, error);
    if (pv_text_equal(node->key, pv_text_of("SecretAccessKey")))
        return take_text(&credentials->secret_key, node, error);
    if (pv_text_equal(node->key, pv_text_of("Token"))) return take_text(&credentials->session_token, node, error);
    if (!pv_text_equal(node->key, pv_text_of("Expiration"))) return PV_OK;
    const pv_status status = pv_json_read_text(&text, node, 1, 64, error);
    if (status != PV_OK) return status;
    return pv_timestamp_parse(&credentials->expires, text) ? PV_OK
                                                           : pv_json_fail(error, node, "expected a time (ISO 8601)");
}

static pv_status take_members(pv_credentials *credentials, const pv_json_node *root, pv_error *error)
{
    pv_status status;
    int64_t n = 0;
    pv_json_node members[MEMBERS_MAX];
    PV_TRY(pv_json_object_size(&n, root, MEMBERS_MAX, error));
    PV_TRY(pv_json_object_entries(members, root, n, error));
    for (int64_t k = 0; k < n; k++) PV_TRY(take_member(credentials, &members[k], error));
cleanup:
    return status;
}

/* The message of a JSON fault may quote what was sent, so it is not handed on. */
pv_status pv_credentials_read(pv_credentials *credentials, const char *where, pv_text json, pv_error *error)
{
    pv_json_document *document = NULL;
    pv_credentials_deinit(credentials);
    credentials->expires = INT64_MAX;
    pv_status status = pv_json_document_parse(&document, json, NULL);
    if (status == PV_OK) {
        const pv_json_node root = pv_json_document_root(document);
        status = take_members(credentials, &root, NULL);
    }
    pv_json_document_free(document);
    if (status == PV_OK && credentials->access_key && credentials->secret_key) return PV_OK;
    pv_credentials_deinit(credentials);
    if (status == PV_E_MEMORY) return pv_fail_memory(error, "credentials", json.size);
    return pv_fail(error, PV_E_INPUT, "%s: expected JSON with AccessKeyId, SecretAccessKey, Token and Expiration",
                   where);
}

/* --- a container -------------------------------------------------------------------------------------------------- */

static pv_status check_answer(const pv_http_response *response, const char *where, pv_error *error)
{
    if (response->status == 200) return PV_OK;
    return pv_fail(error, response->status >= 500 || response->status == 429 ? PV_E_REMOTE : PV_E_INPUT,
                   "%s: answered status %d", where, response->status);
}

/* From its file, which EKS replaces while the program runs, or from the environment. Empty: there is none. */
static pv_status read_token(pv_buffer *token, pv_error *error)
{
    static const char variable[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    const char *path = getenv(variable), *given = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (!path || !path[0]) {
        if (given) pv_buffer_append_string(token, given);
        return pv_check_memory(!token->failed, "a token", error);
    }
    const pv_status status = pv_secret_file_read(token, path, AUTHORIZATION_MAX, error);
    if (status != PV_OK) return status;
    while (token->size && (token->data[token->size - 1] == '\n' || token->data[token->size - 1] == '\r')) token->size--;
    return token->size ? PV_OK : pv_fail(error, PV_E_INPUT, "%s: %s: no such file, or an empty one", variable, path);
}

/* By address, in any notation. */
static bool is_near(const char *host)
{
    static const unsigned char loopback[16] = {[15] = 1};
    static const unsigned char eks[16] = {0xfd, 0x00, 0x0e, 0xc2, [15] = 0x23};
    unsigned char four[4], six[16];
    if (inet_pton(AF_INET, host, four) == 1)
        return four[0] == 127 ||
               (four[0] == 169 && four[1] == 254 && four[2] == 170 && (four[3] == 2 || four[3] == 23));
    if (inet_pton(AF_INET6, host, six) == 1)
        return memcmp(six, loopback, sizeof six) == 0 || memcmp(six, eks, sizeof six) == 0;
    return strcasecmp(host, "localhost") == 0;
}

static pv_status container_address(pv_endpoint *endpoint, pv_text *path, pv_error *error)
{
    const char *relative = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
               *full = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative && relative[0]) {
        *path = pv_text_of(relative);
        if (relative[0] != '/')
            return pv_fail(error, PV_E_INPUT,
                           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: expected a path that begins with /");
        return pv_endpoint_parse(endpoint, NULL, "http://169.254.170.2", error);
    }
    const pv_status status = pv_endpoint_parse(endpoint, path, full, error);
    if (status == PV_E_USAGE)
        return pv_fail(error, PV_E_INPUT, "AWS_CONTAINER_CREDENTIALS_FULL_URI: expected http(s)://HOST/PATH");
    if (status != PV_OK || endpoint->is_tls || is_near(endpoint->host)) return status;
    return pv_fail(error, PV_E_INPUT,
                   "AWS_CONTAINER_CREDENTIALS_FULL_URI: %s: expected https, or an address of this machine",
                   endpoint->host);
}

static pv_status ask_container(pv_credentials *credentials, pv_http_client *client, const pv_http_request *request,
                               pv_error *error)
{
    static const char where[] = "credentials of the container";
    pv_status status;
    pv_http_response response = {0};
    PV_TRY(pv_http_ask(&response, client, request, error));
    PV_TRY(check_answer(&response, where, error));
    PV_TRY(pv_credentials_read(credentials, where, (pv_text){response.body.data, response.body.size}, error));
    credentials->source = "container";
cleanup:
    clear_response(&response);
    return status;
}

pv_status pv_container_credentials(pv_credentials *credentials, bool *found, pv_deadline deadline, pv_error *error)
{
    static const pv_http_settings settings = {.connect_seconds = 2, .idle_seconds = 5};
    pv_status status;
    pv_endpoint endpoint;
    pv_text path;
    pv_retry retry;
    pv_buffer token = {0};
    pv_http_client *client = NULL;
    *found = is_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || is_set("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!*found) return PV_OK;
    PV_TRY(read_token(&token, error));
    PV_TRY(container_address(&endpoint, &path, error));
    PV_TRY(pv_http_client_create(&client, &endpoint, &settings, error));
    const pv_http_header authorization = {pv_text_of("Authorization"), {token.data, token.size}};
    const pv_http_request request = {.method = "GET",
                                     .target = path.size ? path : pv_text_of("/"),
                                     .headers = &authorization,
                                     .n_headers = token.size ? 1 : 0,
                                     .deadline = deadline,
                                     .body_max = DOCUMENT_MAX};
    pv_retry_begin(&retry);
    do status = ask_container(credentials, client, &request, error);
    while (status == PV_E_REMOTE && retry.waits < RETRIES_MAX && pv_retry_wait(&retry, deadline));
cleanup:
    pv_secret_buffer_deinit(&token);
    pv_http_client_free(client);
    return status;
}

/* --- an instance -------------------------------------------------------------------------------------------------- */

typedef struct metadata {
    pv_http_client *client;
    char token[1024]; /* of the session; "": there is none */
    pv_deadline deadline;
} metadata;

/* The first line of a body, which becomes part of a header or of a path. */
static bool take_line(char *line, size_t size, const pv_http_response *response)
{
    const pv_buffer *body = &response->body;
    size_t n = 0;
    while (n < body->size && body->data[n] > ' ' && body->data[n] < 127) n++;
    if (response->status != 200 || n == 0 || n >= size) return false;
    memcpy(line, body->data, n);
    line[n] = '\0';
    return true;
}

static pv_status ask_metadata(pv_http_response *response, const metadata *m, const char *method, const char *target,
                              const pv_http_header *header, pv_error *error)
{
    const pv_http_request request = {.method = method,
                                     .target = pv_text_of(target),
                                     .headers = header,
                                     .n_headers = 1,
                                     .deadline = m->deadline,
                                     .body_max = DOCUMENT_MAX};
    return pv_http_ask(response, m->client, &request, error);
}

static pv_status open_session(metadata *m, pv_error *error)
{
    pv_http_response response = {0};
    const pv_http_header seconds = {pv_text_of("X-aws-ec2-metadata-token-ttl-seconds"), pv_text_of(SESSION_SECONDS)};
    m->token[0] = '\0';
    pv_status status = ask_metadata(&response, m, "PUT", "/latest/api/token", &seconds, error);
    if (status == PV_OK && !take_line(m->token, sizeof m->token, &response))
        status = pv_fail(error, PV_E_REMOTE, "metadata of the instance: no session (status %d)", response.status);
    clear_response(&response);
    return status;
}

/* A session that has ended (401) is opened anew, once. */
static pv_status read_metadata(pv_http_response *response, metadata *m, const char *target, pv_error *error)
{
    pv_status status;
    for (int k = 0; k < 2; k++) {
        if (k > 0) PV_TRY(open_session(m, error));
        const pv_http_header token = {pv_text_of("X-aws-ec2-metadata-token"), pv_text_of(m->token)};
        PV_TRY(ask_metadata(response, m, "GET", target, &token, error));
        if (response->status != 401) break;
    }
cleanup:
    return status;
}

#define ROLES "/latest/meta-data/iam/security-credentials/"

/* *found stays false when the instance has no role. */
static pv_status read_role(pv_credentials *credentials, bool *found, metadata *m, pv_error *error)
{
    static const char where[] = "credentials of the instance";
    pv_status status;
    char role[256], target[sizeof ROLES + sizeof role];
    pv_http_response response = {0};
    PV_TRY(read_metadata(&response, m, ROLES, error));
    if (response.status == 404) goto cleanup;
    PV_TRY(check_answer(&response, where, error));
    if (!take_line(role, sizeof role, &response)) goto cleanup;
    (void)snprintf(target, sizeof target, ROLES "%s", role);
    PV_TRY(read_metadata(&response, m, target, error));
    PV_TRY(check_answer(&response, where, error));
    PV_TRY(pv_credentials_read(credentials, where, (pv_text){response.body.data, response.body.size}, error));
    credentials->source = "instance";
    *found = true;
cleanup:
    clear_response(&response);
    return status;
}

static pv_status instance_address(pv_endpoint *endpoint, pv_error *error)
{
    static const char variable[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    const char *address = is_set(variable) ? getenv(variable) : "http://169.254.169.254";
    const pv_status status = pv_endpoint_parse(endpoint, NULL, address, error);
    return status == PV_E_USAGE ? pv_fail(error, PV_E_INPUT, "%s: expected http://HOST", variable) : status;
}

pv_status pv_instance_credentials(pv_credentials *credentials, bool *found, pv_deadline deadline, pv_error *error)
{
    static const pv_http_settings settings = {.connect_seconds = 1, .idle_seconds = 1};
    pv_status status;
    pv_endpoint endpoint;
    metadata m = {.deadline = pv_deadline_sooner(deadline, pv_deadline_in(5))};
    const char *disabled = getenv("AWS_EC2_METADATA_DISABLED");
    *found = false;
    if (disabled && strcasecmp(disabled, "true") == 0) return PV_OK;
    PV_TRY(instance_address(&endpoint, error));
    PV_TRY(pv_http_client_create(&m.client, &endpoint, &settings, error));
    status = open_session(&m, error);
    if (status == PV_E_REMOTE)
        status = PV_OK; /* no instance, as far as can be told */
    else if (status == PV_OK)
        status = read_role(credentials, found, &m, error);
cleanup:
    explicit_bzero(m.token, sizeof m.token);
    pv_http_client_free(m.client);
    return status;
}
