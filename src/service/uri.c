/* uri.c - see uri.h. */
#include "service/uri.h"

#include "base/failure.h"
#include <string.h>

/* What is decoded, and how. */
typedef struct decoding {
    const char *part; /* "path", "query", for messages */
    const char *begin;
    bool has_plus_spaces;
    pv_arena *arena;
    pv_error *error;
} decoding;

/* `at` points into the part. */
static pv_status fail_at(const decoding *in, const char *at, const char *cause)
{
    const int64_t byte = at - in->begin + 1;
    return pv_fail_at(in->error, PV_E_USAGE, byte, "%s: byte %lld: %s", in->part, (long long)byte, cause);
}

static pv_status fail_many(const decoding *in, const char *at, const char *what, int most)
{
    return pv_fail_at(in->error, PV_E_USAGE, at - in->begin + 1, "%s: expected at most %d %s", in->part, most, what);
}

/* Value of a hex digit, -1 for others. */
static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/* One byte of `raw` from *at on, which moves behind it. */
static pv_status decode_byte(char *byte, const decoding *in, pv_text raw, size_t *at)
{
    const char *first = raw.data + *at;
    *byte = *first == '+' && in->has_plus_spaces ? ' ' : *first;
    *at += 1;
    if (*first == '%') {
        const int high = raw.size - *at >= 2 ? hex_value(first[1]) : -1;
        const int low = high >= 0 ? hex_value(first[2]) : -1;
        if (low < 0) return fail_at(in, first, "a percent sign needs two hex digits");
        *byte = (char)(high * 16 + low);
        *at += 2;
    }
    if (*byte == '\0') return fail_at(in, first, "NUL is not allowed");
    return PV_OK;
}

static pv_status decode(pv_text *text, const decoding *in, pv_text raw)
{
    pv_status status = PV_OK;
    size_t size = 0;
    char *bytes = pv_arena_allocate(in->arena, raw.size, 1);
    if (!bytes) return pv_fail_memory(in->error, in->part, raw.size);
    for (size_t at = 0; at < raw.size;) PV_TRY(decode_byte(&bytes[size++], in, raw, &at));
    *text = (pv_text){bytes, size};
    if (!pv_text_is_utf8(*text)) PV_TRY(fail_at(in, raw.data, "what begins here is no UTF-8"));
cleanup:
    return status;
}

/* The bytes before the first `separator`, taken off *rest together with it; false when nothing is left. */
static bool take_piece(pv_text *piece, pv_text *rest, char separator)
{
    if (rest->data == NULL) return false;
    const char *end = rest->size > 0 ? memchr(rest->data, separator, rest->size) : NULL;
    *piece = end ? (pv_text){rest->data, (size_t)(end - rest->data)} : *rest;
    *rest = end ? (pv_text){end + 1, rest->size - piece->size - 1} : (pv_text){NULL, 0};
    return true;
}

pv_status pv_uri_segments(pv_text segments[PV_URI_SEGMENTS_MAX], int *n, pv_text path, pv_arena *arena, pv_error *error)
{
    pv_status status = PV_OK;
    const decoding in = {.part = "path", .begin = path.data, .arena = arena, .error = error};
    pv_text piece;
    *n = 0;
    if (path.size == 0 || path.data[0] != '/') return pv_fail_at(error, PV_E_USAGE, 1, "path: expected a slash first");
    pv_text rest = {path.data + 1, path.size - 1};
    while (take_piece(&piece, &rest, '/')) {
        if (*n == PV_URI_SEGMENTS_MAX) PV_TRY(fail_many(&in, piece.data, "segments", PV_URI_SEGMENTS_MAX));
        PV_TRY(decode(&segments[*n], &in, piece));
        *n += 1;
    }
cleanup:
    return status;
}

static pv_status decode_parameter(pv_uri_parameter *parameter, const decoding *in, pv_text piece)
{
    pv_status status;
    const char *end = piece.data + piece.size, *equals = memchr(piece.data, '=', piece.size);
    const char *name_end = equals ? equals : end, *value = equals ? equals + 1 : end;
    PV_TRY(decode(&parameter->name, in, (pv_text){piece.data, (size_t)(name_end - piece.data)}));
    PV_TRY(decode(&parameter->value, in, (pv_text){value, (size_t)(end - value)}));
cleanup:
    return status;
}

pv_status pv_uri_query(const pv_uri_parameter **parameters, int *n, pv_text query, pv_arena *arena, pv_error *error)
{
    pv_status status = PV_OK;
    const decoding in = {.part = "query", .begin = query.data, .has_plus_spaces = true, .arena = arena, .error = error};
    pv_text piece, rest = query;
    int64_t most = 1;
    *n = 0;
    for (size_t i = 0; i < query.size; i++) most += query.data[i] == '&';
    if (most > PV_URI_PARAMETERS_MAX) most = PV_URI_PARAMETERS_MAX;
    pv_uri_parameter *made = pv_arena_allocate(arena, (size_t)most, sizeof *made);
    if (!made) return pv_fail_memory(error, "query", (uint64_t)most * sizeof *made);
    while (take_piece(&piece, &rest, '&')) {
        if (piece.size == 0) continue;
        if (*n == PV_URI_PARAMETERS_MAX) PV_TRY(fail_many(&in, piece.data, "parameters", PV_URI_PARAMETERS_MAX));
        PV_TRY(decode_parameter(&made[*n], &in, piece));
        *n += 1;
    }
    *parameters = made;
cleanup:
    return status;
}
