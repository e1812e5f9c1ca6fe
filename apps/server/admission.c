/* admission.c - see admission.h. */
#include "admission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int64_t announced_size(const exchange *one)
{
    const char *text = http_header(one, "Content-Length");
    /* The transport has refused what is no number; a longer one is beyond every limit. */
    if (text == NULL || text[strspn(text, "0123456789")] != '\0') return -1;
    return strlen(text) > 18 ? INT64_MAX : (int64_t)strtoll(text, NULL, 10);
}

bool has_body(const exchange *one)
{
    return announced_size(one) > 0 || http_header(one, "Transfer-Encoding") != NULL;
}

bool is_allowed_origin(const server_options *options, const char *origin)
{
    if (origin == NULL) return false;
    for (size_t k = 0; k < options->n_origins; k++)
        if (strcmp(options->origins[k], "*") == 0 || strcmp(options->origins[k], origin) == 0) return true;
    return false;
}

static bool is_path(const exchange *one, const char *path)
{
    return one->path.size == strlen(path) && memcmp(one->path.data, path, one->path.size) == 0;
}

/* Whether the server is alive must be seen by those who have no key, and when it is busy. */
static bool is_health(const exchange *one)
{
    return is_path(one, "/v1/health/live") || is_path(one, "/v1/health/ready");
}

static bool refuse(exchange *one, int status, const char *code, const char *message)
{
    exchange_refuse(one, status, code, message);
    return false;
}

/* What different programs on the way may read differently must not come in (RFC 9112, 6.1 and 6.3): another request
 * could be hidden in the body. */
static bool check_framing(exchange *one)
{
    const char *encoding = http_header(one, "Transfer-Encoding");
    if (encoding == NULL && http_header(one, "Content-Length") == NULL) return true;
    if (encoding != NULL && http_header(one, "Content-Length") != NULL)
        return refuse(one, 400, "bad_input", "both Content-Length and Transfer-Encoding are given");
    if (encoding != NULL && strcasecmp(encoding, "chunked") != 0)
        return refuse(one, 400, "bad_input", "expected Transfer-Encoding: chunked");
    if (http_header_is_repeated(one, encoding != NULL ? "Transfer-Encoding" : "Content-Length"))
        return refuse(one, 400, "bad_input", "the length of the body is given twice");
    return true;
}

static bool check_head(exchange *one)
{
    if (one->path.size + one->query.size > PV_SERVICE_PATH_MAX)
        return refuse(one, 414, "too_large", "path and query have more than 8192 bytes");
    if (http_head_size(one) > HEAD_SIZE_MAX)
        return refuse(one, 431, "too_large", "the head of the request has more than 16384 bytes");
    return check_framing(one);
}

/* The key in `X-API-Key: KEY` or `Authorization: Bearer KEY`. */
static pv_text given_key(const exchange *one)
{
    const char *key = http_header(one, "X-API-Key");
    if (key != NULL) return (pv_text){key, strlen(key)};
    const char *authorization = http_header(one, "Authorization");
    if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0) return (pv_text){0};
    key = authorization + 7 + strspn(authorization + 7, " ");
    return (pv_text){key, strlen(key)};
}

static bool check_key(exchange *one)
{
    int retry_after = 0;
    if (one->server->keys == NULL) return true;
    switch (api_keys_ask(one->server->keys, given_key(one), one->key_name, &retry_after)) {
    case API_KEY_ACCEPTED:
        return true;
    case API_KEY_UNKNOWN:
        return refuse(one, 401, "unauthorized",
                      "a key is needed, in the header X-API-Key or as Authorization: Bearer KEY");
    case API_KEY_TOO_MANY_REQUESTS:
        break;
    }
    refuse(one, 429, "too_many_requests", "more requests than this key may make in a second");
    one->response.retry_after = retry_after;
    return false;
}

static bool is_media_type(const char *value, const char *type)
{
    size_t size = strlen(type);
    return strncasecmp(value, type, size) == 0 && (value[size] == '\0' || strchr("; \t", value[size]) != NULL);
}

/* curl and most libraries say "form" of whatever they are given, so it passes as JSON; but not from a browser, which
 * says so of forms of any page without asking (a request across origins has an Origin). */
static bool is_known_type(exchange *one, const char *type)
{
    if (type == NULL || is_media_type(type, "application/json") || is_media_type(type, "application/x-ndjson"))
        return true;
    return is_media_type(type, "application/x-www-form-urlencoded") && http_header(one, "Origin") == NULL;
}

static bool check_body(exchange *one)
{
    if (!has_body(one)) return true;
    if (!is_known_type(one, http_header(one, "Content-Type")))
        return refuse(one, 415, "unsupported_media_type",
                      "expected Content-Type: application/json, or application/x-ndjson for JSON lines");
    if (announced_size(one) > PV_SERVICE_BODY_MAX)
        return refuse(one, 413, "too_large", "the body has more than 8388608 bytes");
    return true;
}

static bool check_load(exchange *one)
{
    int64_t before = atomic_fetch_add_explicit(&one->server->requests, 1, memory_order_relaxed);
    one->is_counted = true;
    if (before < one->server->options->max_requests || is_health(one)) return true;
    refuse(one, 503, "overloaded", "too many requests are in work; ask again later");
    one->response.retry_after = 1;
    return false;
}

bool admission_check(exchange *one)
{
    bool is_options = strcmp(one->method, "OPTIONS") == 0;
    one->is_preflight = is_options && http_header(one, "Access-Control-Request-Method") != NULL &&
                        is_allowed_origin(one->server->options, http_header(one, "Origin"));
    if (!check_head(one) || !check_load(one)) return false;
    /* A browser sends no key with its question whether it may. */
    if (!is_health(one) && !one->is_preflight && !check_key(one)) return false;
    return check_body(one);
}
