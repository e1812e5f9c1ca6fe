/* model_pointer.c - see model_pointer.h. */
#include "registry/model_pointer.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/json_reader.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1
#define MEMBERS_MAX 64 /* of a later format, too */
#define DIGITS_LEAST 4 /* of a SHA-256 that names a model */

void pv_model_key(pv_published_model *model)
{
    (void)snprintf(model->key, sizeof model->key, "models/%s.model", model->sha256);
}

void pv_model_pointer_deinit(pv_model_pointer *pointer)
{
    free(pointer->published);
    *pointer = (pv_model_pointer){0};
}

/* Number among the published, count when it is none of them. */
static size_t place_of(const pv_model_pointer *pointer, const pv_published_model *model)
{
    size_t k = 0;
    while (k < pointer->count && strcmp(pointer->published[k].sha256, model->sha256) != 0) k++;
    return k;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

enum { MODEL, SHA256, KEY, VERSION_ID, SIZE, AS_OF, PUBLISHED_AT, MODEL_FIELDS };
static const char *const model_fields[MODEL_FIELDS] = {"model", "sha256", "key",         "version_id",
                                                       "size",  "as_of",  "published_at"};

static pv_status read_digits(char *out, const pv_json_node *node, size_t n, pv_error *error)
{
    pv_text text;
    const pv_status status = pv_json_read_text(&text, node, n, n, error);
    if (status != PV_OK) return status;
    for (size_t k = 0; k < n; k++)
        if (!memchr("0123456789abcdef", text.data[k], 16))
            return pv_json_fail(error, node, "expected %zu digits 0-9 a-f", n);
    memcpy(out, text.data, n);
    out[n] = '\0';
    return PV_OK;
}

static pv_status read_time(int64_t *time, const pv_json_node *node, pv_error *error)
{
    pv_text text;
    const pv_status status = pv_json_read_text(&text, node, 1, PV_TIMESTAMP_SIZE, error);
    if (status != PV_OK) return status;
    return pv_timestamp_parse(time, text) ? PV_OK : pv_json_fail(error, node, "expected a time (ISO 8601)");
}

static pv_status read_version(pv_published_model *model, const pv_json_node *node, pv_error *error)
{
    pv_text text;
    if (pv_json_is_null(node)) return PV_OK;
    const pv_status status = pv_json_read_text(&text, node, 1, sizeof model->version_id - 1, error);
    if (status == PV_OK) memcpy(model->version_id, text.data, text.size);
    return status;
}

static pv_status read_model(pv_published_model *model, const pv_json_node *object, pv_error *error)
{
    pv_status status;
    pv_text key;
    pv_json_node fields[MODEL_FIELDS];
    *model = (pv_published_model){.as_of = PV_NO_TIME};
    PV_TRY(pv_json_object_fields(fields, object, model_fields, MODEL_FIELDS, error));
    PV_TRY(read_digits(model->model, &fields[MODEL], sizeof model->model - 1, error));
    PV_TRY(read_digits(model->sha256, &fields[SHA256], sizeof model->sha256 - 1, error));
    PV_TRY(pv_json_read_text(&key, &fields[KEY], 1, sizeof model->key - 1, error));
    pv_model_key(model);
    if (!pv_text_equal(key, pv_text_of(model->key)))
        PV_TRY(pv_json_fail(error, &fields[KEY], "expected %s, as its sha256 says", model->key));
    PV_TRY(read_version(model, &fields[VERSION_ID], error));
    PV_TRY(pv_json_read_integer(&model->size, &fields[SIZE], 1, INT64_MAX, error));
    if (!pv_json_is_null(&fields[AS_OF])) PV_TRY(read_time(&model->as_of, &fields[AS_OF], error));
    PV_TRY(read_time(&model->published_at, &fields[PUBLISHED_AT], error));
cleanup:
    return status;
}

static pv_status read_published(pv_model_pointer *pointer, const pv_json_node *list, pv_error *error)
{
    int64_t n = 0;
    pv_status status = pv_json_array_size(&n, list, PV_PUBLISHED_MAX, error);
    if (status != PV_OK) return status;
    if (!pv_reserve((void **)&pointer->published, &pointer->capacity, (size_t)n, sizeof *pointer->published))
        return pv_fail_memory(error, "current.json", (uint64_t)n * sizeof *pointer->published);
    for (int64_t k = 0; k < n && status == PV_OK; k++) {
        const pv_json_node element = pv_json_array_element(list, k);
        status = read_model(&pointer->published[pointer->count++], &element, error);
    }
    return status;
}

/* A later format may have other members, so it is known before they are looked at. */
static pv_status check_format(const pv_json_node *root, pv_error *error)
{
    pv_status status;
    int64_t n = 0, format = 0;
    pv_json_node members[MEMBERS_MAX];
    PV_TRY(pv_json_object_size(&n, root, MEMBERS_MAX, error));
    PV_TRY(pv_json_object_entries(members, root, n, error));
    for (int64_t k = 0; k < n; k++) {
        if (!pv_text_equal(members[k].key, pv_text_of("format"))) continue;
        PV_TRY(pv_json_read_integer(&format, &members[k], 1, INT64_MAX, error));
        if (format > FORMAT)
            PV_TRY(pv_json_fail(error, &members[k], "%lld is of a later version: update purvey", (long long)format));
    }
cleanup:
    return status;
}

static pv_status read_root(pv_model_pointer *pointer, const pv_json_node *root, pv_error *error)
{
    static const char *const names[] = {"format", "current", "published"};
    pv_status status;
    int64_t format = 0;
    pv_json_node fields[3];
    PV_TRY(check_format(root, error));
    PV_TRY(pv_json_object_fields(fields, root, names, 3, error));
    PV_TRY(pv_json_read_integer(&format, &fields[0], FORMAT, FORMAT, error));
    PV_TRY(read_model(&pointer->current, &fields[1], error));
    PV_TRY(read_published(pointer, &fields[2], error));
    if (place_of(pointer, &pointer->current) == pointer->count)
        status = pv_json_fail(error, &fields[1], "%s is none of the published ones", pointer->current.model);
cleanup:
    return status;
}

pv_status pv_model_pointer_read(pv_model_pointer *pointer, pv_text json, pv_error *error)
{
    pv_error fault = {.position = -1};
    pv_json_document *document = NULL;
    *pointer = (pv_model_pointer){0};
    pv_status status = pv_json_document_parse(&document, json, &fault);
    if (status == PV_OK) {
        const pv_json_node root = pv_json_document_root(document);
        status = read_root(pointer, &root, &fault);
    }
    pv_json_document_free(document);
    if (status == PV_OK) return PV_OK;
    pv_model_pointer_deinit(pointer);
    if (status == PV_E_MEMORY) return pv_fail_memory(error, "current.json", json.size);
    return pv_fail(error, PV_E_INPUT, "current.json%s%s: %s", fault.field[0] ? " " : "", fault.field, fault.message);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void print_time(pv_json *json, const char *key, int64_t time)
{
    char text[PV_TIMESTAMP_SIZE];
    if (time != PV_NO_TIME) pv_timestamp_print(text, time);
    pv_json_string_field(json, key, time != PV_NO_TIME ? text : NULL);
}

void pv_published_model_print_fields(pv_json *json, const pv_published_model *model)
{
    pv_json_string_field(json, "model", model->model);
    pv_json_string_field(json, "sha256", model->sha256);
    pv_json_string_field(json, "key", model->key);
    pv_json_string_field(json, "version_id", model->version_id[0] ? model->version_id : NULL);
    pv_json_integer_field(json, "size", model->size);
    print_time(json, "as_of", model->as_of);
    print_time(json, "published_at", model->published_at);
}

static void print_model(pv_json *json, const pv_published_model *model)
{
    pv_json_begin_object(json);
    pv_published_model_print_fields(json, model);
    pv_json_end_object(json);
}

void pv_model_pointer_print(pv_buffer *out, const pv_model_pointer *pointer)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_integer_field(&json, "format", FORMAT);
    pv_json_key(&json, "current");
    print_model(&json, &pointer->current);
    pv_json_key(&json, "published");
    pv_json_begin_array(&json);
    for (size_t k = 0; k < pointer->count; k++) print_model(&json, &pointer->published[k]);
    pv_json_end_array(&json);
    pv_json_end_object(&json);
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

pv_status pv_model_pointer_push(pv_model_pointer *pointer, const pv_published_model *model, pv_error *error)
{
    const pv_published_model pushed = *model; /* may be one of the published */
    size_t place = place_of(pointer, &pushed);
    if (place == pointer->count && pointer->count < PV_PUBLISHED_MAX) {
        if (!pv_reserve((void **)&pointer->published, &pointer->capacity, pointer->count + 1, sizeof pushed))
            return pv_fail_memory(error, "current.json", sizeof pushed);
        pointer->count++;
    } else if (place == pointer->count) {
        place--; /* the oldest is forgotten */
    }
    memmove(pointer->published + 1, pointer->published, place * sizeof pushed);
    pointer->published[0] = pointer->current = pushed;
    return PV_OK;
}

static bool is_named(const pv_published_model *model, const char *text)
{
    const size_t size = strlen(text);
    return strcmp(model->model, text) == 0 ||
           (size >= DIGITS_LEAST && size < sizeof model->sha256 && memcmp(model->sha256, text, size) == 0);
}

pv_status pv_model_pointer_find(const pv_published_model **found, const pv_model_pointer *pointer, const char *text,
                                pv_error *error)
{
    *found = NULL;
    if (!text) {
        const size_t place = place_of(pointer, &pointer->current) + 1;
        if (place >= pointer->count)
            return pv_fail(error, PV_E_NOT_FOUND, "no model was published before %s: nothing to go back to",
                           pointer->current.model);
        *found = &pointer->published[place];
        return PV_OK;
    }
    for (size_t k = 0; k < pointer->count; k++) {
        if (!is_named(&pointer->published[k], text)) continue;
        if (*found) return pv_fail(error, PV_E_USAGE, "%s names several models: give more digits of its sha256", text);
        *found = &pointer->published[k];
    }
    return *found ? PV_OK
                  : pv_fail(error, PV_E_NOT_FOUND, "no model %s was published: `purvey models` lists them", text);
}
