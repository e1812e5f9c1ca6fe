/* The only file that knows libyaml, whose nodes are copied into ours. */
#include "shop/yaml_document.h"

#include "base/failure.h"
#include "shop/cell_values.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define YAML_BYTES_MAX ((size_t)1024 * 1024)

/* --- libyaml's nodes to ours ------------------------------------------------------------------------------------- */

static const pv_yaml_node *node_at(const pv_yaml_node *nodes, int number)
{
    return &nodes[number - 1]; /* libyaml counts from 1 */
}

static bool copy_scalar(pv_yaml_node *node, const yaml_node_t *from, pv_arena *arena)
{
    const size_t size = from->data.scalar.length;
    char *text = pv_arena_allocate(arena, size + 1, 1);
    if (!text) return false;
    memcpy(text, from->data.scalar.value, size);
    node->text = (pv_text){text, size};
    node->is_plain = from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return true;
}

static bool copy_items(pv_yaml_node *node, const yaml_node_t *from, const pv_yaml_node *nodes, pv_arena *arena)
{
    const yaml_node_item_t *items = from->data.sequence.items.start;
    node->count = from->data.sequence.items.top - items;
    const pv_yaml_node **copies = pv_arena_allocate(arena, (size_t)node->count, sizeof *copies);
    if (!copies) return false;
    for (int64_t k = 0; k < node->count; k++) copies[k] = node_at(nodes, items[k]);
    node->items = copies;
    return true;
}

static bool copy_pairs(pv_yaml_node *node, const yaml_node_t *from, const pv_yaml_node *nodes, pv_arena *arena)
{
    const yaml_node_pair_t *pairs = from->data.mapping.pairs.start;
    node->count = from->data.mapping.pairs.top - pairs;
    pv_yaml_pair *copies = pv_arena_allocate(arena, (size_t)node->count, sizeof *copies);
    if (!copies) return false;
    for (int64_t k = 0; k < node->count; k++)
        copies[k] = (pv_yaml_pair){node_at(nodes, pairs[k].key), node_at(nodes, pairs[k].value)};
    node->pairs = copies;
    return true;
}

static bool copy_node(pv_yaml_node *node, const yaml_node_t *from, const pv_yaml_node *nodes, pv_arena *arena)
{
    node->line = from->start_mark.line + 1;
    node->column = from->start_mark.column + 1;
    if (from->type == YAML_SEQUENCE_NODE) {
        node->kind = PV_YAML_SEQUENCE;
        return copy_items(node, from, nodes, arena);
    }
    if (from->type == YAML_MAPPING_NODE) {
        node->kind = PV_YAML_MAPPING;
        return copy_pairs(node, from, nodes, arena);
    }
    node->kind = PV_YAML_SCALAR;
    return copy_scalar(node, from, arena);
}

static pv_status copy_nodes(pv_yaml_document *document, const yaml_document_t *from, pv_error *error)
{
    const ptrdiff_t n = from->nodes.top - from->nodes.start;
    if (n == 0) return PV_OK;
    pv_yaml_node *nodes = pv_arena_allocate(document->arena, (size_t)n, sizeof *nodes);
    bool is_whole = nodes != NULL;
    for (ptrdiff_t k = 0; is_whole && k < n; k++)
        is_whole = copy_node(&nodes[k], &from->nodes.start[k], nodes, document->arena);
    document->root = nodes;
    return pv_check_memory(is_whole, "settings", error);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static pv_status fail_parser(const pv_yaml_document *document, const yaml_parser_t *parser, pv_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR) return pv_fail_memory(error, "settings", 0);
    return pv_fail_at(error, PV_E_INPUT, (int64_t)parser->problem_mark.line + 1, "%s:%zu:%zu: %s", document->name,
                      parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                      parser->problem != NULL ? parser->problem : "is no YAML");
}

static pv_status load_nothing_more(pv_yaml_document *document, yaml_parser_t *parser, pv_error *error)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second)) return fail_parser(document, parser, error);
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    pv_status status = PV_OK;
    if (root) {
        const pv_yaml_node place = {.line = root->start_mark.line + 1, .column = root->start_mark.column + 1};
        status = pv_yaml_fail(document, &place, error, "a second document");
    }
    yaml_document_delete(&second);
    return status;
}

static pv_status load(pv_yaml_document *document, yaml_parser_t *parser, pv_error *error)
{
    yaml_document_t loaded;
    if (!yaml_parser_load(parser, &loaded)) return fail_parser(document, parser, error);
    pv_status status = copy_nodes(document, &loaded, error);
    yaml_document_delete(&loaded);
    if (status != PV_OK || !document->root) return status;
    return load_nothing_more(document, parser, error);
}

pv_status pv_yaml_document_read(pv_yaml_document **out, const char *name, pv_text yaml, pv_error *error)
{
    pv_status status;
    yaml_parser_t parser;
    if (yaml.size > YAML_BYTES_MAX)
        return pv_fail(error, PV_E_INPUT, "%s: larger than %zu KiB", name, YAML_BYTES_MAX / 1024);
    if (!yaml_parser_initialize(&parser)) return pv_fail_memory(error, "settings", 0);
    pv_yaml_document *document = calloc(1, sizeof *document);
    PV_TRY(pv_check_memory(document != NULL, "settings", error));
    document->name = name;
    document->arena = pv_arena_create();
    PV_TRY(pv_check_memory(document->arena != NULL, "settings", error));
    yaml_parser_set_input_string(&parser, (const unsigned char *)(yaml.data ? yaml.data : ""), yaml.size);
    PV_TRY(load(document, &parser, error));
    *out = document;
    document = NULL;
cleanup:
    yaml_parser_delete(&parser);
    pv_yaml_document_free(document);
    return status;
}

void pv_yaml_document_free(pv_yaml_document *document)
{
    if (!document) return;
    pv_arena_free(document->arena);
    free(document);
}

/* --- what readers ask -------------------------------------------------------------------------------------------- */

pv_status pv_yaml_fail(const pv_yaml_document *document, const pv_yaml_node *node, pv_error *error, const char *format,
                       ...)
{
    char message[384];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return pv_fail_at(error, PV_E_INPUT, (int64_t)node->line, "%s:%zu:%zu: %s", document->name, node->line,
                      node->column, message);
}

pv_status pv_yaml_fail_unknown_key(const pv_yaml_document *document, const pv_yaml_node *key, const char *const *names,
                                   size_t n_names, pv_error *error)
{
    char known[256] = "", quoted[PV_QUOTED_SIZE];
    size_t size = 0;
    for (size_t k = 0; k < n_names && size < sizeof known; k++) {
        const int added = snprintf(known + size, sizeof known - size, "%s%s", size > 0 ? ", " : "", names[k]);
        size += (size_t)added;
    }
    return pv_yaml_fail(document, key, error, "unknown key %s (known here: %s)", pv_cell_quote(quoted, key->text),
                        known);
}

bool pv_yaml_is_null(const pv_yaml_node *node)
{
    if (node->kind != PV_YAML_SCALAR || !node->is_plain) return false;
    return node->text.size == 0 || pv_yaml_is(node, "~") || pv_yaml_is(node, "null");
}

bool pv_yaml_is(const pv_yaml_node *node, const char *text)
{
    return node->kind == PV_YAML_SCALAR && pv_text_equal(node->text, pv_text_of(text));
}

pv_status pv_yaml_pairs(const pv_yaml_pair **pairs, int32_t *count, const pv_yaml_document *document,
                        const pv_yaml_node *node, int32_t most, pv_error *error)
{
    char quoted[PV_QUOTED_SIZE];
    *pairs = NULL;
    *count = 0;
    if (pv_yaml_is_null(node)) return PV_OK;
    if (node->kind != PV_YAML_MAPPING)
        return pv_yaml_fail(document, node, error, "`key: value` pairs were expected here");
    if (node->count > most) return pv_yaml_fail(document, node, error, "more than %d keys", (int)most);
    *pairs = node->pairs;
    *count = (int32_t)node->count;
    for (int32_t i = 0; i < *count; i++) {
        const pv_yaml_node *key = node->pairs[i].key;
        if (key->kind != PV_YAML_SCALAR) return pv_yaml_fail(document, key, error, "a key must be a text");
        for (int32_t j = 0; j < i; j++)
            if (pv_text_equal(key->text, node->pairs[j].key->text))
                return pv_yaml_fail(document, key, error, "key %s stands twice", pv_cell_quote(quoted, key->text));
    }
    return PV_OK;
}

pv_status pv_yaml_number(double *value, const pv_yaml_document *document, const pv_yaml_node *node, pv_error *error)
{
    char quoted[PV_QUOTED_SIZE];
    if (node->kind != PV_YAML_SCALAR) return pv_yaml_fail(document, node, error, "a number was expected here");
    if (!pv_number_parse(value, node->text, '.') || !isfinite(*value))
        return pv_yaml_fail(document, node, error, "%s is no number", pv_cell_quote(quoted, node->text));
    return PV_OK;
}
