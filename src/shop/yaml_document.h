/* yaml_document.h - a YAML file as a tree of nodes that know their line and column.
 *
 * Holds:    pv_yaml_document, its nodes, and what every reader of settings needs: pairs of a mapping whose keys stand
 *           once, numbers, errors "NAME:3:12: ..." (line and column from 1).
 * Threads:  read-only after reading.
 */
#ifndef PV_YAML_DOCUMENT_H
#define PV_YAML_DOCUMENT_H

#include "base/memory.h"
#include "base/text.h"
#include <purvey/status.h>

typedef enum pv_yaml_kind { PV_YAML_SCALAR, PV_YAML_SEQUENCE, PV_YAML_MAPPING } pv_yaml_kind;

typedef struct pv_yaml_node pv_yaml_node;

typedef struct pv_yaml_pair {
    const pv_yaml_node *key, *value;
} pv_yaml_pair;

/* Aliases lead to the node of their anchor, so a node may have several parents, itself among them. */
struct pv_yaml_node {
    pv_yaml_kind kind;
    bool is_plain; /* a scalar without quotes */
    size_t line, column;
    pv_text text;                     /* of a scalar; may hold NUL */
    int64_t count;                    /* of items or pairs */
    const pv_yaml_node *const *items; /* [count] of a sequence */
    const pv_yaml_pair *pairs;        /* [count] of a mapping */
};

typedef struct pv_yaml_document {
    const char *name;         /* for messages, borrowed */
    const pv_yaml_node *root; /* NULL: the text is empty */
    pv_arena *arena;          /* owns every node and text */
} pv_yaml_document;

/* Read one document; a second one is an error.
 *
 * name     of the file, borrowed until the document is freed.
 * Errors:  PV_E_INPUT (no YAML, larger than 1 MiB), PV_E_MEMORY.
 */
pv_status pv_yaml_document_read(pv_yaml_document **document, const char *name, pv_text yaml,
                                pv_error *error) PV_CHECKED;
void pv_yaml_document_free(pv_yaml_document *document); /* accepts NULL */

/* PV_E_INPUT with the place of `node` in front. */
pv_status pv_yaml_fail(const pv_yaml_document *document, const pv_yaml_node *node, pv_error *error, const char *format,
                       ...) PV_PRINTF(4, 5);
/* The key that is none of `names`, which are listed in the message. */
pv_status pv_yaml_fail_unknown_key(const pv_yaml_document *document, const pv_yaml_node *key, const char *const *names,
                                   size_t n_names, pv_error *error);

/* Nothing, ~ or null. */
bool pv_yaml_is_null(const pv_yaml_node *node);
/* A scalar of that text. */
bool pv_yaml_is(const pv_yaml_node *node, const char *text);

/* The pairs of a mapping (none for null), each key a scalar that stands once; at most `most` of them. */
pv_status pv_yaml_pairs(const pv_yaml_pair **pairs, int32_t *count, const pv_yaml_document *document,
                        const pv_yaml_node *node, int32_t most, pv_error *error) PV_CHECKED;
/* A finite number with a decimal point. */
pv_status pv_yaml_number(double *value, const pv_yaml_document *document, const pv_yaml_node *node,
                         pv_error *error) PV_CHECKED;

#endif
