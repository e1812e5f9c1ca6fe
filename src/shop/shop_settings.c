/* The only file that knows YAML. The document is walked by tables of keys, so that every key that is not in one is an
 * error with its place. libyaml is used directly: `from_purchases` takes keys that no fixed schema can list. */
#include "shop/shop_settings.h"
#include "base/failure.h"
#include "shop/cell_values.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define YAML_BYTES_MAX ((size_t)1024 * 1024)

typedef struct settings_reader {
    yaml_document_t document;
    pv_shop_settings *settings;
    pv_table_kind table; /* whose part is being read */
    pv_row_rule *rule;   /* which is being read */
    pv_error *error;
} settings_reader;

typedef struct settings_key {
    const char *name;
    pv_status (*read)(settings_reader *reader, yaml_node_t *value);
} settings_key;

/* --- nodes ------------------------------------------------------------------------------------------------------ */

static pv_status fail_node(settings_reader *reader, const yaml_node_t *node, const char *format, ...) PV_PRINTF(3, 4);
static pv_status fail_node(settings_reader *reader, const yaml_node_t *node, const char *format, ...)
{
    char message[384];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return pv_fail_at(reader->error, PV_E_INPUT, (int64_t)node->start_mark.line + 1, "shop.yaml:%zu:%zu: %s",
                      node->start_mark.line + 1, node->start_mark.column + 1, message);
}

static pv_text scalar_of(const yaml_node_t *node)
{
    return (pv_text){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static bool is_null(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
    pv_text text = scalar_of(node);
    return text.size == 0 || pv_text_equal(text, pv_text_of("~")) || pv_text_equal(text, pv_text_of("null"));
}

static bool node_is(const yaml_node_t *node, const char *text)
{
    return node->type == YAML_SCALAR_NODE && pv_text_equal(scalar_of(node), pv_text_of(text));
}

static pv_status keep_text(pv_text *text, settings_reader *reader, const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE || is_null(node)) return fail_node(reader, node, "a text was expected here");
    pv_text scalar = scalar_of(node);
    if (scalar.size == 0 || memchr(scalar.data, '\0', scalar.size) != NULL) {
        return fail_node(reader, node, "%s was expected here", scalar.size == 0 ? "a text" : "a text without NUL");
    }
    char *copy = pv_arena_allocate(reader->settings->strings, scalar.size + 1, 1);
    if (copy == NULL) return pv_fail_memory(reader->error, "settings", scalar.size);
    memcpy(copy, scalar.data, scalar.size);
    *text = (pv_text){copy, scalar.size};
    return PV_OK;
}

static pv_status read_number(double *value, settings_reader *reader, const yaml_node_t *node)
{
    char quoted[PV_QUOTED_SIZE];
    if (node->type != YAML_SCALAR_NODE) return fail_node(reader, node, "a number was expected here");
    if (!pv_number_parse(value, scalar_of(node), '.') || !isfinite(*value)) {
        return fail_node(reader, node, "%s is no number", pv_cell_quote(quoted, scalar_of(node)));
    }
    return PV_OK;
}

static pv_status fail_unknown_key(settings_reader *reader, const yaml_node_t *key, const settings_key *keys)
{
    char known[256] = "", quoted[PV_QUOTED_SIZE];
    size_t size = 0;
    for (; keys->name != NULL && size < sizeof known; keys++) {
        int added = snprintf(known + size, sizeof known - size, "%s%s", size > 0 ? ", " : "", keys->name);
        size += (size_t)added;
    }
    return fail_node(reader, key, "unknown key %s (known here: %s)", pv_cell_quote(quoted, scalar_of(key)), known);
}

/* The pairs of a mapping (none for null), each key a scalar that stands once. */
static pv_status mapping_pairs(yaml_node_pair_t **pairs, int32_t *count, settings_reader *reader, yaml_node_t *node)
{
    char quoted[PV_QUOTED_SIZE];
    *pairs = NULL;
    *count = 0;
    if (is_null(node)) return PV_OK;
    if (node->type != YAML_MAPPING_NODE) return fail_node(reader, node, "`key: value` pairs were expected here");
    ptrdiff_t n_pairs = node->data.mapping.pairs.top - node->data.mapping.pairs.start;
    if (n_pairs > PV_COLUMNS_MAX) return fail_node(reader, node, "more than %d keys", PV_COLUMNS_MAX);
    *pairs = node->data.mapping.pairs.start;
    *count = (int32_t)n_pairs;
    for (int32_t i = 0; i < *count; i++) {
        const yaml_node_t *key = yaml_document_get_node(&reader->document, (*pairs)[i].key);
        if (key->type != YAML_SCALAR_NODE) return fail_node(reader, key, "a key must be a text");
        for (int32_t j = 0; j < i; j++) {
            const yaml_node_t *other = yaml_document_get_node(&reader->document, (*pairs)[j].key);
            if (pv_text_equal(scalar_of(key), scalar_of(other))) {
                return fail_node(reader, key, "key %s stands twice", pv_cell_quote(quoted, scalar_of(key)));
            }
        }
    }
    return PV_OK;
}

static pv_status read_mapping(settings_reader *reader, yaml_node_t *node, const settings_key *keys)
{
    yaml_node_pair_t *pairs;
    int32_t count;
    pv_status status = mapping_pairs(&pairs, &count, reader, node);
    for (int32_t i = 0; status == PV_OK && i < count; i++) {
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pairs[i].key);
        const settings_key *known = keys;
        while (known->name != NULL && !node_is(key, known->name)) known++;
        if (known->name == NULL) return fail_unknown_key(reader, key, keys);
        status = known->read(reader, yaml_document_get_node(&reader->document, pairs[i].value));
    }
    return status;
}

/* --- how a file is written -------------------------------------------------------------------------------------- */

static pv_file_settings *file_settings(settings_reader *reader)
{
    return &reader->settings->files[reader->table];
}

static pv_status read_file(settings_reader *reader, yaml_node_t *value)
{
    pv_text path = {NULL, 0};
    pv_status status = keep_text(&path, reader, value);
    if (status != PV_OK) return status;
    if (path.data[0] == '/') return fail_node(reader, value, "the path must be relative to the shop's folder");
    for (const char *part = path.data; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strcspn(part, "/") == 2 && strncmp(part, "..", 2) == 0) {
            return fail_node(reader, value, "the path must stay inside the shop's folder");
        }
    }
    file_settings(reader)->file = path.data;
    return PV_OK;
}

static pv_status read_delimiter(settings_reader *reader, yaml_node_t *value)
{
    pv_text text = value->type == YAML_SCALAR_NODE ? scalar_of(value) : (pv_text){NULL, 0};
    if (text.size != 1 || text.data[0] == '"' || text.data[0] == '\n' || text.data[0] == '\r' ||
        (unsigned char)text.data[0] > 0x7e || text.data[0] == '\0') {
        return fail_node(reader, value, "a delimiter is one ASCII character, and neither a quote nor a line break");
    }
    file_settings(reader)->delimiter = text.data[0];
    return PV_OK;
}

static pv_status read_decimal(settings_reader *reader, yaml_node_t *value)
{
    if (!node_is(value, ".") && !node_is(value, ",")) return fail_node(reader, value, "decimal is \".\" or \",\"");
    file_settings(reader)->decimal = scalar_of(value).data[0];
    return PV_OK;
}

static pv_status read_encoding(settings_reader *reader, yaml_node_t *value)
{
    bool is_latin1 = node_is(value, "latin1");
    if (!is_latin1 && !node_is(value, "utf-8")) return fail_node(reader, value, "encoding is utf-8 or latin1");
    file_settings(reader)->is_latin1 = is_latin1;
    return PV_OK;
}

static pv_status read_column_mappings(pv_column_mappings *mappings, settings_reader *reader, yaml_node_t *node,
                                      const settings_key *known, const char *forbidden)
{
    yaml_node_pair_t *pairs;
    int32_t count;
    pv_status status = mapping_pairs(&pairs, &count, reader, node);
    if (status != PV_OK) return status;
    mappings->items = pv_arena_allocate(reader->settings->strings, (size_t)count, sizeof *mappings->items);
    if (mappings->items == NULL) return pv_fail_memory(reader->error, "settings", (uint64_t)count);
    for (mappings->count = 0; mappings->count < count; mappings->count++) {
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pairs[mappings->count].key);
        pv_column_mapping *mapping = &mappings->items[mappings->count];
        const settings_key *entry = known;
        while (entry != NULL && entry->name != NULL && !node_is(key, entry->name)) entry++;
        if (entry != NULL && entry->name == NULL) return fail_unknown_key(reader, key, known);
        if (forbidden != NULL && node_is(key, forbidden)) {
            return fail_node(reader, key, "%s is the id itself", forbidden);
        }
        status = keep_text(&mapping->name, reader, key);
        if (status == PV_OK) {
            status = keep_text(&mapping->column, reader,
                               yaml_document_get_node(&reader->document, pairs[mappings->count].value));
        }
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static pv_status read_columns(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key names[PV_TABLE_COUNT][12] = {
        [PV_TABLE_PURCHASES] = {{"user_id", NULL},
                                {"product_id", NULL},
                                {"purchase_count", NULL},
                                {"quantity", NULL},
                                {"time", NULL},
                                {"unit_price", NULL},
                                {"discount", NULL},
                                {"order_id", NULL},
                                {"rating", NULL},
                                {NULL, NULL}},
        [PV_TABLE_PRODUCTS] = {{"product_id", NULL},
                               {"name", NULL},
                               {"category", NULL},
                               {"price", NULL},
                               {"discount", NULL},
                               {"brand", NULL},
                               {"available_from", NULL},
                               {"stock", NULL},
                               {"pack", NULL},
                               {"discontinued", NULL},
                               {"promotion", NULL},
                               {NULL, NULL}},
        [PV_TABLE_USERS] = {{"user_id", NULL}, {"parent_id", NULL}, {"price_list", NULL}, {NULL, NULL}},
        [PV_TABLE_ELIGIBILITY] =
            {{"user_id", NULL}, {"parent_id", NULL}, {"price_list", NULL}, {"product_id", NULL}, {NULL, NULL}},
    };
    return read_column_mappings(&file_settings(reader)->columns, reader, value, names[reader->table], NULL);
}

/* --- what rows mean --------------------------------------------------------------------------------------------- */

static pv_status read_time_format(settings_reader *reader, yaml_node_t *value)
{
    pv_text format = {NULL, 0};
    pv_status status = keep_text(&format, reader, value);
    if (status == PV_OK) reader->settings->time_format = format.data;
    return status;
}

static pv_status read_discount_unit(settings_reader *reader, yaml_node_t *value)
{
    bool is_percent = node_is(value, "percent");
    if (!is_percent && !node_is(value, "fraction")) {
        return fail_node(reader, value, "discount_unit is fraction or percent");
    }
    reader->settings->discount_is_percent = is_percent;
    return PV_OK;
}

static pv_status read_dislike_at(settings_reader *reader, yaml_node_t *value)
{
    return read_number(&reader->settings->dislike_at, reader, value);
}

static pv_status read_rule_column(settings_reader *reader, yaml_node_t *value)
{
    return keep_text(&reader->rule->column, reader, value);
}

static pv_status read_rule_empty(settings_reader *reader, yaml_node_t *value)
{
    if (!node_is(value, "true")) return fail_node(reader, value, "empty can only be true");
    reader->rule->kind = PV_RULE_EMPTY;
    return PV_OK;
}

static pv_status read_rule_pattern(settings_reader *reader, yaml_node_t *value, int kind)
{
    pv_text expression = {NULL, 0};
    pv_error problem;
    pv_status status = keep_text(&expression, reader, value);
    if (status != PV_OK) return status;
    if (reader->rule->pattern != NULL) return fail_node(reader, value, "a rule has one test, this is the second");
    status = pv_text_pattern_create(&reader->rule->pattern, expression.data, &problem);
    if (status == PV_E_INPUT) return fail_node(reader, value, "%s", problem.message);
    if (status != PV_OK) return pv_fail_memory(reader->error, "pattern", expression.size);
    reader->rule->kind = kind == PV_RULE_MATCHING ? PV_RULE_MATCHING : PV_RULE_NOT_MATCHING;
    return PV_OK;
}

static pv_status read_rule_matching(settings_reader *reader, yaml_node_t *value)
{
    return read_rule_pattern(reader, value, PV_RULE_MATCHING);
}

static pv_status read_rule_not_matching(settings_reader *reader, yaml_node_t *value)
{
    return read_rule_pattern(reader, value, PV_RULE_NOT_MATCHING);
}

static pv_status read_rule(settings_reader *reader, yaml_node_t *value, const settings_key *keys)
{
    pv_status status = read_mapping(reader, value, keys);
    if (status != PV_OK) return status;
    if (reader->rule->column.data == NULL) return fail_node(reader, value, "the rule names no column");
    if (is_null(value) || value->data.mapping.pairs.top - value->data.mapping.pairs.start != 2) {
        return fail_node(reader, value, "a rule is a column and one test");
    }
    return PV_OK;
}

static pv_status read_skip(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key keys[] = {{"column", read_rule_column},
                                        {"empty", read_rule_empty},
                                        {"matching", read_rule_matching},
                                        {"not_matching", read_rule_not_matching},
                                        {NULL, NULL}};
    pv_shop_settings *settings = reader->settings;
    if (value->type != YAML_SEQUENCE_NODE) return fail_node(reader, value, "a list of rules was expected here");
    const yaml_node_item_t *items = value->data.sequence.items.start;
    ptrdiff_t count = value->data.sequence.items.top - items;
    if (count > PV_COLUMNS_MAX) return fail_node(reader, value, "more than %d rules", PV_COLUMNS_MAX);
    settings->skip = pv_arena_allocate(settings->strings, (size_t)count, sizeof *settings->skip);
    if (settings->skip == NULL) return pv_fail_memory(reader->error, "settings", (uint64_t)count);
    for (ptrdiff_t i = 0; i < count; i++) {
        reader->rule = &settings->skip[i];
        settings->n_skip = (int32_t)i + 1; /* before it is read, so that its pattern is freed in any case */
        pv_status status = read_rule(reader, yaml_document_get_node(&reader->document, items[i]), keys);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static pv_status read_cancelled(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key keys[] = {{"column", read_rule_column}, {"matching", read_rule_matching}, {NULL, NULL}};
    pv_shop_settings *settings = reader->settings;
    settings->cancelled = pv_arena_allocate(settings->strings, 1, sizeof *settings->cancelled);
    if (settings->cancelled == NULL) return pv_fail_memory(reader->error, "settings", sizeof *settings->cancelled);
    reader->rule = settings->cancelled;
    return read_rule(reader, value, keys);
}

static pv_status read_from_purchases(settings_reader *reader, yaml_node_t *value)
{
    pv_shop_settings *settings = reader->settings;
    bool is_products = reader->table == PV_TABLE_PRODUCTS;
    return read_column_mappings(is_products ? &settings->products_from_purchases : &settings->users_from_purchases,
                                reader, value, NULL, is_products ? "product_id" : "user_id");
}

static pv_status read_segments(settings_reader *reader, yaml_node_t *value)
{
    pv_shop_settings *settings = reader->settings;
    if (value->type != YAML_SEQUENCE_NODE) return fail_node(reader, value, "a list of columns was expected here");
    const yaml_node_item_t *items = value->data.sequence.items.start;
    ptrdiff_t count = value->data.sequence.items.top - items;
    if (count > PV_COLUMNS_MAX) return fail_node(reader, value, "more than %d segments", PV_COLUMNS_MAX);
    settings->segments = pv_arena_allocate(settings->strings, (size_t)count, sizeof *settings->segments);
    if (settings->segments == NULL) return pv_fail_memory(reader->error, "settings", (uint64_t)count);
    settings->has_segments = true;
    for (ptrdiff_t i = 0; i < count; i++) {
        yaml_node_t *item = yaml_document_get_node(&reader->document, items[i]);
        pv_status status = keep_text(&settings->segments[i], reader, item);
        if (status != PV_OK) return status;
        for (ptrdiff_t j = 0; j < i; j++) {
            if (pv_text_equal(settings->segments[i], settings->segments[j])) {
                return fail_node(reader, item, "the segment stands twice");
            }
        }
        settings->n_segments = (int32_t)i + 1;
    }
    return PV_OK;
}

static pv_status read_parent(settings_reader *reader, yaml_node_t *value)
{
    return keep_text(&reader->settings->parent, reader, value);
}

static pv_status read_purchase_weight(settings_reader *reader, yaml_node_t *value)
{
    pv_status status = read_number(&reader->settings->purchase_weight, reader, value);
    if (status == PV_OK && reader->settings->purchase_weight < 0) {
        return fail_node(reader, value, "a weight must not be negative");
    }
    return status;
}

/* --- the parts -------------------------------------------------------------------------------------------------- */

static pv_status read_purchases(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key keys[] = {{"file", read_file},
                                        {"delimiter", read_delimiter},
                                        {"decimal", read_decimal},
                                        {"encoding", read_encoding},
                                        {"time_format", read_time_format},
                                        {"columns", read_columns},
                                        {"skip", read_skip},
                                        {"cancelled", read_cancelled},
                                        {"discount_unit", read_discount_unit},
                                        {"dislike_at", read_dislike_at},
                                        {NULL, NULL}};
    reader->table = PV_TABLE_PURCHASES;
    return read_mapping(reader, value, keys);
}

static pv_status read_products(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key keys[] = {{"file", read_file},
                                        {"delimiter", read_delimiter},
                                        {"decimal", read_decimal},
                                        {"encoding", read_encoding},
                                        {"columns", read_columns},
                                        {"from_purchases", read_from_purchases},
                                        {NULL, NULL}};
    reader->table = PV_TABLE_PRODUCTS;
    return read_mapping(reader, value, keys);
}

static pv_status read_users(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key keys[] = {
        {"file", read_file},         {"delimiter", read_delimiter}, {"decimal", read_decimal},
        {"encoding", read_encoding}, {"columns", read_columns},     {"from_purchases", read_from_purchases},
        {"segments", read_segments}, {"parent", read_parent},       {NULL, NULL}};
    reader->table = PV_TABLE_USERS;
    return read_mapping(reader, value, keys);
}

static pv_status read_eligibility(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key keys[] = {{"file", read_file},
                                        {"delimiter", read_delimiter},
                                        {"encoding", read_encoding},
                                        {"columns", read_columns},
                                        {NULL, NULL}};
    reader->table = PV_TABLE_ELIGIBILITY;
    pv_status status = read_mapping(reader, value, keys);
    if (status != PV_OK) return status;
    if (file_settings(reader)->file == NULL) return fail_node(reader, value, "eligibility names no file");
    reader->settings->has_eligibility = true;
    return PV_OK;
}

static pv_status read_events(settings_reader *reader, yaml_node_t *value)
{
    static const settings_key keys[] = {{"purchase", read_purchase_weight}, {NULL, NULL}};
    return read_mapping(reader, value, keys);
}

static pv_status read_document(settings_reader *reader)
{
    static const settings_key keys[] = {
        {"purchases", read_purchases}, {"products", read_products},       {"users", read_users},
        {"events", read_events},       {"eligibility", read_eligibility}, {NULL, NULL}};
    yaml_node_t *root = yaml_document_get_root_node(&reader->document);
    return root == NULL ? PV_OK : read_mapping(reader, root, keys);
}

static pv_status fail_yaml(const yaml_parser_t *parser, pv_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR) return pv_fail_memory(error, "settings", 0);
    return pv_fail_at(error, PV_E_INPUT, (int64_t)parser->problem_mark.line + 1, "shop.yaml:%zu:%zu: %s",
                      parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                      parser->problem != NULL ? parser->problem : "is no YAML");
}

/* One document, and nothing after it. */
static pv_status load_and_read(settings_reader *reader, yaml_parser_t *parser)
{
    yaml_document_t second;
    pv_status status = PV_OK;
    if (!yaml_parser_load(parser, &reader->document)) return fail_yaml(parser, reader->error);
    bool is_empty = yaml_document_get_root_node(&reader->document) == NULL;
    PV_TRY(read_document(reader));
    if (is_empty) goto cleanup;
    if (!yaml_parser_load(parser, &second)) {
        status = fail_yaml(parser, reader->error);
        goto cleanup;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    if (root != NULL) status = fail_node(reader, root, "a second document");
    yaml_document_delete(&second);
cleanup:
    yaml_document_delete(&reader->document);
    return status;
}

pv_status pv_shop_settings_read(pv_shop_settings **settings, pv_text yaml, pv_error *error)
{
    yaml_parser_t parser;
    pv_shop_settings *created = NULL;
    pv_status status = PV_OK;
    if (yaml.size > YAML_BYTES_MAX) {
        return pv_fail(error, PV_E_INPUT, "shop.yaml: larger than %zu KiB", YAML_BYTES_MAX / 1024);
    }
    status = pv_shop_settings_create(&created, error);
    if (status != PV_OK) return status;
    if (!yaml_parser_initialize(&parser)) {
        pv_shop_settings_free(created);
        return pv_fail_memory(error, "settings", 0);
    }
    const char *text = yaml.data != NULL ? yaml.data : "";
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, yaml.size);
    settings_reader reader = {.settings = created, .error = error};
    PV_TRY(load_and_read(&reader, &parser));
    *settings = created;
    created = NULL;
cleanup:
    yaml_parser_delete(&parser);
    pv_shop_settings_free(created);
    return status;
}

pv_status pv_shop_settings_create(pv_shop_settings **settings, pv_error *error)
{
    pv_shop_settings *created = calloc(1, sizeof *created);
    if (created == NULL) return pv_fail_memory(error, "settings", sizeof *created);
    created->strings = pv_arena_create();
    if (created->strings == NULL) {
        free(created);
        return pv_fail_memory(error, "settings", 0);
    }
    for (int table = 0; table < PV_TABLE_COUNT; table++) {
        created->files[table].delimiter = ',';
        created->files[table].decimal = '.';
    }
    created->dislike_at = (double)NAN;
    created->purchase_weight = 1;
    *settings = created;
    return PV_OK;
}

void pv_shop_settings_free(pv_shop_settings *settings)
{
    if (settings == NULL) return;
    for (int32_t i = 0; i < settings->n_skip; i++) pv_text_pattern_free(settings->skip[i].pattern);
    if (settings->cancelled != NULL) pv_text_pattern_free(settings->cancelled->pattern);
    pv_arena_free(settings->strings);
    free(settings);
}
