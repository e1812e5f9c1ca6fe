/* shop_products.c - text columns, categories, prices and names of the products. */
#include "shop/shop_tensors.h"

#include "shop/category_path.h"
#include "shop/dictionary.h"
#include <math.h>
#include <string.h>

/* --- text columns ------------------------------------------------------------------------------------------------ */

/* Add columns[chosen[i]] as codes into one sorted list of values. order[row] = number in the interner. */
static pv_status add_columns(pv_shop_tensors *b, const pv_column *columns, const int64_t *chosen, int64_t n_chosen,
                             const int32_t *order, int64_t n_rows, const char *name_tensor, const char *value_tensor,
                             const char *code_tensor, pv_error *error)
{
    pv_status status = PV_OK;
    int32_t *codes = NULL;
    pv_dictionary *dictionary = pv_dictionary_create();
    pv_text *names = pv_arena_allocate(b->arena, (size_t)n_chosen, sizeof *names);
    PV_TRY(pv_check_memory(dictionary != NULL, "columns", error));
    PV_TRY(pv_check_memory(names != NULL, "columns", error));
    for (int64_t c = 0; c < n_chosen; c++) {
        names[c] = pv_text_of(columns[chosen[c]].name);
        for (int64_t r = 0; r < n_rows; r++)
            if (columns[chosen[c]].values[r].size)
                PV_TRY(pv_check_memory(pv_dictionary_add(dictionary, columns[chosen[c]].values[r]), "column values",
                                       error));
    }
    PV_TRY(pv_check_memory(pv_dictionary_sort(dictionary), "column values", error));
    PV_TRY(pv_tensors_add_texts(b->tensors, name_tensor, names, n_chosen, error));
    PV_TRY(pv_tensors_add_texts(b->tensors, value_tensor, pv_dictionary_texts(dictionary),
                                pv_dictionary_count(dictionary), error));
    if (n_chosen > 0) PV_TRY(pv_tensors_add(&codes, b->tensors, code_tensor, PV_I32, n_chosen, n_rows, error));
    for (int64_t c = 0; c < n_chosen; c++) {
        for (int64_t r = 0; r < n_rows; r++) {
            const pv_text value = columns[chosen[c]].values[order[r]];
            codes[c * n_rows + r] = value.size ? pv_dictionary_code(dictionary, value) : -1;
        }
    }
cleanup:
    pv_dictionary_free(dictionary);
    return status;
}

pv_status pv_shop_add_columns(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tables *tables = b->tables;
    int64_t *all = pv_arena_allocate(b->arena, (size_t)tables->n_product_columns, sizeof *all);
    int64_t *segments = pv_arena_allocate(b->arena, (size_t)tables->n_segment_columns, sizeof *segments);
    PV_TRY(pv_check_memory(all != NULL, "columns", error));
    PV_TRY(pv_check_memory(segments != NULL, "columns", error));
    for (int64_t c = 0; c < tables->n_product_columns; c++) all[c] = c;
    for (int64_t s = 0; s < tables->n_segment_columns; s++)
        for (int64_t c = 0; c < tables->n_user_columns; c++)
            if (pv_text_equal(pv_text_of(tables->user_columns[c].name), tables->segment_columns[s])) segments[s] = c;
    PV_TRY(add_columns(b, tables->product_columns, all, tables->n_product_columns, b->product_order, b->n_products,
                       "product_columns.name", "product_columns.value", "product_columns.code", error));
    PV_TRY(add_columns(b, tables->user_columns, segments, tables->n_segment_columns, b->user_order, b->n_users,
                       "segments.name", "segments.value", "segments.code", error));
cleanup:
    return status;
}

/* --- products ---------------------------------------------------------------------------------------------------- */

static pv_status add_categories(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    int32_t *parent = NULL, *category = NULL;
    pv_dictionary *dictionary = pv_dictionary_create();
    pv_text *paths = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *paths);
    PV_TRY(pv_check_memory(dictionary != NULL, "categories", error));
    PV_TRY(pv_check_memory(paths != NULL, "categories", error));
    for (int64_t p = 0; p < b->n_products; p++) {
        PV_TRY(pv_check_memory(
            pv_category_path_normal(&paths[p], b->tables->products[b->product_order[p]].category, b->arena),
            "categories", error));
        for (pv_text path = paths[p]; path.size; path = pv_category_path_parent(path))
            PV_TRY(pv_check_memory(pv_dictionary_add(dictionary, path), "categories", error));
    }
    PV_TRY(pv_check_memory(pv_dictionary_sort(dictionary), "categories", error));
    const int64_t n = pv_dictionary_count(dictionary);
    const pv_text *texts = pv_dictionary_texts(dictionary);
    PV_TRY(pv_tensors_add_texts(b->tensors, "categories.path", texts, n, error));
    PV_TRY(pv_tensors_add(&parent, b->tensors, "categories.parent", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&category, b->tensors, "products.category", PV_I32, b->n_products, 0, error));
    for (int64_t c = 0; c < n; c++) {
        const pv_text above = pv_category_path_parent(texts[c]);
        parent[c] = above.size ? pv_dictionary_code(dictionary, above) : -1;
    }
    for (int64_t p = 0; p < b->n_products; p++)
        category[p] = paths[p].size ? pv_dictionary_code(dictionary, paths[p]) : -1;
cleanup:
    pv_dictionary_free(dictionary);
    return status;
}

static pv_status add_first_sold(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t *first_sold = NULL;
    PV_TRY(pv_tensors_add(&first_sold, b->tensors, "products.first_sold", PV_I64, b->n_warm_products, 0, error));
    for (int64_t p = 0; p < b->n_warm_products; p++) first_sold[p] = b->tables->has_time ? INT64_MAX : PV_NO_TIME;
    for (int64_t u = 0; b->tables->has_time && u < b->n_users; u++) {
        for (int64_t l = 0; l < b->lines[u].n_lines; l++) {
            const pv_line *line = &b->lines[u].lines[l];
            if (line->time < first_sold[line->product]) first_sold[line->product] = line->time;
        }
    }
cleanup:
    return status;
}

pv_status pv_shop_add_products(pv_shop_tensors *b, pv_shop_build_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    double *price = NULL, *discount = NULL, *stock = NULL, *promotion = NULL;
    uint8_t *discontinued = NULL;
    int64_t *available_from = NULL, n_listed = 0;
    pv_text *names = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *names);
    PV_TRY(pv_check_memory(names != NULL, "product names", error));
    PV_TRY(pv_tensors_add(&price, b->tensors, "products.price", PV_F64, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&discount, b->tensors, "products.discount", PV_F64, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&stock, b->tensors, "products.stock", PV_F64, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&promotion, b->tensors, "products.promotion", PV_F64, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&discontinued, b->tensors, "products.discontinued", PV_BOOL, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&available_from, b->tensors, "products.available_from", PV_I64, b->n_products, 0, error));
    for (int64_t p = 0; p < b->n_products; p++) {
        const pv_product_row *row = &b->tables->products[b->product_order[p]];
        const bool is_silent = b->is_as_of_given;
        names[p] = row->name;
        price[p] = is_silent ? row->last_unit_price : row->price;
        discount[p] = is_silent ? (double)NAN : row->discount;
        stock[p] = is_silent ? (double)NAN : row->stock;
        promotion[p] = is_silent ? (double)NAN : row->promotion;
        discontinued[p] = !is_silent && row->is_discontinued;
        available_from[p] = row->available_from;
        n_listed += row->listed;
        report->products_unlisted += !row->listed && p < b->n_warm_products;
    }
    if (n_listed == 0) report->products_unlisted = 0; /* there is no products.csv to be missing from */
    PV_TRY(pv_tensors_add_texts(b->tensors, "products.name", names, b->n_products, error));
    PV_TRY(add_categories(b, error));
    PV_TRY(add_first_sold(b, error));
cleanup:
    return status;
}
