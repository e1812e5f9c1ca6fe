/* json_reader.c - see json_reader.h. jansson builds the tree; what it is given has been checked for depth and size, and
 * what it says is replaced by messages of our own. */
#include "base/json_reader.h"

#include "base/failure.h"
#include "base/json_phrase.h"
#include "base/json_writer.h"
#include "base/memory.h"
#include <float.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The tree takes many times the memory of its text ("{}," is 3 bytes, an empty object about 260): this bounds it. */
#define VALUES_MAX 1048576
#define NEAR_MAX 24 /* bytes before a fault that a message shows */

#define LITERAL_OF(number) #number
#define LITERAL(number) LITERAL_OF(number)

struct pv_json_document {
    json_t *root;
};

static pv_text text_of(const json_t *value)
{
    return (pv_text){json_string_value(value), json_string_length(value)};
}

static void add_value(pv_phrase *out, const json_t *value)
{
    char digits[PV_NUMBER_SIZE];
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        pv_phrase_string(out, "{...}");
        break;
    case JSON_ARRAY:
        pv_phrase_string(out, "[...]");
        break;
    case JSON_STRING:
        pv_phrase_quoted(out, text_of(value));
        break;
    case JSON_INTEGER:
        pv_phrase_integer(out, json_integer_value(value));
        break;
    case JSON_REAL:
        pv_phrase_text(out, (pv_text){digits, (size_t)pv_number_print(digits, json_real_value(value))});
        break;
    case JSON_TRUE:
        pv_phrase_string(out, "true");
        break;
    case JSON_FALSE:
        pv_phrase_string(out, "false");
        break;
    case JSON_NULL:
        pv_phrase_string(out, "null");
        break;
    }
}

/* "n 0: expected 1 to 1000", "n missing: expected ..." */
static pv_status fail_expected(pv_error *error, const pv_json_node *node, const char *expected)
{
    pv_phrase found = {.size = 0};
    pv_phrase_name(&found, node);
    pv_phrase_string(&found, " ");
    if (pv_json_is_absent(node))
        pv_phrase_string(&found, "missing");
    else
        add_value(&found, node->value);
    return pv_json_fail(error, node, "%s: expected %s", found.text, expected);
}

static pv_status fail_count(pv_error *error, const pv_json_node *node, size_t n, const char *what, int64_t most)
{
    pv_phrase name = {.size = 0};
    pv_phrase_name(&name, node);
    return pv_json_fail(error, node, "%s: %zu %s, expected at most %" PRId64, name.text, n, what, most);
}

/* -- Parsing ------------------------------------------------------------------------------------------------------- */

static pv_status fail_at_byte(pv_error *error, pv_text text, size_t end, const char *cause)
{
    if (end > text.size) end = text.size;
    size_t begin = end > NEAR_MAX ? end - NEAR_MAX : 0;
    while (begin < end && ((unsigned char)text.data[begin] & 0xc0) == 0x80) begin++;
    return pv_fail_at(error, PV_E_USAGE, (int64_t)end, "body: byte %zu: %s, near `%.*s`", end, cause,
                      (int)(end - begin), text.data + begin);
}

static pv_status check_utf8(pv_text text, pv_error *error)
{
    if (pv_text_is_utf8(text)) return PV_OK;
    const size_t end = pv_phrase_cut(text, text.size).size;
    return fail_at_byte(error, text, end + 1, "is no UTF-8");
}

/* Position behind the string that begins at `at`. Escapes are skipped, not understood: jansson does that. */
static size_t skip_string(pv_text text, size_t at)
{
    for (at++; at < text.size && text.data[at] != '"'; at++) {
        if (text.data[at] == '\\') at++;
    }
    return at + 1;
}

/* Depth and number of values, before anything is built. A text that is no JSON may pass. */
static pv_status check_shape(pv_text text, pv_error *error)
{
    int depth = 0, n_values = 1;
    for (size_t at = 0; at < text.size;) {
        const char c = text.data[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        at++;
        if (c == '[' || c == '{') depth++;
        if ((c == ']' || c == '}') && depth > 0) depth--;
        if (depth > PV_JSON_DEPTH_MAX)
            return fail_at_byte(error, text, at, "nested deeper than " LITERAL(PV_JSON_DEPTH_MAX) " levels");
        if (c == '[' || c == '{' || c == ',') n_values++;
        if (n_values > VALUES_MAX) return fail_at_byte(error, text, at, "more than " LITERAL(VALUES_MAX) " values");
    }
    return PV_OK;
}

static const char *cause_of(enum json_error_code code)
{
    switch (code) {
    case json_error_premature_end_of_input:
        return "ends before its value does";
    case json_error_end_of_input_expected:
        return "expected nothing after the value";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "U+0000 in a text";
    case json_error_duplicate_key:
        return "a field stands twice";
    case json_error_numeric_overflow:
        return "a number out of range";
    default:
        return "is no JSON";
    }
}

/* Colliding keys can be prepared for a seed that is known. */
static void seed_hashes(void)
{
    json_object_seed(0); /* from the system's random numbers */
}

static pv_status build(json_t **root, pv_text text, pv_error *error)
{
    static pthread_once_t seeded = PTHREAD_ONCE_INIT;
    json_error_t fault = {.position = 0};
    (void)pthread_once(&seeded, seed_hashes);
    *root = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
    if (*root) return PV_OK;
    const enum json_error_code code = json_error_code(&fault);
    const bool has_no_cause = code == json_error_unknown; /* left so where jansson could not allocate */
    if (has_no_cause || code == json_error_out_of_memory) return pv_fail_memory(error, "a JSON text", text.size);
    return fail_at_byte(error, text, fault.position > 0 ? (size_t)fault.position : 0, cause_of(code));
}

pv_status pv_json_document_parse(pv_json_document **out, pv_text text, pv_error *error)
{
    pv_status status;
    *out = NULL;
    if (text.size == 0) return pv_fail_at(error, PV_E_USAGE, 0, "body: empty, expected JSON");
    pv_json_document *document = pv_allocate(1, sizeof *document);
    if (!document) return pv_fail_memory(error, "a JSON text", sizeof *document);
    PV_TRY(check_utf8(text, error));
    PV_TRY(check_shape(text, error));
    PV_TRY(build(&document->root, text, error));
    *out = document;
    document = NULL;
cleanup:
    pv_json_document_free(document);
    return status;
}

void pv_json_document_free(pv_json_document *document)
{
    if (!document) return;
    json_decref(document->root);
    pv_release(document);
}

pv_json_node pv_json_document_root(const pv_json_document *document)
{
    return (pv_json_node){.value = document->root};
}

/* -- Kinds --------------------------------------------------------------------------------------------------------- */

static const json_t *json_of(const pv_json_node *node)
{
    return node->value;
}

bool pv_json_is_null(const pv_json_node *node)
{
    return json_is_null(json_of(node));
}

bool pv_json_is_array(const pv_json_node *node)
{
    return json_is_array(json_of(node));
}

bool pv_json_is_object(const pv_json_node *node)
{
    return json_is_object(json_of(node));
}

bool pv_json_is_text(const pv_json_node *node)
{
    return json_is_string(json_of(node));
}

/* -- Objects and arrays -------------------------------------------------------------------------------------------- */

/* jansson walks only through objects that are not const, and leaves them as they are. */
static json_t *walkable(const pv_json_node *object)
{
    json_t *value;
    memcpy(&value, &object->value, sizeof value);
    return value;
}

static pv_json_node field_node(const pv_json_node *object, const char *key, const json_t *value)
{
    return (pv_json_node){.value = value, .parent = object, .key = pv_text_of(key)};
}

static bool is_among(const char *name, const char *const *names, int32_t n_names)
{
    for (int32_t k = 0; k < n_names; k++) {
        if (strcmp(name, names[k]) == 0) return true;
    }
    return false;
}

/* The first field that is not among the names; the absent field when there is none. */
static pv_json_node find_other(const pv_json_node *object, const char *const *names, int32_t n_names)
{
    const char *name;
    json_t *value;
    json_object_foreach(walkable(object), name, value)
    {
        if (!is_among(name, names, n_names)) return field_node(object, name, value);
    }
    return field_node(object, "", NULL);
}

static pv_status fail_unknown_field(pv_error *error, const pv_json_node *object, const char *const *names,
                                    int32_t n_names)
{
    pv_phrase quoted = {.size = 0}, known = {.size = 0};
    const pv_json_node field = find_other(object, names, n_names);
    pv_phrase_quoted(&quoted, field.key);
    pv_phrase_list(&known, names, n_names, ", ");
    return pv_json_fail(error, &field, "unknown field %s (known here: %s)", quoted.text, known.text);
}

pv_status pv_json_object_fields(pv_json_node *nodes, const pv_json_node *object, const char *const *names,
                                int32_t n_names, pv_error *error)
{
    size_t n_found = 0;
    if (!pv_json_is_object(object)) return fail_expected(error, object, "an object");
    for (int32_t k = 0; k < n_names; k++) {
        nodes[k] = field_node(object, names[k], json_object_get(object->value, names[k]));
        n_found += nodes[k].value != NULL;
    }
    if (n_found < json_object_size(object->value)) return fail_unknown_field(error, object, names, n_names);
    return PV_OK;
}

pv_status pv_json_object_size(int64_t *n, const pv_json_node *object, int64_t most, pv_error *error)
{
    if (!pv_json_is_object(object)) return fail_expected(error, object, "an object");
    const size_t size = json_object_size(object->value);
    if ((int64_t)size > most) return fail_count(error, object, size, "fields", most);
    *n = (int64_t)size;
    return PV_OK;
}

pv_status pv_json_object_entries(pv_json_node *entries, const pv_json_node *object, int64_t n, pv_error *error)
{
    int64_t k = 0;
    const char *name;
    json_t *value;
    if (!pv_json_is_object(object)) return fail_expected(error, object, "an object");
    json_object_foreach(walkable(object), name, value)
    {
        if (k == n) break;
        entries[k] = field_node(object, name, value);
        if (entries[k].key.size == 0) return pv_json_fail(error, object, "a field without a name");
        k++;
    }
    return PV_OK;
}

pv_status pv_json_array_size(int64_t *n, const pv_json_node *array, int64_t most, pv_error *error)
{
    if (!pv_json_is_array(array)) return fail_expected(error, array, "an array");
    const size_t size = json_array_size(array->value);
    if ((int64_t)size > most) return fail_count(error, array, size, "elements", most);
    *n = (int64_t)size;
    return PV_OK;
}

pv_json_node pv_json_array_element(const pv_json_node *array, int64_t index)
{
    return (pv_json_node){
        .value = json_array_get(array->value, (size_t)index), .parent = array, .key = {NULL, 0}, .index = index};
}

/* -- Values -------------------------------------------------------------------------------------------------------- */

pv_status pv_json_read_text(pv_text *text, const pv_json_node *node, size_t least, size_t most, pv_error *error)
{
    pv_phrase expected = {.size = 0};
    if (pv_json_is_text(node)) {
        const pv_text found = text_of(node->value);
        if (found.size >= least && found.size <= most) {
            *text = found;
            return PV_OK;
        }
    }
    pv_phrase_string(&expected, least > 0 ? "a text of " : "a text of at most ");
    if (least > 0) {
        pv_phrase_integer(&expected, (int64_t)least);
        pv_phrase_string(&expected, " to ");
    }
    pv_phrase_integer(&expected, (int64_t)most);
    pv_phrase_string(&expected, " bytes");
    return fail_expected(error, node, expected.text);
}

/* "1 to 1000", "an integer, at least 1": limits are empty where there are none, and so is the kind where the value is
 * of it. */
static pv_status fail_limits(pv_error *error, const pv_json_node *node, const char *kind, const char *least,
                             const char *most)
{
    pv_phrase expected = {.size = 0};
    const bool has_least = least[0] != '\0', has_most = most[0] != '\0';
    pv_phrase_string(&expected, kind);
    if (kind[0] != '\0' && (has_least || has_most)) pv_phrase_string(&expected, ", ");
    if (has_least != has_most) pv_phrase_string(&expected, has_least ? "at least " : "at most ");
    pv_phrase_string(&expected, least);
    if (has_least && has_most) pv_phrase_string(&expected, " to ");
    pv_phrase_string(&expected, most);
    return fail_expected(error, node, expected.text);
}

/* True when the value is a whole number within 64 bits. */
static bool find_integer(int64_t *integer, const json_t *value)
{
    if (json_is_integer(value)) {
        *integer = json_integer_value(value);
        return true;
    }
    const double real = json_real_value(value);
    if (!json_is_real(value) || real != floor(real) || real < -0x1p63 || real >= 0x1p63) return false;
    *integer = (int64_t)real;
    return true;
}

pv_status pv_json_read_integer(int64_t *value, const pv_json_node *node, int64_t least, int64_t most, pv_error *error)
{
    int64_t found;
    char lower[PV_NUMBER_SIZE] = "", upper[PV_NUMBER_SIZE] = "";
    const bool is_integer = find_integer(&found, node->value);
    if (is_integer && found >= least && found <= most) {
        *value = found;
        return PV_OK;
    }
    if (least > INT64_MIN) (void)snprintf(lower, sizeof lower, "%" PRId64, least);
    if (most < INT64_MAX) (void)snprintf(upper, sizeof upper, "%" PRId64, most);
    return fail_limits(error, node, is_integer ? "" : "an integer", lower, upper);
}

pv_status pv_json_read_number(double *value, const pv_json_node *node, double least, double most, pv_error *error)
{
    char lower[PV_NUMBER_SIZE] = "", upper[PV_NUMBER_SIZE] = "";
    const bool is_number = json_is_number(json_of(node));
    const double found = json_number_value(node->value);
    if (is_number && found >= least && found <= most) {
        *value = found;
        return PV_OK;
    }
    if (least > -DBL_MAX) (void)snprintf(lower, sizeof lower, "%.15g", least);
    if (most < DBL_MAX) (void)snprintf(upper, sizeof upper, "%.15g", most);
    return fail_limits(error, node, is_number ? "" : "a number", lower, upper);
}

pv_status pv_json_read_boolean(bool *value, const pv_json_node *node, pv_error *error)
{
    const json_t *found = node->value;
    if (!json_is_boolean(found)) return fail_expected(error, node, "true or false");
    *value = json_is_true(found);
    return PV_OK;
}

pv_status pv_json_read_choice(int *choice, const pv_json_node *node, const char *const *choices, int n, pv_error *error)
{
    pv_phrase expected = {.size = 0};
    if (pv_json_is_text(node)) {
        const pv_text found = text_of(node->value);
        for (int k = 0; k < n; k++) {
            if (!pv_text_equal(found, pv_text_of(choices[k]))) continue;
            *choice = k;
            return PV_OK;
        }
    }
    pv_phrase_list(&expected, choices, n, " or ");
    return fail_expected(error, node, expected.text);
}
