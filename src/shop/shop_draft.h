/* shop_draft.h - a shop's tables while they are read, and the reader of each table.
 *
 * Holds:    pv_shop_draft, pv_read_purchases() and the like, what a supplement may add, pv_shop_draft_finish().
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

/* What a rule of `skip` looks at. */
typedef enum pv_rule_subject {
    PV_RULE_ON_USER,
    PV_RULE_ON_PRODUCT,
    PV_RULE_ON_ORDER,
    PV_RULE_ON_OTHERS
} pv_rule_subject;

typedef struct pv_shop_draft {
    const pv_shop_settings *settings;
    pv_table_scan *scan;
    pv_catalog *users, *products;
    pv_interner *order_ids;
    pv_latest_numbers product_numbers[PV_PRODUCT_NUMBERS];
    pv_purchase_table purchases;
    pv_eligibility_row *eligibility; /* [n_eligibility] */
    size_t n_eligibility, eligibility_capacity;
    pv_list_holder *given_lists; /* [n_given_lists], in `strings` */
    size_t n_given_lists;
    pv_rule_subject *skip_subjects;                /* [settings->n_skip], in `strings` */
    bool price_is_unit_price, discount_is_of_line; /* shop.yaml: the product's is that of its last purchase */
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

/* Whether a rule of `skip` or `cancelled` hits the text of its column. Errors: PV_E_MEMORY, PV_E_INPUT (pattern). */
pv_status pv_row_rule_hits(bool *hits, const pv_row_rule *rule, pv_text cell, pv_error *error) PV_CHECKED;

/* Each goes through one table. Errors: as pv_table_scan_run(), and PV_E_INPUT about the header. */
pv_status pv_read_purchases(pv_shop_draft *draft, pv_row_source *source, pv_purchases_form form,
                            pv_error *error) PV_CHECKED;
pv_status pv_read_products(pv_shop_draft *draft, pv_row_source *source, pv_error *error) PV_CHECKED;
pv_status pv_read_users(pv_shop_draft *draft, pv_row_source *source, pv_error *error) PV_CHECKED;
/* After all others: rows about products that nobody knows are skipped. */
pv_status pv_read_eligibility(pv_shop_draft *draft, pv_row_source *source, pv_error *error) PV_CHECKED;

/* --- rows of a supplement ----------------------------------------------------------------------------------------- */

/* A purchase or return that comes from elsewhere than user_purchases.csv. Absent numbers are NaN. */
typedef struct pv_added_row {
    pv_text user, product;
    pv_text order; /* data NULL or empty: none */
    int64_t time;
    double quantity, unit_price, discount; /* quantity >= 0 */
    bool is_return;
} pv_added_row;

typedef enum pv_addition {
    PV_ADDITION_TAKEN,
    PV_ADDITION_KNOWN,  /* the shop's own rows or an earlier one have this product of this order: it counts once */
    PV_ADDITION_LATER,  /* at or after the as-of date */
    PV_ADDITION_SKIPPED /* by a rule of `skip` on users, products or orders */
} pv_addition;

/* Add rows [n] behind those of the shop. What the shop has no column for (time, order, discount) is dropped as its own
 * files would have it. Two rows are the same when user, product, kind and order are; without an order, or against the
 * rows of a shop that has no order ids, the time takes its place. Once a draft: later calls do not see earlier ones.
 *
 * outcomes [n]
 * Cost:     O(n + rows of the shop), hashes of the rows of users who are in `rows`.
 * Errors:   PV_E_MEMORY.
 */
pv_status pv_shop_draft_add_rows(pv_addition *outcomes, pv_shop_draft *draft, const pv_added_row *rows, size_t n,
                                 pv_error *error) PV_CHECKED;
/* As if products.csv said so; false in *is_known, and nothing done, when nobody knows the product. */
pv_status pv_shop_draft_list_number(bool *is_known, pv_shop_draft *draft, pv_text product, pv_product_number number,
                                    double value, pv_error *error) PV_CHECKED;
/* As if users.csv said so: a user or column that is not there yet is added. False in *is_known, and nothing done, when
 * the catalog has no room for another column. */
pv_status pv_shop_draft_list_user(bool *is_known, pv_shop_draft *draft, pv_text user, pv_text column, pv_text value,
                                  pv_error *error) PV_CHECKED;
pv_status pv_shop_draft_list_parent(bool *is_known, pv_shop_draft *draft, pv_text user, pv_text parent,
                                    pv_error *error) PV_CHECKED;

/* What a holder may buy from now on: this in place of the rows that the shop has of it. */
typedef struct pv_added_list {
    pv_list_holder holder;
    const pv_text *products; /* [n_products]; those that nobody knows are left out */
    int64_t n_products;
} pv_added_list;
/* lists [n] of different holders; once a draft. O(n log n + rows). Errors: PV_E_MEMORY. */
pv_status pv_shop_draft_give_lists(int64_t *n_unknown, pv_shop_draft *draft, const pv_added_list *lists, size_t n,
                                   pv_error *error) PV_CHECKED;

/* Make the tables; the draft is emptied and still to be freed. */
pv_status pv_shop_draft_finish(pv_tables **tables, pv_shop_draft *draft, pv_error *error) PV_CHECKED;

#endif
