#include "shop/catalog.h"
#include "base/failure.h"
#include "shop/cell_values.h"
#include <stdlib.h>
#include <string.h>

pv_status pv_catalog_create(pv_catalog **catalog, pv_error *error)
{
    pv_catalog *created = calloc(1, sizeof *created);
    if (created == NULL) return pv_fail_memory(error, "catalog", sizeof *created);
    created->ids = pv_interner_create();
    created->strings = pv_arena_create();
    if (created->ids == NULL || created->strings == NULL) {
        pv_catalog_free(created);
        return pv_fail_memory(error, "catalog", 0);
    }
    *catalog = created;
    return PV_OK;
}

void pv_catalog_free(pv_catalog *catalog)
{
    if (catalog == NULL) return;
    for (int32_t column = 0; column < catalog->n_columns; column++) {
        pv_interner_free(catalog->columns[column].values);
        free(catalog->columns[column].items);
    }
    free(catalog->listings);
    pv_interner_free(catalog->ids);
    pv_arena_free(catalog->strings);
    free(catalog);
}

int32_t pv_catalog_find_column(const pv_catalog *catalog, pv_text name)
{
    for (int32_t column = 0; column < catalog->n_columns; column++) {
        if (pv_text_equal(catalog->columns[column].name, name)) return column;
    }
    return -1;
}

pv_status pv_catalog_column(int32_t *column, pv_catalog *catalog, pv_text name, pv_error *error)
{
    *column = pv_catalog_find_column(catalog, name);
    if (*column >= 0) return PV_OK;
    pv_latest_column *added = &catalog->columns[catalog->n_columns]; /* at most 1024 of the file, 1024 of shop.yaml */
    char *copy = pv_arena_allocate(catalog->strings, name.size + 1, 1);
    pv_interner *values = pv_interner_create();
    if (copy == NULL || values == NULL) {
        pv_interner_free(values);
        return pv_fail_memory(error, "column", name.size);
    }
    if (name.size > 0) memcpy(copy, name.data, name.size);
    *added = (pv_latest_column){.name = {copy, name.size}, .values = values};
    *column = catalog->n_columns++;
    return PV_OK;
}

/* Make array[0 .. index] exist; new items are zero. */
static bool extend(void **array, size_t *count, size_t *capacity, int64_t index, size_t size)
{
    size_t needed = (size_t)index + 1;
    if (needed <= *count) return true;
    if (!pv_reserve(array, capacity, needed, size)) return false;
    memset((char *)*array + *count * size, 0, (needed - *count) * size);
    *count = needed;
    return true;
}

pv_status pv_catalog_set(pv_catalog *catalog, int32_t column, int64_t id, pv_text value, int64_t time, pv_error *error)
{
    pv_latest_column *target = &catalog->columns[column];
    void *items = target->items;
    if (value.size == 0) return PV_OK;
    if (!extend(&items, &target->n_items, &target->capacity, id, sizeof *target->items)) {
        return pv_fail_memory(error, "column", (uint64_t)id);
    }
    target->items = items;
    pv_latest_text *item = &target->items[id];
    if (item->value != 0 && time < item->time) return PV_OK;
    item->time = time;
    if (item->value != 0 && pv_text_equal(pv_interner_text(target->values, item->value - 1), value)) return PV_OK;
    int64_t number = pv_interner_add(target->values, value);
    if (number < 0 || number >= INT32_MAX) return pv_fail_memory(error, "column", value.size);
    item->value = (int32_t)number + 1;
    return PV_OK;
}

pv_text pv_catalog_value(const pv_catalog *catalog, int32_t column, int64_t id)
{
    const pv_latest_column *source = &catalog->columns[column];
    if ((size_t)id >= source->n_items || source->items[id].value == 0) return (pv_text){"", 0};
    return pv_interner_text(source->values, source->items[id].value - 1);
}

/* Remember that `id` stands in `row`. */
static pv_status list(bool *is_repeated, pv_catalog *catalog, int64_t id, const pv_catalog_table *table,
                      const pv_row *row, pv_row_digest digest, pv_error *error)
{
    char quoted[PV_QUOTED_SIZE];
    const pv_row_source *source = table->source;
    void *listings = catalog->listings;
    if (!extend(&listings, &catalog->n_listings, &catalog->capacity, id, sizeof *catalog->listings)) {
        return pv_fail_memory(error, "listing", (uint64_t)id);
    }
    catalog->listings = listings;
    pv_listing *listing = &catalog->listings[id];
    *is_repeated = listing->line != 0;
    if (!*is_repeated) {
        *listing = (pv_listing){row->line, digest};
        return PV_OK;
    }
    if (listing->digest.low == digest.low && listing->digest.high == digest.high) return PV_OK;
    return pv_fail_at(error, PV_E_INPUT, row->line, "%s:%lld: column %.*s: %s stands in line %lld with other contents",
                      source->file, (long long)row->line, (int)source->columns[table->id_column].size,
                      source->columns[table->id_column].data, pv_cell_quote(quoted, row->fields[table->id_column]),
                      (long long)listing->line);
}

/* The name under which a column of the file is kept; data NULL when it is not kept as a text. */
static pv_text text_name(const pv_row_source *source, int32_t column, const int32_t *index, const char *const *names,
                         const bool *is_text, int32_t n_names)
{
    const pv_text own_name = source->columns[column];
    const pv_text none = {NULL, 0};
    for (int32_t known = 0; known < n_names; known++) {
        if (index[known] == column) return is_text[known] ? pv_text_of(names[known]) : none;
    }
    for (int32_t known = 0; known < n_names; known++) {
        if (index[known] >= 0 && pv_text_equal(own_name, pv_text_of(names[known]))) return none; /* mapping wins */
    }
    return own_name;
}

pv_status pv_catalog_table_init(pv_catalog_table *table, pv_catalog *catalog, const pv_row_source *source,
                                const int32_t *index, const char *const *names, const bool *is_text, int32_t n_names,
                                pv_error *error)
{
    table->source = source;
    table->id_column = index[0];
    for (int32_t column = 0; column < source->n_columns; column++) {
        pv_text name = text_name(source, column, index, names, is_text, n_names);
        table->targets[column] = -1;
        if (name.data == NULL) continue;
        pv_status status = pv_catalog_column(&table->targets[column], catalog, name, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

pv_status pv_catalog_take(int64_t *id, pv_catalog *catalog, const pv_catalog_table *table, const pv_row *row,
                          pv_content_hash *scratch, pv_error *error)
{
    const pv_text text = row->fields[table->id_column];
    bool is_repeated = false;
    pv_row_digest digest = pv_row_digest_of(scratch, row->fields, row->n_fields);
    int64_t number = pv_interner_add(catalog->ids, text);
    if (number < 0 || number >= INT32_MAX) return pv_fail_memory(error, "id", text.size);
    pv_status status = list(&is_repeated, catalog, number, table, row, digest, error);
    for (int32_t column = 0; status == PV_OK && !is_repeated && column < row->n_fields; column++) {
        if (table->targets[column] < 0) continue;
        status = pv_catalog_set(catalog, table->targets[column], number, row->fields[column], PV_TIME_LISTED, error);
    }
    *id = is_repeated ? -1 : number;
    return status;
}

bool pv_catalog_is_listed(const pv_catalog *catalog, int64_t id)
{
    return (size_t)id < catalog->n_listings && catalog->listings[id].line != 0;
}
