/* shop_case.c - see shop_case.h. */
#include "support/shop_case.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double number_of(double value)
{
    return value == 0 ? (double)NAN : value;
}

static pv_text text_of(const char *text)
{
    return text ? pv_text_of(text) : (pv_text){NULL, 0};
}

static int32_t intern(pv_interner *interner, const char *text)
{
    const int64_t number = pv_interner_add(interner, pv_text_of(text));
    assert_true(number >= 0);
    return (int32_t)number;
}

static void fill_purchases(pv_tables *tables, const shop_case *c)
{
    tables->purchase_weight = 1;
    tables->purchases.has = (pv_purchase_columns){true, true, true, true, true, true};
    for (size_t r = 0; r < c->n_purchases; r++) {
        const purchase_case *from = &c->purchases[r];
        const pv_purchase_row row = {.user = intern(tables->user_ids, from->user),
                                     .product = intern(tables->product_ids, from->product),
                                     .time = from->time ? time_of(from->time) : PV_NO_TIME,
                                     .order = from->order ? intern(tables->order_ids, from->order) : -1,
                                     .purchase_count = number_of(from->count),
                                     .quantity = number_of(from->quantity),
                                     .discount = number_of(from->discount),
                                     .rating = number_of(from->rating),
                                     .cancelled = from->is_cancelled};
        assert_true(pv_purchase_table_add(&tables->purchases, &row));
        tables->has_time |= from->time != NULL;
        tables->has_order |= from->order != NULL;
        tables->has_quantity |= from->quantity != 0;
        tables->has_purchase_count |= from->count != 0;
        tables->has_discount |= from->discount != 0;
        tables->has_unit_price |= from->unit_price != 0;
        tables->has_rating |= from->rating != 0;
        if (row.time > tables->last_time) tables->last_time = row.time;
    }
}

static pv_column *columns_create(pv_tables *tables, const char *const *names, size_t n_columns, size_t n_rows)
{
    pv_column *columns = pv_arena_allocate(tables->strings, n_columns, sizeof *columns);
    assert_non_null(columns);
    for (size_t k = 0; k < n_columns; k++) {
        columns[k].name = pv_arena_print(tables->strings, "%s", names[k]);
        columns[k].values = pv_arena_allocate(tables->strings, n_rows, sizeof *columns[k].values);
        assert_true(columns[k].name && columns[k].values);
    }
    return columns;
}

/* Prices of lines win in file order: the lines of a case stand in order of time. */
static void fill_products(pv_tables *tables, const shop_case *c)
{
    static const char *const names[] = {"category", "brand"};
    for (size_t p = 0; p < c->n_products; p++) intern(tables->product_ids, c->products[p].id);
    const size_t n = (size_t)pv_interner_count(tables->product_ids);
    tables->products = pv_allocate(n, sizeof *tables->products);
    assert_non_null(tables->products);
    tables->product_columns = columns_create(tables, names, 2, n);
    tables->n_product_columns = 2;
    for (size_t p = 0; p < n; p++)
        tables->products[p] = (pv_product_row){.price = (double)NAN,
                                               .discount = (double)NAN,
                                               .stock = (double)NAN,
                                               .pack = (double)NAN,
                                               .available_from = PV_NO_TIME,
                                               .last_unit_price = (double)NAN};
    for (size_t p = 0; p < c->n_products; p++) {
        const product_case *from = &c->products[p];
        const int32_t number = intern(tables->product_ids, from->id);
        pv_product_row *row = &tables->products[number];
        row->listed = true;
        row->name = text_of(from->name);
        row->category = text_of(from->category);
        row->brand = text_of(from->brand);
        row->price = number_of(from->price);
        row->discount = number_of(from->discount);
        if (from->is_sold_out) row->stock = 0;
        if (from->available_from) row->available_from = time_of(from->available_from);
        tables->product_columns[0].values[number] = row->category;
        tables->product_columns[1].values[number] = row->brand;
    }
    for (size_t r = 0; r < c->n_purchases; r++)
        if (c->purchases[r].unit_price != 0)
            tables->products[tables->purchases.product[r]].last_unit_price = c->purchases[r].unit_price;
}

static void fill_users(pv_tables *tables, const shop_case *c)
{
    static const char *const names[] = {"country", "region", "price_list"};
    for (size_t u = 0; u < c->n_users; u++) intern(tables->user_ids, c->users[u].id);
    const size_t n = (size_t)pv_interner_count(tables->user_ids);
    bool has_region = false;
    tables->users = pv_allocate(n, sizeof *tables->users);
    tables->user_columns = columns_create(tables, names, 3, n);
    tables->n_user_columns = 3;
    tables->segment_columns = pv_arena_allocate(tables->strings, 2, sizeof *tables->segment_columns);
    assert_true(tables->users && tables->segment_columns);
    for (size_t u = 0; u < c->n_users; u++) {
        const user_case *from = &c->users[u];
        const int32_t number = intern(tables->user_ids, from->id);
        tables->users[number] = (pv_user_row){.listed = true, .parent = text_of(from->parent)};
        tables->user_columns[0].values[number] = text_of(from->country);
        tables->user_columns[1].values[number] = text_of(from->region);
        tables->user_columns[2].values[number] = text_of(from->price_list);
        has_region |= from->region != NULL;
    }
    tables->segment_columns[0] = pv_text_of("country");
    tables->segment_columns[1] = pv_text_of("region");
    tables->n_segment_columns = c->n_users ? 1 + has_region : 0;
}

static void fill_eligibility(pv_tables *tables, const shop_case *c)
{
    tables->has_eligibility = c->n_eligibility > 0;
    tables->n_eligibility = (int64_t)c->n_eligibility;
    tables->eligibility = calloc(c->n_eligibility + 1, sizeof *tables->eligibility);
    assert_non_null(tables->eligibility);
    for (size_t e = 0; e < c->n_eligibility; e++) {
        const eligibility_case *from = &c->eligibility[e];
        pv_eligibility_row *row = &tables->eligibility[e];
        row->product = intern(tables->product_ids, from->product);
        row->kind = from->user ? PV_ELIGIBLE_USER : from->parent ? PV_ELIGIBLE_PARENT : PV_ELIGIBLE_PRICE_LIST;
        row->holder = text_of(from->user ? from->user : from->parent ? from->parent : from->price_list);
    }
}

pv_tables *shop_case_tables(const shop_case *c)
{
    pv_tables *tables = calloc(1, sizeof *tables);
    assert_non_null(tables);
    tables->user_ids = pv_interner_create();
    tables->product_ids = pv_interner_create();
    tables->order_ids = pv_interner_create();
    tables->strings = pv_arena_create();
    assert_true(tables->user_ids && tables->product_ids && tables->order_ids && tables->strings);
    tables->last_time = PV_NO_TIME;
    tables->dislike_at = number_of(c->dislike_at);
    fill_purchases(tables, c);
    fill_eligibility(tables, c);
    fill_products(tables, c);
    fill_users(tables, c);
    return tables;
}

void built_shop_init(built_shop *built, const shop_case *c)
{
    pv_error error = {.message = ""};
    *built = (built_shop){.tables = shop_case_tables(c)};
    int64_t as_of = c->as_of ? time_of(c->as_of) : PV_NO_TIME;
    if (built->tables->has_time && as_of == PV_NO_TIME) as_of = built->tables->last_time + 1;
    if (pv_shop_build(&built->tensors, built->tables, as_of, c->is_as_of_given, c->negative_is_dislike, NULL,
                      &built->report, &error) != PV_OK ||
        pv_shop_bind(&built->shop, &built->tensors, &error) != PV_OK)
        fail_msg("%s", error.message);
}

void built_shop_deinit(built_shop *built)
{
    pv_tensors_deinit(&built->tensors);
    pv_tables_free(built->tables);
}

int32_t product_of(const pv_shop *shop, const char *id)
{
    const int64_t product = pv_ids_find(&shop->products.ids, pv_text_of(id));
    assert_true(product >= 0);
    return (int32_t)product;
}

int32_t user_of(const pv_shop *shop, const char *id)
{
    const int64_t user = pv_ids_find(&shop->users.ids, pv_text_of(id));
    assert_true(user >= 0);
    return (int32_t)user;
}

int64_t time_of(const char *text)
{
    int64_t seconds = PV_NO_TIME;
    assert_true(pv_timestamp_parse(&seconds, pv_text_of(text)));
    return seconds;
}

void assert_close(double actual, double expected)
{
    if (isnan(actual) && isnan(expected)) return;
    if (!(fabs(actual - expected) <= 1e-12)) fail_msg("%.17g is not %.17g", actual, expected);
}

void assert_text(pv_text actual, const char *expected)
{
    const pv_text wanted = text_of(expected);
    if (!pv_text_equal(actual, wanted) || (actual.data == NULL) != (expected == NULL))
        fail_msg("\"%.*s\" is not \"%s\"", (int)actual.size, actual.data ? actual.data : "(none)",
                 expected ? expected : "(none)");
}
