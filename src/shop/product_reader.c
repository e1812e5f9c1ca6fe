/* products.csv: numbers are typed, everything else is a text column. */
#include "base/failure.h"
#include "shop/column_lookup.h"
#include "shop/row_cells.h"
#include "shop/shop_draft.h"
#include <math.h>
#include <string.h>
#include <strings.h>

enum { PRODUCT_ID, NAME, CATEGORY, BRAND, FIRST_NUMBER, N_NAMES = FIRST_NUMBER + PV_PRODUCT_LAST_UNIT_PRICE };

static const char *const column_names[N_NAMES] = {
    "product_id",
    "name",
    "category",
    "brand",
    [FIRST_NUMBER + PV_PRODUCT_PRICE] = "price",
    [FIRST_NUMBER + PV_PRODUCT_DISCOUNT] = "discount",
    [FIRST_NUMBER + PV_PRODUCT_STOCK] = "stock",
    [FIRST_NUMBER + PV_PRODUCT_PACK] = "pack",
    [FIRST_NUMBER + PV_PRODUCT_AVAILABLE_FROM] = "available_from",
    [FIRST_NUMBER + PV_PRODUCT_DISCONTINUED] = "discontinued",
    [FIRST_NUMBER + PV_PRODUCT_PROMOTION] = "promotion",
};

pv_product_number pv_product_number_of(pv_text name)
{
    for (int number = 0; number < PV_PRODUCT_LAST_UNIT_PRICE; number++) {
        if (pv_text_equal(name, pv_text_of(column_names[FIRST_NUMBER + number]))) return (pv_product_number)number;
    }
    return PV_PRODUCT_NUMBERS;
}

/* 1 or 0 of what people write for it; NaN when column is -1 or the cell empty. */
static bool read_flag(double *value, pv_row_fault *fault, const pv_row *row, int32_t column)
{
    static const char *const words[2][4] = {{"0", "false", "no", "n"}, {"1", "true", "yes", "y"}};
    char quoted[PV_QUOTED_SIZE];
    *value = (double)NAN;
    if (column < 0) return true;
    const pv_text cell = pv_cell_trim(row->fields[column]);
    for (int flag = 0; flag < 2; flag++)
        for (int w = 0; w < 4; w++)
            if (cell.size == strlen(words[flag][w]) && strncasecmp(cell.data, words[flag][w], cell.size) == 0)
                *value = flag;
    if (cell.size == 0 || !isnan(*value)) return true;
    pv_row_fault_set(fault, column, "%s is no yes or no (expected 1, 0, true, false, yes, no)",
                     pv_cell_quote(quoted, cell));
    return false;
}

bool pv_product_number_read(double *value, pv_row_fault *fault, const pv_row *row, int32_t column,
                            pv_product_number number, char decimal, bool is_percent, pv_time_reader *times)
{
    static const pv_number_range fractions = {0, 1, "0 to 1"}, percents = {0, 100, "0 to 100"};
    static const pv_number_range prices = {0, 1e12, "0 to 1e12"}, amounts = {-1e12, 1e12, "|x| <= 1e12"};
    static const pv_number_range promotions = {0, 1e6, "0 to 1e6"};
    int64_t time = PV_NO_TIME;
    switch (number) {
    case PV_PRODUCT_AVAILABLE_FROM:
        if (!pv_row_time(&time, fault, row, column, times)) return false;
        *value = time == PV_NO_TIME ? (double)NAN : (double)time;
        return true;
    case PV_PRODUCT_DISCOUNT:
        if (!pv_row_number(value, fault, row, column, decimal, is_percent ? &percents : &fractions)) return false;
        if (is_percent) *value /= 100;
        return true;
    case PV_PRODUCT_DISCONTINUED:
        return read_flag(value, fault, row, column);
    case PV_PRODUCT_PROMOTION:
        return pv_row_number(value, fault, row, column, decimal, &promotions);
    case PV_PRODUCT_PRICE:
        return pv_row_number(value, fault, row, column, decimal, &prices);
    default:
        return pv_row_number(value, fault, row, column, decimal, &amounts);
    }
}

typedef struct product_reader {
    pv_shop_draft *draft;
    int32_t index[N_NAMES];
    pv_catalog_table table;
    pv_time_reader times;
} product_reader;

static pv_status visit_product(void *context, const pv_row *row, pv_row_fault *fault, pv_error *error)
{
    product_reader *reader = context;
    pv_shop_draft *draft = reader->draft;
    const char decimal = draft->settings->files[PV_TABLE_PRODUCTS].decimal;
    double numbers[PV_PRODUCT_LAST_UNIT_PRICE];
    pv_text id;
    int64_t product = -1;
    if (!pv_row_id(&id, fault, row, reader->index[PRODUCT_ID])) return PV_OK;
    for (int i = 0; i < PV_PRODUCT_LAST_UNIT_PRICE; i++) {
        if (!pv_product_number_read(&numbers[i], fault, row, reader->index[FIRST_NUMBER + i], (pv_product_number)i,
                                    decimal, false, &reader->times)) {
            return PV_OK;
        }
    }
    pv_status status = pv_catalog_take(&product, draft->products, &reader->table, row, draft->scan->row_hash, error);
    for (int i = 0; status == PV_OK && product >= 0 && i < PV_PRODUCT_LAST_UNIT_PRICE; i++) {
        status = pv_shop_draft_set_number(draft, product, (pv_product_number)i, numbers[i], PV_TIME_LISTED, error);
    }
    return status;
}

pv_status pv_read_products(pv_shop_draft *draft, pv_row_source *source, pv_error *error)
{
    static const bool is_text[N_NAMES] = {[NAME] = true, [CATEGORY] = true, [BRAND] = true};
    product_reader reader = {.draft = draft};
    pv_status status = PV_OK;
    PV_TRY(pv_columns_find(reader.index, source, column_names, N_NAMES, 1,
                           &draft->settings->files[PV_TABLE_PRODUCTS].columns, error));
    PV_TRY(pv_catalog_table_init(&reader.table, draft->products, source, reader.index, column_names, is_text, N_NAMES,
                                 error));
    PV_TRY(pv_table_scan_run(draft->scan, PV_TABLE_PRODUCTS, source, visit_product, &reader, error));
cleanup:
    return status;
}
