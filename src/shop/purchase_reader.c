/* user_purchases.csv, row by row: skip, check, drop what is not known yet, count, intern, keep. */
#include "base/failure.h"
#include "shop/column_lookup.h"
#include "shop/row_cells.h"
#include "shop/shop_draft.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The user first, as a history does without. */
enum { USER, PRODUCT, PURCHASE_COUNT, QUANTITY, TIME, UNIT_PRICE, DISCOUNT, ORDER, RATING, N_COLUMNS };

static const pv_number_range amount_range = {-1e9, 1e9, "|x| <= 1e9"};
static const pv_number_range price_range = {-1e12, 1e12, "|x| <= 1e12"};
static const pv_number_range rating_range = {-1e300, 1e300, "a finite number"};

/* A column whose last value is told about the user or product of the row. */
typedef struct derived_column {
    int32_t column;           /* of the file */
    int32_t target;           /* column of the catalog, when it is a text */
    pv_product_number number; /* PV_PRODUCT_NUMBERS: a text */
    double value;             /* of the row at hand, when it is a number */
} derived_column;

typedef struct derived_columns {
    derived_column *items; /* [count] */
    int32_t count;
} derived_columns;

typedef struct purchase_reader {
    pv_shop_draft *draft;
    const pv_shop_settings *settings;
    const pv_read_options *options;
    pv_read_report *report;
    pv_purchases_form form;
    char decimal;
    int32_t index[N_COLUMNS];
    int32_t skip[PV_COLUMNS_MAX]; /* column of each skip rule */
    int32_t cancelled;            /* column of that rule */
    derived_columns of_products, of_users;
    pv_time_reader times, product_times;
    int64_t first_future_time;     /* dates from here on are bad, INT64_MAX: none are */
    double unit_price;             /* of the row at hand */
    int64_t last_user, last_order; /* numbers of the row before, -1 */
} purchase_reader;

/* --- the header ------------------------------------------------------------------------------------------------- */

static pv_status find_derived(derived_columns *derived, pv_catalog *catalog, const pv_column_mappings *mappings,
                              const pv_row_source *source, bool is_products, pv_error *error)
{
    derived->items = calloc((size_t)mappings->count + 1, sizeof *derived->items);
    if (derived->items == NULL) return pv_fail_memory(error, "from_purchases", (uint64_t)mappings->count);
    derived->count = mappings->count;
    for (int32_t i = 0; i < derived->count; i++) {
        derived_column *item = &derived->items[i];
        pv_status status = pv_column_require(&item->column, source, mappings->items[i].column, "from_purchases", error);
        if (status != PV_OK) return status;
        item->number = is_products ? pv_product_number_of(mappings->items[i].name) : PV_PRODUCT_NUMBERS;
        if (item->number != PV_PRODUCT_NUMBERS) continue;
        status = pv_catalog_column(&item->target, catalog, mappings->items[i].name, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

/* Whether that number of a product is what stands in that column of its last purchase. */
static bool is_taken_from(const derived_columns *derived, pv_product_number number, int32_t column)
{
    for (int32_t i = 0; column >= 0 && i < derived->count; i++)
        if (derived->items[i].number == number && derived->items[i].column == column) return true;
    return false;
}

static pv_rule_subject subject_of(const purchase_reader *reader, int32_t column)
{
    if (column == reader->index[USER]) return PV_RULE_ON_USER;
    if (column == reader->index[PRODUCT]) return PV_RULE_ON_PRODUCT;
    return column == reader->index[ORDER] ? PV_RULE_ON_ORDER : PV_RULE_ON_OTHERS;
}

static pv_status find_rule_columns(purchase_reader *reader, const pv_row_source *source, pv_error *error)
{
    const pv_shop_settings *settings = reader->settings;
    pv_rule_subject *subjects = pv_arena_allocate(reader->draft->strings, (size_t)settings->n_skip, sizeof *subjects);
    if (subjects == NULL) return pv_fail_memory(error, "skip", (uint64_t)settings->n_skip * sizeof *subjects);
    for (int32_t i = 0; i < settings->n_skip; i++) {
        pv_status status = pv_column_require(&reader->skip[i], source, settings->skip[i].column, "skip", error);
        if (status != PV_OK) return status;
        subjects[i] = subject_of(reader, reader->skip[i]);
    }
    reader->draft->skip_subjects = subjects;
    if (settings->cancelled == NULL) return PV_OK;
    return pv_column_require(&reader->cancelled, source, settings->cancelled->column, "cancelled", error);
}

static pv_status read_header(purchase_reader *reader, const pv_row_source *source, pv_error *error)
{
    static const char *const names[N_COLUMNS] = {
        [USER] = "user_id",      [PRODUCT] = "product_id", [PURCHASE_COUNT] = "purchase_count",
        [QUANTITY] = "quantity", [TIME] = "time",          [UNIT_PRICE] = "unit_price",
        [DISCOUNT] = "discount", [ORDER] = "order_id",     [RATING] = "rating",
    };
    const bool is_shop = reader->form == PV_PURCHASES_OF_SHOP;
    const pv_shop_settings *settings = reader->settings;
    const pv_supplement *supplement = reader->options->supplement; /* its rows always have a quantity */
    pv_shop_draft *draft = reader->draft;
    pv_status status = PV_OK;
    if (is_shop) {
        PV_TRY(pv_columns_find(reader->index, source, names, N_COLUMNS, 2, &settings->files[PV_TABLE_PURCHASES].columns,
                               error));
    } else {
        reader->index[USER] = -1;
        PV_TRY(pv_columns_find(reader->index + PRODUCT, source, names + PRODUCT, N_COLUMNS - PRODUCT, 1, NULL, error));
    }
    PV_TRY(find_rule_columns(reader, source, error));
    PV_TRY(
        find_derived(&reader->of_products, draft->products, &settings->products_from_purchases, source, true, error));
    PV_TRY(find_derived(&reader->of_users, draft->users, &settings->users_from_purchases, source, false, error));
    draft->price_is_unit_price = is_taken_from(&reader->of_products, PV_PRODUCT_PRICE, reader->index[UNIT_PRICE]);
    draft->discount_is_of_line = is_taken_from(&reader->of_products, PV_PRODUCT_DISCOUNT, reader->index[DISCOUNT]);
    draft->has_purchase_count = reader->index[PURCHASE_COUNT] >= 0;
    draft->has_quantity = reader->index[QUANTITY] >= 0;
    draft->has_time = reader->index[TIME] >= 0;
    draft->has_unit_price = reader->index[UNIT_PRICE] >= 0;
    draft->has_discount = reader->index[DISCOUNT] >= 0;
    draft->has_order = reader->index[ORDER] >= 0;
    draft->has_rating = reader->index[RATING] >= 0;
    draft->purchases.has = (pv_purchase_columns){.time = draft->has_time,
                                                 .order = draft->has_order,
                                                 .purchase_count = draft->has_purchase_count,
                                                 .quantity = draft->has_quantity || supplement != NULL,
                                                 .discount = draft->has_discount,
                                                 .rating = draft->has_rating};
    reader->report->rating_unused = draft->has_rating && isnan(settings->dislike_at);
cleanup:
    return status;
}

/* --- one row ---------------------------------------------------------------------------------------------------- */

pv_status pv_row_rule_hits(bool *hits, const pv_row_rule *rule, pv_text cell, pv_error *error)
{
    if (rule->kind == PV_RULE_EMPTY) {
        *hits = cell.size == 0 || pv_cell_trim(cell).size == 0;
        return PV_OK;
    }
    pv_status status = pv_text_pattern_match(hits, rule->pattern, cell, error);
    if (rule->kind == PV_RULE_NOT_MATCHING) *hits = !*hits;
    return status;
}

static pv_status is_skipped(bool *skipped, const purchase_reader *reader, const pv_row *row, pv_error *error)
{
    *skipped = false;
    for (int32_t i = 0; i < reader->settings->n_skip && !*skipped; i++) {
        pv_status status = pv_row_rule_hits(skipped, &reader->settings->skip[i], row->fields[reader->skip[i]], error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static bool read_time(int64_t *time, pv_row_fault *fault, purchase_reader *reader, const pv_row *row)
{
    const int32_t column = reader->index[TIME];
    char quoted[PV_QUOTED_SIZE];
    if (!pv_row_time(time, fault, row, column, &reader->times)) return false;
    if (column >= 0 && *time == PV_NO_TIME && reader->form == PV_PURCHASES_OF_SHOP) {
        pv_row_fault_set(fault, column, "empty, every row needs a time when there is such a column");
        return false;
    }
    if (*time >= reader->first_future_time) {
        pv_row_fault_set(fault, column, "%s is after tomorrow",
                         pv_cell_quote(quoted, pv_cell_trim(row->fields[column])));
        return false;
    }
    return true;
}

static bool read_numbers(pv_purchase_row *line, pv_row_fault *fault, purchase_reader *reader, const pv_row *row)
{
    const int32_t *index = reader->index;
    const char decimal = reader->decimal;
    return pv_row_number(&line->purchase_count, fault, row, index[PURCHASE_COUNT], decimal, &amount_range) &&
           pv_row_number(&line->quantity, fault, row, index[QUANTITY], decimal, &amount_range) &&
           pv_row_number(&reader->unit_price, fault, row, index[UNIT_PRICE], decimal, &price_range) &&
           pv_product_number_read(&line->discount, fault, row, index[DISCOUNT], PV_PRODUCT_DISCOUNT, decimal,
                                  reader->settings->discount_is_percent, &reader->product_times) &&
           pv_row_number(&line->rating, fault, row, index[RATING], decimal, &rating_range);
}

static bool read_derived_numbers(pv_row_fault *fault, purchase_reader *reader, const pv_row *row)
{
    for (int32_t i = 0; i < reader->of_products.count; i++) {
        derived_column *item = &reader->of_products.items[i];
        if (item->number == PV_PRODUCT_NUMBERS) continue;
        /* Ledgers hold negative prices: a price is read as a unit price is, whatever products.csv would allow. */
        pv_product_number number = item->number == PV_PRODUCT_PRICE ? PV_PRODUCT_LAST_UNIT_PRICE : item->number;
        if (!pv_product_number_read(&item->value, fault, row, item->column, number, reader->decimal,
                                    reader->settings->discount_is_percent, &reader->product_times)) {
            return false;
        }
    }
    return true;
}

/* Number of `text`, which is often that of the row before. */
static pv_status intern(int64_t *number, pv_interner *interner, pv_text text, int64_t last, pv_error *error)
{
    bool is_same = last >= 0 && pv_text_equal(pv_interner_text(interner, last), text);
    *number = is_same ? last : pv_interner_add(interner, text);
    if (*number >= 0 && *number < INT32_MAX) return PV_OK;
    return pv_fail_memory(error, "id", text.size);
}

static pv_status intern_ids(pv_purchase_row *line, purchase_reader *reader, pv_text user, pv_text product,
                            const pv_row *row, pv_error *error)
{
    pv_shop_draft *draft = reader->draft;
    int64_t number = 0;
    pv_status status = PV_OK;
    PV_TRY(intern(&number, draft->products->ids, product, -1, error));
    line->product = (int32_t)number;
    PV_TRY(intern(&reader->last_user, draft->users->ids, user, reader->last_user, error));
    line->user = (int32_t)reader->last_user;
    line->order = -1;
    if (reader->index[ORDER] < 0) goto cleanup;
    pv_text order = row->fields[reader->index[ORDER]];
    if (pv_cell_trim(order).size == 0) goto cleanup;
    PV_TRY(intern(&reader->last_order, draft->order_ids, order, reader->last_order, error));
    line->order = (int32_t)reader->last_order;
cleanup:
    return status;
}

/* A purchase tells what its product and its user are like at its time. */
static pv_status keep_derived(purchase_reader *reader, const pv_purchase_row *line, const pv_row *row, pv_error *error)
{
    pv_shop_draft *draft = reader->draft;
    pv_status status = pv_shop_draft_set_number(draft, line->product, PV_PRODUCT_LAST_UNIT_PRICE, reader->unit_price,
                                                line->time, error);
    for (int32_t i = 0; status == PV_OK && i < reader->of_products.count; i++) {
        const derived_column *item = &reader->of_products.items[i];
        status = item->number == PV_PRODUCT_NUMBERS
                     ? pv_catalog_set(draft->products, item->target, line->product, row->fields[item->column],
                                      line->time, error)
                     : pv_shop_draft_set_number(draft, line->product, item->number, item->value, line->time, error);
    }
    for (int32_t i = 0; status == PV_OK && i < reader->of_users.count; i++) {
        const derived_column *item = &reader->of_users.items[i];
        status = pv_catalog_set(draft->users, item->target, line->user, row->fields[item->column], line->time, error);
    }
    return status;
}

static pv_status keep(purchase_reader *reader, const pv_purchase_row *line, pv_error *error)
{
    pv_shop_draft *draft = reader->draft;
    if (!pv_purchase_table_add(&draft->purchases, line)) {
        return pv_fail_memory(error, "purchases", (uint64_t)draft->purchases.n * sizeof *line);
    }
    if (line->time > draft->last_time) draft->last_time = line->time;
    return PV_OK;
}

static bool is_return(const purchase_reader *reader, const pv_purchase_row *line)
{
    return line->quantity < 0 || (line->purchase_count < 0 && !reader->options->keep_negative_count);
}

static pv_status visit_purchase(void *context, const pv_row *row, pv_row_fault *fault, pv_error *error)
{
    purchase_reader *reader = context;
    pv_purchase_row line = {0};
    pv_text user = {"", 0}, product;
    bool skipped = false;
    pv_status status = PV_OK;
    PV_TRY(is_skipped(&skipped, reader, row, error));
    if (skipped) {
        reader->report->rows_skipped++;
        goto cleanup;
    }
    if ((reader->form == PV_PURCHASES_OF_SHOP && !pv_row_id(&user, fault, row, reader->index[USER])) ||
        !pv_row_id(&product, fault, row, reader->index[PRODUCT]) || !read_time(&line.time, fault, reader, row) ||
        !read_numbers(&line, fault, reader, row) || !read_derived_numbers(fault, reader, row)) {
        goto cleanup;
    }
    if (reader->options->as_of != PV_NO_TIME && line.time >= reader->options->as_of) {
        reader->report->rows_later++;
        goto cleanup;
    }
    if (line.quantity == 0 || line.purchase_count == 0) {
        reader->report->rows_zero++;
        goto cleanup;
    }
    if (reader->settings->cancelled != NULL) {
        PV_TRY(pv_row_rule_hits(&line.cancelled, reader->settings->cancelled, row->fields[reader->cancelled], error));
    }
    bool is_returned = !line.cancelled && is_return(reader, &line);
    reader->report->rows_cancelled += line.cancelled;
    reader->report->rows_returned += is_returned;
    PV_TRY(intern_ids(&line, reader, user, product, row, error));
    PV_TRY(keep(reader, &line, error));
    if (!line.cancelled && !is_returned) PV_TRY(keep_derived(reader, &line, row, error));
cleanup:
    return status;
}

static int64_t first_future_time(const pv_read_options *options)
{
    if (options->as_of != PV_NO_TIME) return INT64_MAX;
    int64_t now = pv_clock_now();
    return now - now % PV_SECONDS_PER_DAY + 2 * PV_SECONDS_PER_DAY;
}

pv_status pv_read_purchases(pv_shop_draft *draft, pv_row_source *source, pv_purchases_form form, pv_error *error)
{
    const pv_shop_settings *settings = draft->settings;
    pv_status status = PV_OK;
    purchase_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return pv_fail_memory(error, "reader", sizeof *reader);
    *reader = (purchase_reader){.draft = draft,
                                .settings = settings,
                                .options = draft->scan->options,
                                .report = draft->scan->report,
                                .form = form,
                                .decimal = settings->files[PV_TABLE_PURCHASES].decimal,
                                .times = {.format = settings->time_format},
                                .product_times = {.format = settings->time_format},
                                .first_future_time = first_future_time(draft->scan->options),
                                .last_user = -1,
                                .last_order = -1};
    PV_TRY(read_header(reader, source, error));
    PV_TRY(pv_table_scan_run(draft->scan, PV_TABLE_PURCHASES, source, visit_purchase, reader, error));
cleanup:
    free(reader->of_products.items);
    free(reader->of_users.items);
    free(reader);
    return status;
}
