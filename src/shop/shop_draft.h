/* shop_draft.h - a shop's tables while they are read, and the reader of each table.
 *
 * Holds:    pv_shop_draft, pv_read_purchases() and the like, pv_shop_draft_finish().
 * Threads:  a draft belongs to one thread.
 */
#ifndef PV_SHOP_DRAFT_H
#define PV_SHOP_DRAFT_H

#include "shop/catalog.h"
#include "shop/cell_values.h"
#include "shop/shop_settings.h"
#include "shop/table_scan.h"

/* Typed values of a product, each with the time from which it holds; the later one wins. */
typedef enum pv_product_number {
    PV_PRODUCT_PRICE,
    PV_PRODUCT_DISCOUNT,
    PV_PRODUCT_STOCK,
    PV_PRODUCT_PACK,
    PV_PRODUCT_AVAILABLE_FROM, /* seconds: whole numbers of this size are exact in a double */
    PV_PRODUCT_DISCONTINUED,   /* 0 or 1 */
    PV_PRODUCT_PROMOTION,
    PV_PRODUCT_LAST_UNIT_PRICE,
    PV_PRODUCT_NUMBERS
} pv_product_number;

typedef struct pv_latest_number {
    bool is_set;
    int64_t time;
    double value;
} pv_latest_number;

/* One kind of number of all products: most shops have few kinds, and a purchase touches one or two. */
typedef struct pv_latest_numbers {
    pv_latest_number *items; /* [n], products beyond have none */
    size_t n, capacity;
} pv_latest_numbers;

typedef struct pv_shop_draft {
    const pv_shop_settings *settings;
    pv_table_scan *scan;
    pv_catalog *users, *products;
    pv_interner *order_ids;
    pv_latest_numbers product_numbers[PV_PRODUCT_NUMBERS];
    pv_purchase_table purchases;
    pv_eligibility_row *eligibility; /* [n_eligibility] */
    size_t n_eligibility, eligibility_capacity;
    bool has_time, has_order, has_quantity, has_purchase_count, has_discount, has_unit_price, has_rating;
    int64_t last_time;
    pv_arena *strings; /* becomes that of the tables */
} pv_shop_draft;

pv_status pv_shop_draft_create(pv_shop_draft **draft, const pv_shop_settings *settings, pv_table_scan *scan,
                               pv_error *error) PV_CHECKED;
void pv_shop_draft_free(pv_shop_draft *draft); /* accepts NULL */

/* Numbers by the names they have in products.csv; PV_PRODUCT_NUMBERS when `name` is none of them. */
pv_product_number pv_product_number_of(pv_text name);
/* The cell as that number, in range; NaN when empty. False: `fault` says why. A percentage becomes a fraction. */
bool pv_product_number_read(double *value, pv_row_fault *fault, const pv_row *row, int32_t column,
                            pv_product_number number, char decimal, bool is_percent, pv_time_reader *times);
/* NaN says nothing. */
pv_status pv_shop_draft_set_number(pv_shop_draft *draft, int64_t product, pv_product_number number, double value,
                                   int64_t time, pv_error *error) PV_CHECKED;

typedef enum pv_purchases_form {
    PV_PURCHASES_OF_SHOP, /* user_purchases.csv */
    PV_PURCHASES_OF_ONE   /* --history: no user_id, a time may be empty */
} pv_purchases_form;

/* Each goes through one table. Errors: as pv_table_scan_run(), and PV_E_INPUT about the header. */
pv_status pv_read_purchases(pv_shop_draft *draft, pv_row_source *source, pv_purchases_form form,
                            pv_error *error) PV_CHECKED;
pv_status pv_read_products(pv_shop_draft *draft, pv_row_source *source, pv_error *error) PV_CHECKED;
pv_status pv_read_users(pv_shop_draft *draft, pv_row_source *source, pv_error *error) PV_CHECKED;
/* After all others: rows about products that nobody knows are skipped. */
pv_status pv_read_eligibility(pv_shop_draft *draft, pv_row_source *source, pv_error *error) PV_CHECKED;

/* Make the tables; the draft is emptied and still to be freed. */
pv_status pv_shop_draft_finish(pv_tables **tables, pv_shop_draft *draft, pv_error *error) PV_CHECKED;

#endif
