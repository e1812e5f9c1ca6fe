/* sigv4.c - see sigv4.h. */
#include "remote/sigv4.h"

#include "base/failure.h"
#include "base/memory.h"
#include "base/percent_escapes.h"
#include "remote/digest.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- path and query ----------------------------------------------------------------------------------------------- */

/* A pair as it stands in the query; sorted by name, then by value, which is not the order of the whole: "a=" comes
 * before "a-=". */
typedef struct encoded_pair {
    pv_text name, value;
} encoded_pair;

static int compare_pairs(const void *a, const void *b)
{
    const encoded_pair *left = a, *right = b;
    const int order = pv_text_compare(left->name, right->name);
    return order ? order : pv_text_compare(left->value, right->value);
}

static void append_query(pv_buffer *out, const pv_query_pair *query, size_t n)
{
    pv_buffer text = {0};
    encoded_pair *pairs = pv_allocate(n, sizeof *pairs);
    if (!pairs) {
        out->failed = true;
        return;
    }
    for (size_t k = 0; k < n; k++) {
        const size_t begin = text.size;
        pv_percent_escape(&text, query[k].name, "");
        pairs[k].name.size = text.size - begin;
        pv_percent_escape(&text, query[k].value, "");
        pairs[k].value.size = text.size - begin - pairs[k].name.size;
    }
    const char *next = text.data ? text.data : "";   /* empty names and values alone take no memory */
    for (size_t k = 0; k < n && !text.failed; k++) { /* the buffer does not move any more */
        pairs[k].name.data = next;
        pairs[k].value.data = next + pairs[k].name.size;
        next = pairs[k].value.data + pairs[k].value.size;
    }
    if (!text.failed) qsort(pairs, n, sizeof *pairs, compare_pairs);
    for (size_t k = 0; k < n && !text.failed; k++) {
        pv_buffer_append(out, k ? "&" : "?", 1);
        pv_buffer_append_text(out, pairs[k].name);
        pv_buffer_append(out, "=", 1);
        pv_buffer_append_text(out, pairs[k].value);
    }
    out->failed |= text.failed;
    pv_buffer_deinit(&text);
    pv_release(pairs);
}

void pv_sigv4_append_target(pv_buffer *out, pv_text path, const pv_query_pair *query, size_t n_query)
{
    pv_percent_escape(out, path, "/");
    if (n_query > 0) append_query(out, query, n_query);
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

/* One header in the form that is signed; values of equal names are joined by commas in the order given. */
typedef struct signed_header {
    char *name; /* lower case, in the arena */
    pv_text value;
    size_t place; /* among the given */
} signed_header;

static int compare_headers(const void *a, const void *b)
{
    const signed_header *left = a, *right = b;
    const int order = strcmp(left->name, right->name);
    if (order) return order;
    return left->place < right->place ? -1 : left->place > right->place;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blanks at the ends left out, runs of them inside made one space. */
static void append_folded(pv_buffer *out, pv_text value)
{
    bool is_first = true;
    for (size_t k = 0; k < value.size;) {
        while (k < value.size && is_blank(value.data[k])) k++;
        const size_t begin = k;
        while (k < value.size && !is_blank(value.data[k])) k++;
        if (k == begin) break;
        if (!is_first) pv_buffer_append(out, " ", 1);
        pv_buffer_append(out, value.data + begin, k - begin);
        is_first = false;
    }
}

static bool set_header(signed_header *header, pv_arena *arena, pv_text name, pv_text value, size_t place)
{
    *header = (signed_header){pv_arena_allocate(arena, name.size + 1, 1), value, place};
    if (!header->name) return false;
    for (size_t k = 0; k < name.size; k++) {
        const char c = name.data[k];
        header->name[k] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return true;
}

/* Given headers and those that come with the signature, sorted by name. NULL: no memory. */
static signed_header *sorted_headers(size_t *n, const pv_signing *signing, const char *date, pv_arena *arena)
{
    const char *token = signing->credentials->session_token;
    const char *const added[][2] = {
        {"x-amz-date", date}, {"x-amz-content-sha256", signing->payload_hash}, {"x-amz-security-token", token}};
    const size_t n_added = token ? 3 : 2;
    *n = signing->n_headers + n_added;
    signed_header *headers = pv_arena_allocate(arena, *n, sizeof *headers);
    if (!headers) return NULL;
    for (size_t k = 0; k < signing->n_headers; k++)
        if (!set_header(&headers[k], arena, signing->headers[k].name, signing->headers[k].value, k)) return NULL;
    for (size_t k = 0; k < n_added; k++) {
        const size_t place = signing->n_headers + k;
        if (!set_header(&headers[place], arena, pv_text_of(added[k][0]), pv_text_of(added[k][1]), place)) return NULL;
    }
    qsort(headers, *n, sizeof *headers, compare_headers);
    return headers;
}

static bool begins_name(const signed_header *headers, size_t k)
{
    return k == 0 || strcmp(headers[k].name, headers[k - 1].name) != 0;
}

/* "name:value,value\n" a name */
static void append_header_lines(pv_buffer *out, const signed_header *headers, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (begins_name(headers, k)) {
            if (k > 0) pv_buffer_append(out, "\n", 1);
            pv_buffer_append_string(out, headers[k].name);
            pv_buffer_append(out, ":", 1);
        } else {
            pv_buffer_append(out, ",", 1);
        }
        append_folded(out, headers[k].value);
    }
    pv_buffer_append(out, "\n", 1);
}

static void append_names(pv_buffer *out, const signed_header *headers, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (!begins_name(headers, k)) continue;
        if (k > 0) pv_buffer_append(out, ";", 1);
        pv_buffer_append_string(out, headers[k].name);
    }
}

/* --- signing ------------------------------------------------------------------------------------------------------ */

static void append_canonical_request(pv_buffer *out, const pv_signing *signing, const signed_header *headers, size_t n)
{
    const pv_text target = signing->target;
    const char *mark = memchr(target.data, '?', target.size);
    const size_t path_size = mark ? (size_t)(mark - target.data) : target.size;
    pv_buffer_append_string(out, signing->method);
    pv_buffer_append(out, "\n", 1);
    pv_buffer_append(out, target.data, path_size);
    pv_buffer_append(out, "\n", 1);
    if (mark) pv_buffer_append(out, mark + 1, target.size - path_size - 1);
    pv_buffer_append(out, "\n", 1);
    append_header_lines(out, headers, n);
    pv_buffer_append(out, "\n", 1);
    append_names(out, headers, n);
    pv_buffer_append(out, "\n", 1);
    pv_buffer_append_string(out, signing->payload_hash);
}

/* The key of one day, region and service. */
static pv_status derive_key(unsigned char key[PV_SHA256_SIZE], const pv_signing *signing, pv_text day, pv_error *error)
{
    pv_status status;
    pv_buffer secret = {0};
    const pv_text derived = {(const char *)key, PV_SHA256_SIZE};
    pv_buffer_append_string(&secret, "AWS4");
    pv_buffer_append_string(&secret, signing->credentials->secret_key);
    PV_TRY(pv_check_memory(!secret.failed, "a signature", error));
    PV_TRY(pv_hmac_sha256(key, (pv_text){secret.data, secret.size}, day, error));
    PV_TRY(pv_hmac_sha256(key, derived, pv_text_of(signing->region), error));
    PV_TRY(pv_hmac_sha256(key, derived, pv_text_of(signing->service), error));
    PV_TRY(pv_hmac_sha256(key, derived, pv_text_of("aws4_request"), error));
cleanup:
    if (secret.data) explicit_bzero(secret.data, secret.size);
    pv_buffer_deinit(&secret);
    return status;
}

/* signature = hex of the HMAC of time, scope and the request's hash */
static pv_status compute(char signature[PV_SHA256_HEX], const pv_signing *signing, const char *date, const char *scope,
                         const pv_buffer *request, pv_error *error)
{
    pv_status status;
    unsigned char digest[PV_SHA256_SIZE], key[PV_SHA256_SIZE];
    char hash[PV_SHA256_HEX];
    pv_buffer text = {0};
    PV_TRY(pv_sha256_of(digest, (pv_text){request->data, request->size}, error));
    pv_sha256_print(hash, digest);
    pv_buffer_print(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hash);
    PV_TRY(pv_check_memory(!text.failed, "a signature", error));
    PV_TRY(derive_key(key, signing, (pv_text){date, 8}, error));
    PV_TRY(pv_hmac_sha256(digest, (pv_text){(const char *)key, sizeof key}, (pv_text){text.data, text.size}, error));
    pv_sha256_print(signature, digest);
cleanup:
    explicit_bzero(key, sizeof key);
    pv_buffer_deinit(&text);
    return status;
}

static pv_status print_date(char date[17], int64_t seconds, pv_error *error)
{
    struct tm utc;
    const time_t time = (time_t)seconds;
    if (!gmtime_r(&time, &utc) || strftime(date, 17, "%Y%m%dT%H%M%SZ", &utc) != 16)
        return pv_fail(error, PV_E_INTERNAL, "time %lld cannot be signed", (long long)seconds);
    return PV_OK;
}

pv_status pv_sigv4_sign(pv_signature *signature, const pv_signing *signing, pv_error *error)
{
    pv_status status;
    size_t n = 0;
    char digits[PV_SHA256_HEX];
    pv_buffer request = {0}, scope = {0}, *line = &signature->authorization;
    pv_arena *arena = pv_arena_create();
    *signature = (pv_signature){.date = ""};
    PV_TRY(pv_check_memory(arena != NULL, "a signature", error));
    PV_TRY(print_date(signature->date, signing->time, error));
    const signed_header *headers = sorted_headers(&n, signing, signature->date, arena);
    PV_TRY(pv_check_memory(headers != NULL, "a signature", error));
    append_canonical_request(&request, signing, headers, n);
    pv_buffer_print(&scope, "%.8s/%s/%s/aws4_request", signature->date, signing->region, signing->service);
    PV_TRY(pv_check_memory(!request.failed && !scope.failed, "a signature", error));
    PV_TRY(compute(digits, signing, signature->date, scope.data, &request, error));
    pv_buffer_print(line, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=", signing->credentials->access_key,
                    scope.data);
    append_names(line, headers, n);
    pv_buffer_print(line, ", Signature=%s", digits);
    PV_TRY(pv_check_memory(!line->failed, "a signature", error));
cleanup:
    if (status != PV_OK) pv_signature_deinit(signature);
    pv_buffer_deinit(&request);
    pv_buffer_deinit(&scope);
    pv_arena_free(arena);
    return status;
}

void pv_signature_deinit(pv_signature *signature)
{
    pv_buffer_deinit(&signature->authorization);
}
