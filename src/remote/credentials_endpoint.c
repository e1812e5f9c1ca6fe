/* credentials_endpoint.c - see credentials_endpoint.h. */
#include "remote/credentials_endpoint.h"

#include "base/failure.h"
#include "base/json_reader.h"
#include "base/timestamp.h"
#include "remote/http_client.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DOCUMENT_MAX 65536  /* bytes */
#define MEMBERS_MAX 100     /* of the document */
#define INSTANCE_SECONDS 1. /* to connect: where there is no metadata service nothing answers */
#define TOKEN_SECONDS "21600"

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && value[0];
}

static void clear_response(pv_http_response *response)
{
    if (response->body.data) explicit_bzero(response->body.data, response->body.size);
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

/* --- asking ------------------------------------------------------------------------------------------------------- */

static pv_status check_answer(const pv_http_response *response, const char *where, pv_error *error)
{
    if (response->status == 200) return PV_OK;
    return pv_fail(error, response->status >= 500 ? PV_E_REMOTE : PV_E_INPUT, "%s: answered status %d", where,
                   response->status);
}

/* A file of one line: EKS replaces it while the program runs. */
static pv_status read_token(char *token, size_t size, pv_error *error)
{
    const char *path = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
               *given = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    token[0] = '\0';
    if (path && path[0]) {
        FILE *file = fopen(path, "re");
        const size_t n = file ? fread(token, 1, size - 1, file) : 0;
        if (file) (void)fclose(file);
        token[n] = '\0';
        token[strcspn(token, "\r\n")] = '\0';
        if (!token[0])
            return pv_fail(error, PV_E_INPUT, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: %s: cannot be read, or is empty",
                           path);
    } else if (given && snprintf(token, size, "%s", given) >= (int)size) {
        return pv_fail(error, PV_E_INPUT, "AWS_CONTAINER_AUTHORIZATION_TOKEN: longer than %zu bytes", size - 1);
    }
    return PV_OK;
}

static bool is_near(const pv_endpoint *endpoint)
{
    static const char *const hosts[] = {"localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    for (size_t k = 0; k < sizeof hosts / sizeof *hosts; k++)
        if (strcasecmp(endpoint->host, hosts[k]) == 0) return true;
    int last[3], used = 0; /* 127.0.0.0/8, as an address and not as the beginning of a name */
    return sscanf(endpoint->host, "127.%3d.%3d.%3d%n", &last[0], &last[1], &last[2], &used) == 3 &&
           endpoint->host[used] == '\0';
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
    if (status != PV_OK || endpoint->is_tls || is_near(endpoint)) return status;
    return pv_fail(error, PV_E_INPUT,
                   "AWS_CONTAINER_CREDENTIALS_FULL_URI: %s: expected https, or an address of this machine",
                   endpoint->host);
}

pv_status pv_container_credentials(pv_credentials *credentials, bool *found, pv_deadline deadline, pv_error *error)
{
    static const char where[] = "credentials of the container";
    pv_status status;
    pv_endpoint endpoint;
    pv_text path;
    char token[16384];
    pv_http_client *client = NULL;
    pv_http_response response = {0};
    *found = is_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || is_set("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!*found) return PV_OK;
    PV_TRY(read_token(token, sizeof token, error));
    PV_TRY(container_address(&endpoint, &path, error));
    PV_TRY(pv_http_client_create(&client, &endpoint, &(pv_http_settings){.connect_seconds = 2}, error));
    const pv_http_header authorization = {pv_text_of("Authorization"), pv_text_of(token)};
    const pv_http_request request = {.method = "GET",
                                     .target = path.size ? path : pv_text_of("/"),
                                     .headers = &authorization,
                                     .n_headers = token[0] ? 1 : 0,
                                     .deadline = deadline,
                                     .body_max = DOCUMENT_MAX};
    PV_TRY(pv_http_ask(&response, client, &request, error));
    PV_TRY(check_answer(&response, where, error));
    PV_TRY(pv_credentials_read(credentials, where, (pv_text){response.body.data, response.body.size}, error));
    credentials->source = "container";
cleanup:
    explicit_bzero(token, sizeof token);
    clear_response(&response);
    pv_http_client_free(client);
    return status;
}

/* --- an instance -------------------------------------------------------------------------------------------------- */

typedef struct metadata {
    pv_http_client *client;
    char token[1024]; /* of the session */
    pv_deadline deadline;
} metadata;

static pv_status ask_metadata(pv_http_response *response, const metadata *m, const char *method, const char *target,
                              pv_error *error)
{
    const bool is_first = m->token[0] == '\0';
    const pv_http_header header = {
        pv_text_of(is_first ? "X-aws-ec2-metadata-token-ttl-seconds" : "X-aws-ec2-metadata-token"),
        pv_text_of(is_first ? TOKEN_SECONDS : m->token)};
    const pv_http_request request = {.method = method,
                                     .target = pv_text_of(target),
                                     .headers = &header,
                                     .n_headers = 1,
                                     .deadline = m->deadline,
                                     .body = is_first ? (pv_text){"", 0} : (pv_text){NULL, 0},
                                     .body_max = DOCUMENT_MAX};
    return pv_http_ask(response, m->client, &request, error);
}

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

#define ROLES "/latest/meta-data/iam/security-credentials/"

static pv_status read_role(pv_credentials *credentials, bool *found, metadata *m, pv_error *error)
{
    static const char where[] = "credentials of the instance";
    pv_status status;
    char role[256], target[sizeof ROLES + sizeof role];
    pv_http_response response = {0};
    PV_TRY(ask_metadata(&response, m, "PUT", "/latest/api/token", error));
    if (!take_line(m->token, sizeof m->token, &response)) goto cleanup;
    PV_TRY(ask_metadata(&response, m, "GET", ROLES, error));
    if (!take_line(role, sizeof role, &response)) goto cleanup;
    (void)snprintf(target, sizeof target, ROLES "%s", role);
    PV_TRY(ask_metadata(&response, m, "GET", target, error));
    PV_TRY(check_answer(&response, where, error));
    PV_TRY(pv_credentials_read(credentials, where, (pv_text){response.body.data, response.body.size}, error));
    credentials->source = "instance";
    *found = true;
cleanup:
    clear_response(&response);
    return status;
}

pv_status pv_instance_credentials(pv_credentials *credentials, bool *found, pv_deadline deadline, pv_error *error)
{
    pv_status status;
    pv_endpoint endpoint;
    metadata m = {.deadline = pv_deadline_sooner(deadline, pv_deadline_in(5))};
    const char *disabled = getenv("AWS_EC2_METADATA_DISABLED"), *address = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    *found = false;
    if (disabled && strcasecmp(disabled, "true") == 0) return PV_OK;
    const bool is_given = address && address[0];
    PV_TRY(pv_endpoint_parse(&endpoint, NULL, is_given ? address : "http://169.254.169.254", error));
    const pv_http_settings settings = {.connect_seconds = INSTANCE_SECONDS, .idle_seconds = INSTANCE_SECONDS};
    PV_TRY(pv_http_client_create(&m.client, &endpoint, &settings, error));
    status = read_role(credentials, found, &m, error);
    if (status == PV_E_REMOTE) status = PV_OK; /* no instance, as far as can be told */
cleanup:
    explicit_bzero(m.token, sizeof m.token);
    pv_http_client_free(m.client);
    return status;
}
