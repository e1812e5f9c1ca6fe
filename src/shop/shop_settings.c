/* The document is walked by tables of keys, so that every key that is not in one is an error with its place. */
#include "shop/shop_settings.h"
#include "base/failure.h"
#include "shop/yaml_document.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 12 /* of one mapping, with the end of the list */

typedef struct settings_reader {
    pv_yaml_document *document;
    pv_shop_settings *settings;
    pv_table_kind table; /* whose part is being read */
    pv_row_rule *rule;   /* which is being read */
    pv_error *error;
} settings_reader;

typedef struct settings_key {
    const char *name;
    pv_status (*read)(settings_reader *reader, const pv_yaml_node *value);
} settings_key;

/* --- nodes ------------------------------------------------------------------------------------------------------ */

#define fail_node(reader, node, ...) pv_yaml_fail((reader)->document, (node), (reader)->error, __VA_ARGS__)

static pv_status keep_text(pv_text *text, settings_reader *reader, const pv_yaml_node *node)
{
    if (node->kind != PV_YAML_SCALAR || pv_yaml_is_null(node))
        return fail_node(reader, node, "a text was expected here");
    pv_text scalar = node->text;
    if (scalar.size == 0 || memchr(scalar.data, '\0', scalar.size) != NULL) {
        return fail_node(reader, node, "%s was expected here", scalar.size == 0 ? "a text" : "a text without NUL");
    }
    char *copy = pv_arena_allocate(reader->settings->strings, scalar.size + 1, 1);
    if (copy == NULL) return pv_fail_memory(reader->error, "settings", scalar.size);
    memcpy(copy, scalar.data, scalar.size);
    *text = (pv_text){copy, scalar.size};
    return PV_OK;
}

static pv_status fail_unknown_key(settings_reader *reader, const pv_yaml_node *key, const settings_key *keys)
{
    const char *names[KEYS_MAX];
    size_t n = 0;
    for (; n < KEYS_MAX && keys[n].name != NULL; n++) names[n] = keys[n].name;
    return pv_yaml_fail_unknown_key(reader->document, key, names, n, reader->error);
}

static pv_status mapping_pairs(const pv_yaml_pair **pairs, int32_t *count, settings_reader *reader,
                               const pv_yaml_node *node)
{
    return pv_yaml_pairs(pairs, count, reader->document, node, PV_COLUMNS_MAX, reader->error);
}

static pv_status read_mapping(settings_reader *reader, const pv_yaml_node *node, const settings_key *keys)
{
    const pv_yaml_pair *pairs;
    int32_t count;
    pv_status status = mapping_pairs(&pairs, &count, reader, node);
    for (int32_t i = 0; status == PV_OK && i < count; i++) {
        const pv_yaml_node *key = pairs[i].key;
        const settings_key *known = keys;
        while (known->name != NULL && !pv_yaml_is(key, known->name)) known++;
        if (known->name == NULL) return fail_unknown_key(reader, key, keys);
        status = known->read(reader, pairs[i].value);
    }
    return status;
}

/* --- how a file is written -------------------------------------------------------------------------------------- */

static pv_file_settings *file_settings(settings_reader *reader)
{
    return &reader->settings->files[reader->table];
}

static pv_status read_file(settings_reader *reader, const pv_yaml_node *value)
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

static pv_status read_delimiter(settings_reader *reader, const pv_yaml_node *value)
{
    pv_text text = value->kind == PV_YAML_SCALAR ? value->text : (pv_text){NULL, 0};
    if (text.size != 1 || text.data[0] == '"' || text.data[0] == '\n' || text.data[0] == '\r' ||
        (unsigned char)text.data[0] > 0x7e || text.data[0] == '\0') {
        return fail_node(reader, value, "a delimiter is one ASCII character, and neither a quote nor a line break");
    }
    file_settings(reader)->delimiter = text.data[0];
    return PV_OK;
}

static pv_status read_decimal(settings_reader *reader, const pv_yaml_node *value)
{
    if (!pv_yaml_is(value, ".") && !pv_yaml_is(value, ","))
        return fail_node(reader, value, "decimal is \".\" or \",\"");
    file_settings(reader)->decimal = value->text.data[0];
    return PV_OK;
}

static pv_status read_encoding(settings_reader *reader, const pv_yaml_node *value)
{
    bool is_latin1 = pv_yaml_is(value, "latin1");
    if (!is_latin1 && !pv_yaml_is(value, "utf-8")) return fail_node(reader, value, "encoding is utf-8 or latin1");
    file_settings(reader)->is_latin1 = is_latin1;
    return PV_OK;
}

static pv_status read_column_mappings(pv_column_mappings *mappings, settings_reader *reader, const pv_yaml_node *node,
                                      const settings_key *known, const char *forbidden)
{
    const pv_yaml_pair *pairs;
    int32_t count;
    pv_status status = mapping_pairs(&pairs, &count, reader, node);
    if (status != PV_OK) return status;
    mappings->items = pv_arena_allocate(reader->settings->strings, (size_t)count, sizeof *mappings->items);
    if (mappings->items == NULL) return pv_fail_memory(reader->error, "settings", (uint64_t)count);
    for (mappings->count = 0; mappings->count < count; mappings->count++) {
        const pv_yaml_node *key = pairs[mappings->count].key;
        pv_column_mapping *mapping = &mappings->items[mappings->count];
        const settings_key *entry = known;
        while (entry != NULL && entry->name != NULL && !pv_yaml_is(key, entry->name)) entry++;
        if (entry != NULL && entry->name == NULL) return fail_unknown_key(reader, key, known);
        if (forbidden != NULL && pv_yaml_is(key, forbidden)) {
            return fail_node(reader, key, "%s is the id itself", forbidden);
        }
        status = keep_text(&mapping->name, reader, key);
        if (status == PV_OK) {
            status = keep_text(&mapping->column, reader, pairs[mappings->count].value);
        }
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static pv_status read_columns(settings_reader *reader, const pv_yaml_node *value)
{
    static const settings_key names[PV_TABLE_COUNT][KEYS_MAX] = {
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

static pv_status read_time_format(settings_reader *reader, const pv_yaml_node *value)
{
    pv_text format = {NULL, 0};
    pv_status status = keep_text(&format, reader, value);
    if (status == PV_OK) reader->settings->time_format = format.data;
    return status;
}

static pv_status read_discount_unit(settings_reader *reader, const pv_yaml_node *value)
{
    bool is_percent = pv_yaml_is(value, "percent");
    if (!is_percent && !pv_yaml_is(value, "fraction")) {
        return fail_node(reader, value, "discount_unit is fraction or percent");
    }
    reader->settings->discount_is_percent = is_percent;
    return PV_OK;
}

static pv_status read_dislike_at(settings_reader *reader, const pv_yaml_node *value)
{
    return pv_yaml_number(&reader->settings->dislike_at, reader->document, value, reader->error);
}

static pv_status read_rule_column(settings_reader *reader, const pv_yaml_node *value)
{
    return keep_text(&reader->rule->column, reader, value);
}

static pv_status read_rule_empty(settings_reader *reader, const pv_yaml_node *value)
{
    if (!pv_yaml_is(value, "true")) return fail_node(reader, value, "empty can only be true");
    reader->rule->kind = PV_RULE_EMPTY;
    return PV_OK;
}

static pv_status read_rule_pattern(settings_reader *reader, const pv_yaml_node *value, int kind)
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

static pv_status read_rule_matching(settings_reader *reader, const pv_yaml_node *value)
{
    return read_rule_pattern(reader, value, PV_RULE_MATCHING);
}

static pv_status read_rule_not_matching(settings_reader *reader, const pv_yaml_node *value)
{
    return read_rule_pattern(reader, value, PV_RULE_NOT_MATCHING);
}

static pv_status read_rule(settings_reader *reader, const pv_yaml_node *value, const settings_key *keys)
{
    pv_status status = read_mapping(reader, value, keys);
    if (status != PV_OK) return status;
    if (reader->rule->column.data == NULL) return fail_node(reader, value, "the rule names no column");
    if (pv_yaml_is_null(value) || value->count != 2) {
        return fail_node(reader, value, "a rule is a column and one test");
    }
    return PV_OK;
}

static pv_status read_skip(settings_reader *reader, const pv_yaml_node *value)
{
    static const settings_key keys[] = {{"column", read_rule_column},
                                        {"empty", read_rule_empty},
                                        {"matching", read_rule_matching},
                                        {"not_matching", read_rule_not_matching},
                                        {NULL, NULL}};
    pv_shop_settings *settings = reader->settings;
    if (value->kind != PV_YAML_SEQUENCE) return fail_node(reader, value, "a list of rules was expected here");
    const int64_t count = value->count;
    if (count > PV_COLUMNS_MAX) return fail_node(reader, value, "more than %d rules", PV_COLUMNS_MAX);
    settings->skip = pv_arena_allocate(settings->strings, (size_t)count, sizeof *settings->skip);
    if (settings->skip == NULL) return pv_fail_memory(reader->error, "settings", (uint64_t)count);
    for (int64_t i = 0; i < count; i++) {
        reader->rule = &settings->skip[i];
        settings->n_skip = (int32_t)i + 1; /* before it is read, so that its pattern is freed in any case */
        pv_status status = read_rule(reader, value->items[i], keys);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static pv_status read_cancelled(settings_reader *reader, const pv_yaml_node *value)
{
    static const settings_key keys[] = {{"column", read_rule_column}, {"matching", read_rule_matching}, {NULL, NULL}};
    pv_shop_settings *settings = reader->settings;
    settings->cancelled = pv_arena_allocate(settings->strings, 1, sizeof *settings->cancelled);
    if (settings->cancelled == NULL) return pv_fail_memory(reader->error, "settings", sizeof *settings->cancelled);
    reader->rule = settings->cancelled;
    return read_rule(reader, value, keys);
}

static pv_status read_from_purchases(settings_reader *reader, const pv_yaml_node *value)
{
    pv_shop_settings *settings = reader->settings;
    bool is_products = reader->table == PV_TABLE_PRODUCTS;
    return read_column_mappings(is_products ? &settings->products_from_purchases : &settings->users_from_purchases,
                                reader, value, NULL, is_products ? "product_id" : "user_id");
}

static pv_status read_segments(settings_reader *reader, const pv_yaml_node *value)
{
    pv_shop_settings *settings = reader->settings;
    if (value->kind != PV_YAML_SEQUENCE) return fail_node(reader, value, "a list of columns was expected here");
    const int64_t count = value->count;
    if (count > PV_COLUMNS_MAX) return fail_node(reader, value, "more than %d segments", PV_COLUMNS_MAX);
    settings->segments = pv_arena_allocate(settings->strings, (size_t)count, sizeof *settings->segments);
    if (settings->segments == NULL) return pv_fail_memory(reader->error, "settings", (uint64_t)count);
    settings->has_segments = true;
    for (int64_t i = 0; i < count; i++) {
        const pv_yaml_node *item = value->items[i];
        pv_status status = keep_text(&settings->segments[i], reader, item);
        if (status != PV_OK) return status;
        for (int64_t j = 0; j < i; j++) {
            if (pv_text_equal(settings->segments[i], settings->segments[j])) {
                return fail_node(reader, item, "the segment stands twice");
            }
        }
        settings->n_segments = (int32_t)i + 1;
    }
    return PV_OK;
}

static pv_status read_parent(settings_reader *reader, const pv_yaml_node *value)
{
    return keep_text(&reader->settings->parent, reader, value);
}

static pv_status read_purchase_weight(settings_reader *reader, const pv_yaml_node *value)
{
    pv_status status = pv_yaml_number(&reader->settings->purchase_weight, reader->document, value, reader->error);
    if (status == PV_OK && reader->settings->purchase_weight < 0) {
        return fail_node(reader, value, "a weight must not be negative");
    }
    return status;
}

/* --- the parts -------------------------------------------------------------------------------------------------- */

static pv_status read_purchases(settings_reader *reader, const pv_yaml_node *value)
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

static pv_status read_products(settings_reader *reader, const pv_yaml_node *value)
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

static pv_status read_users(settings_reader *reader, const pv_yaml_node *value)
{
    static const settings_key keys[] = {
        {"file", read_file},         {"delimiter", read_delimiter}, {"decimal", read_decimal},
        {"encoding", read_encoding}, {"columns", read_columns},     {"from_purchases", read_from_purchases},
        {"segments", read_segments}, {"parent", read_parent},       {NULL, NULL}};
    reader->table = PV_TABLE_USERS;
    return read_mapping(reader, value, keys);
}

static pv_status read_eligibility(settings_reader *reader, const pv_yaml_node *value)
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

static pv_status read_events(settings_reader *reader, const pv_yaml_node *value)
{
    static const settings_key keys[] = {{"purchase", read_purchase_weight}, {NULL, NULL}};
    return read_mapping(reader, value, keys);
}

static pv_status read_document(settings_reader *reader)
{
    static const settings_key keys[] = {
        {"purchases", read_purchases}, {"products", read_products},       {"users", read_users},
        {"events", read_events},       {"eligibility", read_eligibility}, {NULL, NULL}};
    const pv_yaml_node *root = reader->document->root;
    return root == NULL ? PV_OK : read_mapping(reader, root, keys);
}

pv_status pv_shop_settings_read(pv_shop_settings **settings, pv_text yaml, pv_error *error)
{
    pv_status status;
    settings_reader reader = {.error = error};
    PV_TRY(pv_yaml_document_read(&reader.document, "shop.yaml", yaml, error));
    PV_TRY(pv_shop_settings_create(&reader.settings, error));
    PV_TRY(read_document(&reader));
    *settings = reader.settings;
    reader.settings = NULL;
cleanup:
    pv_shop_settings_free(reader.settings);
    pv_yaml_document_free(reader.document);
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
