/* Any bytes as path, query and headers of a request that is signed: what the path was can be read from the target, and
 * the order of query and headers does not count. Fields end with a NUL: path, then names and
 * values in turn. */
#include "remote/sigv4.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAIRS_MAX 16

static char access_key[] = "AKIAIOSFODNN7EXAMPLE", secret_key[] = "secret", token[] = "token";

static pv_text next_field(pv_text *rest)
{
    const char *end = rest->size ? memchr(rest->data, '\0', rest->size) : NULL;
    const size_t size = end ? (size_t)(end - rest->data) : rest->size, used = end ? size + 1 : size;
    const pv_text field = {rest->data, size};
    *rest = (pv_text){rest->data + used, rest->size - used};
    return field;
}

static int digit(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    if (!found) abort();
    return (int)(found - digits);
}

/* The target's path decodes to `path`, and holds nothing but what a URI may. */
static void check_path(pv_text target, pv_text path)
{
    size_t at = 0;
    for (size_t k = 0; k < path.size; k++, at++) {
        if (at >= target.size) abort();
        char c = target.data[at];
        if (c <= ' ' || c > '~' || c == '?') abort();
        if (c == '%') {
            if (target.size - at < 3) abort();
            c = (char)(16 * digit(target.data[at + 1]) + digit(target.data[at + 2]));
            at += 2;
        }
        if (c != path.data[k]) abort();
    }
    if (at != target.size && target.data[at] != '?') abort();
}

static pv_buffer make_target(pv_text path, const pv_query_pair *query, size_t n)
{
    pv_buffer target = {0};
    pv_sigv4_append_target(&target, path, query, n);
    if (target.failed) abort();
    return target;
}

static void check_order_of_query(pv_text path, const pv_query_pair *query, size_t n)
{
    pv_query_pair reversed[PAIRS_MAX];
    for (size_t k = 0; k < n; k++) reversed[k] = query[n - 1 - k];
    pv_buffer one = make_target(path, query, n), other = make_target(path, reversed, n);
    if (one.size != other.size || (one.size && memcmp(one.data, other.data, one.size) != 0)) abort();
    check_path((pv_text){one.data, one.size}, path);
    pv_buffer_deinit(&one);
    pv_buffer_deinit(&other);
}

static void sign(pv_signature *signature, pv_text target, const pv_http_header *headers, size_t n)
{
    const pv_credentials credentials = {.access_key = access_key, .secret_key = secret_key, .session_token = token};
    const pv_signing signing = {.credentials = &credentials,
                                .region = "eu-central-1",
                                .service = "s3",
                                .time = 1369353600,
                                .method = "GET",
                                .target = target,
                                .headers = headers,
                                .n_headers = n,
                                .payload_hash = "UNSIGNED-PAYLOAD"};
    if (pv_sigv4_sign(signature, &signing, NULL) != PV_OK) abort();
}

static bool are_different(const pv_http_header *headers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (headers[i].name.size == headers[k].name.size &&
                strncasecmp(headers[i].name.data, headers[k].name.data, headers[i].name.size) == 0)
                return false;
    return true;
}

static bool are_digits(const char *signature)
{
    for (int k = 0; k < 64; k++)
        if (!signature[k] || !strchr("0123456789abcdef", signature[k])) return false;
    return true;
}

static void check_signature(pv_text target, const pv_http_header *headers, size_t n)
{
    pv_signature one, other;
    pv_http_header reversed[PAIRS_MAX];
    for (size_t k = 0; k < n; k++) reversed[k] = headers[n - 1 - k];
    sign(&one, target, headers, n);
    sign(&other, target, reversed, n);
    const pv_buffer *a = &one.authorization, *b = &other.authorization;
    if (a->size < 64 || !are_digits(a->data + a->size - 64)) abort();
    if (are_different(headers, n) && (a->size != b->size || memcmp(a->data, b->data, a->size) != 0)) abort();
    pv_signature_deinit(&one);
    pv_signature_deinit(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = 0;
    pv_text rest = {(const char *)data, size};
    pv_query_pair query[PAIRS_MAX];
    pv_http_header headers[PAIRS_MAX];
    const pv_text path = next_field(&rest);
    if (path.size == 0 || path.data[0] != '/') return 0; /* no path of a request */
    for (; rest.size && n < PAIRS_MAX; n++) {
        const pv_text name = next_field(&rest), value = next_field(&rest);
        query[n] = (pv_query_pair){name, value};
        headers[n] = (pv_http_header){name, value};
    }
    check_order_of_query(path, query, n);
    pv_buffer target = make_target(path, query, n);
    check_signature((pv_text){target.data, target.size}, headers, n);
    pv_buffer_deinit(&target);
    return 0;
}
