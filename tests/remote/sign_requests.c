/* For sigv4_differential.py: requests as JSON lines on standard input, "TARGET AUTHORIZATION" a line on standard
 * output. */
#include "base/json_reader.h"
#include "base/memory.h"
#include "remote/digest.h"
#include "remote/sigv4.h"
#include <stdio.h>
#include <stdlib.h>

enum { ACCESS, SECRET, TOKEN, REGION, SERVICE, TIME, METHOD, PATH, QUERY, HEADERS, BODY, FIELDS, PAIRS_MAX = 64 };
static const char *const names[FIELDS] = {"access", "secret", "token", "region",  "service", "time",
                                          "method", "path",   "query", "headers", "body"};

static void check(pv_status status, const pv_error *error)
{
    if (status == PV_OK) return;
    (void)fprintf(stderr, "sign_requests: %s %s\n", error->field, error->message);
    exit(1);
}

static char *c_string(pv_arena *arena, const pv_json_node *node)
{
    pv_text text;
    pv_error error = {0};
    check(pv_json_read_text(&text, node, 0, 100000, &error), &error);
    return pv_arena_print(arena, "%.*s", (int)text.size, text.data);
}

/* [["name", "value"], ...] */
static size_t read_pairs(pv_text pairs[PAIRS_MAX][2], const pv_json_node *list)
{
    int64_t n = 0;
    pv_error error = {0};
    check(pv_json_array_size(&n, list, PAIRS_MAX, &error), &error);
    for (int64_t k = 0; k < n; k++) {
        const pv_json_node pair = pv_json_array_element(list, k);
        for (int side = 0; side < 2; side++) {
            const pv_json_node text = pv_json_array_element(&pair, side);
            check(pv_json_read_text(&pairs[k][side], &text, 0, 100000, &error), &error);
        }
    }
    return (size_t)n;
}

/* null: the body is not signed. */
static const char *payload_hash(char digits[PV_SHA256_HEX], const pv_json_node *body)
{
    pv_text bytes;
    pv_error error = {0};
    unsigned char digest[PV_SHA256_SIZE];
    if (pv_json_is_null(body)) return "UNSIGNED-PAYLOAD";
    check(pv_json_read_text(&bytes, body, 0, 100000, &error), &error);
    check(pv_sha256_of(digest, bytes, &error), &error);
    pv_sha256_print(digits, digest);
    return digits;
}

static void sign(const pv_json_node *nodes, pv_arena *arena)
{
    pv_text pairs[PAIRS_MAX][2];
    pv_query_pair query[PAIRS_MAX];
    pv_http_header headers[PAIRS_MAX];
    pv_error error = {0};
    pv_buffer target = {0};
    pv_signature signature;
    char digits[PV_SHA256_HEX];
    const size_t n_query = read_pairs(pairs, &nodes[QUERY]);
    for (size_t k = 0; k < n_query; k++) query[k] = (pv_query_pair){pairs[k][0], pairs[k][1]};
    const size_t n_headers = read_pairs(pairs, &nodes[HEADERS]);
    for (size_t k = 0; k < n_headers; k++) headers[k] = (pv_http_header){pairs[k][0], pairs[k][1]};
    pv_sigv4_append_target(&target, pv_text_of(c_string(arena, &nodes[PATH])), query, n_query);
    const pv_credentials credentials = {.access_key = c_string(arena, &nodes[ACCESS]),
                                        .secret_key = c_string(arena, &nodes[SECRET]),
                                        .session_token =
                                            pv_json_is_null(&nodes[TOKEN]) ? NULL : c_string(arena, &nodes[TOKEN])};
    pv_signing signing = {.credentials = &credentials,
                          .region = c_string(arena, &nodes[REGION]),
                          .service = c_string(arena, &nodes[SERVICE]),
                          .method = c_string(arena, &nodes[METHOD]),
                          .target = {target.data, target.size},
                          .headers = headers,
                          .n_headers = n_headers,
                          .payload_hash = payload_hash(digits, &nodes[BODY])};
    check(pv_json_read_integer(&signing.time, &nodes[TIME], 0, INT64_C(4102444800), &error), &error);
    check(pv_sigv4_sign(&signature, &signing, &error), &error);
    (void)printf("%.*s %.*s\n", (int)target.size, target.data, (int)signature.authorization.size,
                 signature.authorization.data);
    pv_signature_deinit(&signature);
    pv_buffer_deinit(&target);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    pv_arena *arena = pv_arena_create();
    if (!arena) return 1;
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        pv_error error = {0};
        pv_json_document *document = NULL;
        pv_json_node nodes[FIELDS];
        check(pv_json_document_parse(&document, (pv_text){line, (size_t)size}, &error), &error);
        const pv_json_node root = pv_json_document_root(document);
        check(pv_json_object_fields(nodes, &root, names, FIELDS, &error), &error);
        sign(nodes, arena);
        pv_json_document_free(document);
        pv_arena_reset(arena);
    }
    free(line);
    pv_arena_free(arena);
    return 0;
}
