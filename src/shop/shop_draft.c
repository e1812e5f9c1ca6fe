/* What was read, turned into tables: columns become one value per id, the parent and the segments are decided. */
#include "shop/shop_draft.h"
#include "base/failure.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_VALUES_MIN 2
#define SEGMENT_VALUES_MAX 200

pv_status pv_shop_draft_create(pv_shop_draft **draft, const pv_shop_settings *settings, pv_table_scan *scan,
                               pv_error *error)
{
    pv_status status = PV_OK;
    pv_shop_draft *created = calloc(1, sizeof *created);
    if (created == NULL) return pv_fail_memory(error, "tables", sizeof *created);
    created->settings = settings;
    created->scan = scan;
    created->last_time = PV_NO_TIME;
    created->order_ids = pv_interner_create();
    created->strings = pv_arena_create();
    if (created->order_ids == NULL || created->strings == NULL) {
        status = pv_fail_memory(error, "tables", 0);
        goto cleanup;
    }
    PV_TRY(pv_catalog_create(&created->users, error));
    PV_TRY(pv_catalog_create(&created->products, error));
    *draft = created;
    created = NULL;
cleanup:
    pv_shop_draft_free(created);
    return status;
}

void pv_shop_draft_free(pv_shop_draft *draft)
{
    if (draft == NULL) return;
    pv_catalog_free(draft->users);
    pv_catalog_free(draft->products);
    pv_interner_free(draft->order_ids);
    pv_arena_free(draft->strings);
    for (int number = 0; number < PV_PRODUCT_NUMBERS; number++) free(draft->product_numbers[number].items);
    pv_purchase_table_deinit(&draft->purchases);
    free(draft->eligibility);
    free(draft);
}

pv_status pv_shop_draft_set_number(pv_shop_draft *draft, int64_t product, pv_product_number number, double value,
                                   int64_t time, pv_error *error)
{
    if (isnan(value)) return PV_OK;
    pv_latest_numbers *numbers = &draft->product_numbers[number];
    const size_t needed = (size_t)product + 1;
    if (needed > numbers->n) {
        void *items = numbers->items;
        if (!pv_reserve(&items, &numbers->capacity, needed, sizeof *numbers->items)) {
            return pv_fail_memory(error, "products", needed * sizeof *numbers->items);
        }
        numbers->items = items;
        memset(numbers->items + numbers->n, 0, (needed - numbers->n) * sizeof *numbers->items);
        numbers->n = needed;
    }
    pv_latest_number *latest = &numbers->items[product];
    if (!latest->is_set || time >= latest->time) *latest = (pv_latest_number){true, time, value};
    return PV_OK;
}

/* --- from draft to tables --------------------------------------------------------------------------------------- */

static pv_status copy_text(pv_text *copy, pv_arena *strings, pv_text text, pv_error *error)
{
    char *bytes = pv_arena_allocate(strings, text.size + 1, 1);
    if (bytes == NULL) return pv_fail_memory(error, "text", text.size);
    if (text.size > 0) memcpy(bytes, text.data, text.size);
    *copy = (pv_text){bytes, text.size};
    return PV_OK;
}

/* One value per id; each distinct value that is still in use is copied once. */
static pv_status fill_values(pv_text *values, const pv_latest_column *source, pv_arena *strings, pv_error *error)
{
    const int64_t n_distinct = pv_interner_count(source->values);
    pv_status status = PV_OK;
    pv_text *copies = pv_allocate((size_t)n_distinct, sizeof *copies);
    if (copies == NULL) return pv_fail_memory(error, "column", (uint64_t)n_distinct * sizeof *copies);
    for (size_t id = 0; status == PV_OK && id < source->n_items; id++) {
        int32_t number = source->items[id].value - 1;
        if (number < 0) continue;
        if (copies[number].data == NULL) {
            status = copy_text(&copies[number], strings, pv_interner_text(source->values, number), error);
        }
        values[id] = copies[number];
    }
    pv_release(copies);
    return status;
}

static pv_status make_column(pv_column *column, pv_shop_draft *draft, const pv_catalog *catalog, int32_t index,
                             pv_error *error)
{
    const pv_latest_column *source = &catalog->columns[index];
    const int64_t n_ids = pv_interner_count(catalog->ids);
    column->values = pv_arena_allocate(draft->strings, (size_t)n_ids, sizeof *column->values);
    column->name = pv_arena_print(draft->strings, "%s", source->name.data);
    if (column->values == NULL || column->name == NULL) return pv_fail_memory(error, "column", (uint64_t)n_ids);
    for (int64_t id = 0; id < n_ids; id++) column->values[id] = (pv_text){"", 0};
    return fill_values(column->values, source, draft->strings, error);
}

static pv_status make_columns(pv_column **columns, int64_t *count, pv_shop_draft *draft, const pv_catalog *catalog,
                              const char *left_out, pv_error *error)
{
    *columns = pv_arena_allocate(draft->strings, (size_t)catalog->n_columns, sizeof **columns);
    if (*columns == NULL) return pv_fail_memory(error, "columns", (uint64_t)catalog->n_columns);
    for (int32_t index = 0; index < catalog->n_columns; index++) {
        if (pv_text_equal(catalog->columns[index].name, pv_text_of(left_out))) continue;
        pv_status status = make_column(&(*columns)[(*count)++], draft, catalog, index, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

/* The values of a column that is not among the columns of the tables, or NULL when there is no such column. */
static pv_status single_column(pv_text **values, pv_shop_draft *draft, const pv_catalog *catalog, pv_text name,
                               pv_error *error)
{
    pv_column column;
    int32_t index = pv_catalog_find_column(catalog, name);
    *values = NULL;
    if (index < 0) return PV_OK;
    pv_status status = make_column(&column, draft, catalog, index, error);
    if (status == PV_OK) *values = column.values;
    return status;
}

static pv_text value_or_none(const pv_text *values, int64_t id)
{
    return values != NULL && values[id].size > 0 ? values[id] : (pv_text){NULL, 0};
}

static pv_text *find_values(const pv_column *columns, int64_t count, const char *name)
{
    for (int64_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0) return columns[i].values;
    }
    return NULL;
}

static double number_of(const pv_shop_draft *draft, int64_t product, pv_product_number number)
{
    const pv_latest_numbers *numbers = &draft->product_numbers[number];
    if ((size_t)product >= numbers->n) return (double)NAN;
    const pv_latest_number *latest = &numbers->items[product];
    return latest->is_set ? latest->value : (double)NAN;
}

static pv_status make_products(pv_tables *tables, pv_shop_draft *draft, pv_error *error)
{
    const int64_t n_products = pv_interner_count(draft->products->ids);
    pv_text *names = NULL;
    pv_status status = PV_OK;
    PV_TRY(make_columns(&tables->product_columns, &tables->n_product_columns, draft, draft->products, "name", error));
    PV_TRY(single_column(&names, draft, draft->products, pv_text_of("name"), error));
    const pv_text *categories = find_values(tables->product_columns, tables->n_product_columns, "category");
    const pv_text *brands = find_values(tables->product_columns, tables->n_product_columns, "brand");
    tables->products = pv_allocate((size_t)n_products, sizeof *tables->products);
    if (tables->products == NULL) return pv_fail_memory(error, "products", (uint64_t)n_products);
    for (int64_t product = 0; product < n_products; product++) {
        double available_from = number_of(draft, product, PV_PRODUCT_AVAILABLE_FROM);
        tables->products[product] = (pv_product_row){
            .listed = pv_catalog_is_listed(draft->products, product),
            .name = value_or_none(names, product),
            .category = value_or_none(categories, product),
            .brand = value_or_none(brands, product),
            .price = number_of(draft, product, PV_PRODUCT_PRICE),
            .discount = number_of(draft, product, PV_PRODUCT_DISCOUNT),
            .stock = number_of(draft, product, PV_PRODUCT_STOCK),
            .pack = number_of(draft, product, PV_PRODUCT_PACK),
            .is_discontinued = number_of(draft, product, PV_PRODUCT_DISCONTINUED) > 0,
            .promotion = number_of(draft, product, PV_PRODUCT_PROMOTION),
            .available_from = isnan(available_from) ? PV_NO_TIME : (int64_t)available_from,
            .last_unit_price = number_of(draft, product, PV_PRODUCT_LAST_UNIT_PRICE),
        };
    }
cleanup:
    return status;
}

static pv_status make_users(pv_tables *tables, pv_shop_draft *draft, pv_error *error)
{
    char quoted[PV_QUOTED_SIZE];
    const pv_text parent_name =
        draft->settings->parent.data != NULL ? draft->settings->parent : pv_text_of("parent_id");
    const int64_t n_users = pv_interner_count(draft->users->ids);
    pv_text *parents = NULL;
    pv_status status = PV_OK;
    PV_TRY(make_columns(&tables->user_columns, &tables->n_user_columns, draft, draft->users, "parent_id", error));
    PV_TRY(single_column(&parents, draft, draft->users, parent_name, error));
    if (parents == NULL && draft->settings->parent.data != NULL) {
        return pv_fail(error, PV_E_INPUT, "shop.yaml: parent: users have no column %s",
                       pv_cell_quote(quoted, parent_name));
    }
    tables->users = pv_allocate((size_t)n_users, sizeof *tables->users);
    if (tables->users == NULL) return pv_fail_memory(error, "users", (uint64_t)n_users);
    for (int64_t user = 0; user < n_users; user++) {
        tables->users[user] = (pv_user_row){pv_catalog_is_listed(draft->users, user), value_or_none(parents, user)};
    }
cleanup:
    return status;
}

/* --- segments --------------------------------------------------------------------------------------------------- */

/* A text column with few enough values to speak of groups. Only values that some user still has count. */
static pv_status is_segment(bool *is_one, const pv_column *column, int64_t n_users, pv_error *error)
{
    pv_interner *distinct = pv_interner_create();
    bool has_text = false;
    double number;
    if (distinct == NULL) return pv_fail_memory(error, "segments", 0);
    for (int64_t user = 0; user < n_users && pv_interner_count(distinct) <= SEGMENT_VALUES_MAX; user++) {
        const pv_text value = column->values[user];
        if (value.size == 0) continue;
        if (pv_interner_add(distinct, value) < 0) {
            pv_interner_free(distinct);
            return pv_fail_memory(error, "segments", value.size);
        }
        has_text = has_text || !pv_number_parse(&number, pv_cell_trim(value), '.');
    }
    int64_t count = pv_interner_count(distinct);
    pv_interner_free(distinct);
    *is_one = has_text && count >= SEGMENT_VALUES_MIN && count <= SEGMENT_VALUES_MAX;
    return PV_OK;
}

static pv_status named_segments(pv_tables *tables, pv_shop_draft *draft, pv_error *error)
{
    char quoted[PV_QUOTED_SIZE];
    const pv_shop_settings *settings = draft->settings;
    for (int32_t i = 0; i < settings->n_segments; i++) {
        if (pv_catalog_find_column(draft->users, settings->segments[i]) < 0 ||
            pv_text_equal(settings->segments[i], pv_text_of("parent_id"))) {
            return pv_fail(error, PV_E_INPUT, "shop.yaml: segments: users have no column %s",
                           pv_cell_quote(quoted, settings->segments[i]));
        }
        pv_status status = copy_text(&tables->segment_columns[tables->n_segment_columns++], draft->strings,
                                     settings->segments[i], error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static pv_status make_segments(pv_tables *tables, pv_shop_draft *draft, pv_error *error)
{
    const pv_shop_settings *settings = draft->settings;
    size_t n_possible = (size_t)tables->n_user_columns + (size_t)settings->n_segments;
    tables->segment_columns = pv_arena_allocate(draft->strings, n_possible, sizeof *tables->segment_columns);
    if (tables->segment_columns == NULL) return pv_fail_memory(error, "segments", n_possible);
    if (settings->has_segments) return named_segments(tables, draft, error);
    for (int64_t i = 0; i < tables->n_user_columns; i++) {
        const pv_text name = pv_text_of(tables->user_columns[i].name);
        bool is_one = false;
        if (pv_text_equal(name, pv_text_of("price_list")) || pv_text_equal(name, settings->parent)) continue;
        pv_status status = is_segment(&is_one, &tables->user_columns[i], pv_interner_count(draft->users->ids), error);
        if (status != PV_OK) return status;
        if (is_one) tables->segment_columns[tables->n_segment_columns++] = name;
    }
    return PV_OK;
}

/* What moves as it is. */
static void hand_over(pv_tables *tables, pv_shop_draft *draft)
{
    tables->user_ids = draft->users->ids;
    tables->product_ids = draft->products->ids;
    tables->order_ids = draft->order_ids;
    tables->purchases = draft->purchases;
    tables->purchase_weight = draft->settings->purchase_weight;
    tables->eligibility = draft->eligibility;
    tables->n_eligibility = (int64_t)draft->n_eligibility;
    tables->given_lists = draft->given_lists;
    tables->n_given_lists = (int64_t)draft->n_given_lists;
    tables->has_eligibility = draft->settings->has_eligibility || draft->n_given_lists > 0;
    tables->has_time = draft->has_time;
    tables->has_order = draft->has_order;
    tables->has_quantity = draft->has_quantity;
    tables->has_purchase_count = draft->has_purchase_count;
    tables->has_discount = draft->has_discount;
    tables->has_unit_price = draft->has_unit_price;
    tables->has_rating = draft->has_rating;
    tables->dislike_at = draft->settings->dislike_at;
    tables->last_time = draft->last_time;
    tables->strings = draft->strings;
    draft->users->ids = draft->products->ids = draft->order_ids = NULL;
    draft->purchases = (pv_purchase_table){0};
    draft->eligibility = NULL;
    draft->strings = NULL;
}

pv_status pv_shop_draft_finish(pv_tables **tables, pv_shop_draft *draft, pv_error *error)
{
    pv_status status = PV_OK;
    pv_tables *made = calloc(1, sizeof *made);
    if (made == NULL) return pv_fail_memory(error, "tables", sizeof *made);
    PV_TRY(make_products(made, draft, error));
    PV_TRY(make_users(made, draft, error));
    PV_TRY(make_segments(made, draft, error));
    hand_over(made, draft);
    *tables = made;
    made = NULL;
cleanup:
    pv_tables_free(made);
    return status;
}
