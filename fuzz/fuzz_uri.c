/* Any bytes as the path and as the query of a request; what is decoded, encoded again and decoded again is the same. */
#include "service/uri.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fault(const pv_error *error)
{
    if (error->status != PV_E_USAGE || error->field[0] != '\0' || error->message[0] == '\0') abort();
}

static void check_decoded(pv_text text)
{
    if (!text.data || !pv_text_is_utf8(text) || (text.size > 0 && memchr(text.data, 0, text.size))) abort();
}

/* Every byte escaped, behind `prefix`. */
static pv_text encode(pv_arena *arena, char prefix, pv_text text)
{
    static const char digits[] = "0123456789abcdef";
    char *out = pv_arena_allocate(arena, 3 * text.size + 1, 1);
    if (!out) abort();
    out[0] = prefix;
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        memcpy(out + 1 + 3 * i, (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
    }
    return (pv_text){out, 3 * text.size + 1};
}

static void check_path(pv_text path, pv_arena *arena)
{
    pv_text segments[PV_URI_SEGMENTS_MAX], again[PV_URI_SEGMENTS_MAX];
    int n, n_again;
    pv_error error;
    if (pv_uri_segments(segments, &n, path, arena, &error) != PV_OK) {
        check_fault(&error);
        return;
    }
    if (n < 1 || n > PV_URI_SEGMENTS_MAX) abort();
    for (int k = 0; k < n; k++) {
        check_decoded(segments[k]);
        const pv_text encoded = encode(arena, '/', segments[k]);
        if (pv_uri_segments(again, &n_again, encoded, arena, NULL) != PV_OK || n_again != 1) abort();
        if (!pv_text_equal(again[0], segments[k])) abort();
    }
}

static void check_query(pv_text query, pv_arena *arena)
{
    const pv_uri_parameter *parameters, *again;
    int n, n_again;
    pv_error error;
    if (pv_uri_query(&parameters, &n, query, arena, &error) != PV_OK) {
        check_fault(&error);
        return;
    }
    if (n < 0 || n > PV_URI_PARAMETERS_MAX) abort();
    for (int k = 0; k < n; k++) {
        check_decoded(parameters[k].name);
        check_decoded(parameters[k].value);
        const pv_text encoded = encode(arena, '=', parameters[k].value);
        if (pv_uri_query(&again, &n_again, encoded, arena, NULL) != PV_OK || n_again != 1) abort();
        if (again[0].name.size != 0 || !pv_text_equal(again[0].value, parameters[k].value)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_arena *arena = pv_arena_create();
    if (!arena) abort();
    check_path((pv_text){(const char *)data, size}, arena);
    check_query((pv_text){(const char *)data, size}, arena);
    pv_arena_free(arena);
    return 0;
}
