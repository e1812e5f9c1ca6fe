/* json_reader.h - JSON text from outside to checked values; every fault names its field by a JSON pointer (RFC 6901).
 *
 * Holds:    pv_json_document (a parsed text), pv_json_node (a place in it), and one reader per kind of value.
 * Threads:  a document belongs to one thread.
 * Memory:   texts and nodes point into the document. A node holds a pointer to the node it was reached from, which must
 *           live as long as it does.
 * Errors:   PV_E_USAGE with error->field, for whatever was sent ("/history/3/quantity": expected a number above 0).
 */
#ifndef PV_JSON_READER_H
#define PV_JSON_READER_H

#include "base/text.h"

typedef struct pv_json_document pv_json_document;

typedef struct pv_json_node {
    const void *value; /* NULL: the field is absent */
    const struct pv_json_node *parent;
    pv_text key;   /* in the parent object; data NULL in an array */
    int64_t index; /* in the parent array */
} pv_json_node;

#define PV_JSON_DEPTH_MAX 32

/* Parse one JSON value. Refused before anything is built: deeper than PV_JSON_DEPTH_MAX. Refused as well: invalid
 * UTF-8, U+0000 in texts, the same key twice, integers beyond 64 bits, numbers beyond doubles, anything after the
 * value. The message says at which byte. Errors: PV_E_USAGE with an empty field, PV_E_MEMORY. */
pv_status pv_json_document_parse(pv_json_document **document, pv_text text, pv_error *error) PV_CHECKED;
void pv_json_document_free(pv_json_document *document); /* accepts NULL */
pv_json_node pv_json_document_root(const pv_json_document *document);

static inline bool pv_json_is_absent(const pv_json_node *node)
{
    return node->value == NULL;
}
bool pv_json_is_null(const pv_json_node *node); /* a JSON null, not an absent field */
bool pv_json_is_array(const pv_json_node *node);
bool pv_json_is_object(const pv_json_node *node);
bool pv_json_is_text(const pv_json_node *node);

/* nodes[k] = the field names[k] of an object, absent ones with value NULL. A field that is not among the names is an
 * error that lists them, so a misspelt field is never ignored. */
pv_status pv_json_object_fields(pv_json_node *nodes, const pv_json_node *object, const char *const *names,
                                int32_t n_names, pv_error *error) PV_CHECKED;
/* Fields of an object whose keys are data (columns), in the order they stand: *n, then each by its number. */
pv_status pv_json_object_size(int64_t *n, const pv_json_node *object, int64_t most, pv_error *error) PV_CHECKED;
/* entries[n]; keys are texts of at least one byte. */
pv_status pv_json_object_entries(pv_json_node *entries, const pv_json_node *object, int64_t n,
                                 pv_error *error) PV_CHECKED;

pv_status pv_json_array_size(int64_t *n, const pv_json_node *array, int64_t most, pv_error *error) PV_CHECKED;
pv_json_node pv_json_array_element(const pv_json_node *array, int64_t index);

/* A required value of a kind: absent and null are errors ("expected ..."). */
pv_status pv_json_read_text(pv_text *text, const pv_json_node *node, size_t least, size_t most,
                            pv_error *error) PV_CHECKED; /* bytes */
pv_status pv_json_read_integer(int64_t *value, const pv_json_node *node, int64_t least, int64_t most,
                               pv_error *error) PV_CHECKED; /* 5.0 is one, 5.5 is not */
pv_status pv_json_read_number(double *value, const pv_json_node *node, double least, double most,
                              pv_error *error) PV_CHECKED;
pv_status pv_json_read_boolean(bool *value, const pv_json_node *node, pv_error *error) PV_CHECKED;
/* Number of the text among choices[n]; the message lists them. */
pv_status pv_json_read_choice(int *choice, const pv_json_node *node, const char *const *choices, int n,
                              pv_error *error) PV_CHECKED;

/* An error about a node, with its pointer in error->field. */
pv_status pv_json_fail(pv_error *error, const pv_json_node *node, const char *format, ...) PV_PRINTF(3, 4);

#endif
