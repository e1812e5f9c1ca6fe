/* tables.h - a shop's three tables as they were read: ids interned, values typed, bad and skipped rows already gone.
 *
 * Holds:    pv_tables (rows before the as-of date), pv_read_report (what was counted on the way), pv_tables_read().
 * Threads:  read-only after reading.
 * Source:   contract section 1.
 */
#ifndef PV_TABLES_H
#define PV_TABLES_H

#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "shop/interner.h"
#include "shop/purchase_table.h"
#include "shop/row_source.h"
#include <purvey/status.h>
#include <purvey/train.h>
#include <stdbool.h>
#include <stdint.h>

/* A text column of products.csv or users.csv (also made by from_purchases), one value per id of the interner that
 * stands beside it; an empty text = no value. */
typedef struct pv_column {
    char *name;
    pv_text *values; /* [ids count], borrowed from tables->strings */
} pv_column;

typedef struct pv_product_row {
    bool listed;  /* in products.csv, not only in purchases */
    pv_text name; /* data NULL when there is none */
    pv_text category, brand;
    double price, discount, stock, pack; /* NaN when absent; discount a fraction */
    double promotion;                    /* points of score that the shop adds, NaN when absent */
    bool is_discontinued;
    int64_t available_from; /* PV_NO_TIME when absent */
    double last_unit_price; /* last unit_price of a purchase line before the as-of date, NaN: none */
} pv_product_row;

typedef struct pv_user_row {
    bool listed;    /* in users.csv */
    pv_text parent; /* data NULL: its own parent */
} pv_user_row;

typedef enum pv_eligibility_kind { PV_ELIGIBLE_USER, PV_ELIGIBLE_PARENT, PV_ELIGIBLE_PRICE_LIST } pv_eligibility_kind;

typedef struct pv_eligibility_row {
    pv_text holder; /* the value of user_id, parent_id or price_list */
    pv_eligibility_kind kind;
    int32_t product; /* in product_ids */
} pv_eligibility_row;

/* Who has a list, whatever stands in it. */
typedef struct pv_list_holder {
    pv_text id;
    pv_eligibility_kind kind;
} pv_list_holder;

typedef struct pv_tables {
    pv_interner *user_ids, *product_ids, *order_ids; /* in order of first appearance */
    pv_purchase_table purchases;                     /* in file order, time < as_of when as_of is given */
    double purchase_weight;                          /* `events:` of shop.yaml, 1 by default */
    pv_product_row *products;                        /* [count of product_ids] */
    pv_user_row *users;                              /* [count of user_ids] */
    pv_column *product_columns; /* every column of products.csv but product_id, name, price, discount, available_from,
                                   stock, pack: category, brand and any others, in file order */
    int64_t n_product_columns;
    pv_column *user_columns; /* every column of users.csv but user_id and parent_id, and from_purchases columns */
    int64_t n_user_columns;
    pv_text *segment_columns; /* names of the user columns that are segments (shop.yaml, or by the contract's rule) */
    int64_t n_segment_columns;
    pv_eligibility_row *eligibility;
    int64_t n_eligibility;
    pv_list_holder *given_lists; /* [n_given_lists] by a supplement, once each: they have a list even without a row */
    int64_t n_given_lists;
    bool has_eligibility; /* shop.yaml names a file or lists were given: whoever has a list sees only what is in it */
    bool has_time, has_order, has_quantity, has_purchase_count, has_discount, has_unit_price, has_rating;
    double dislike_at;  /* NaN: no dislikes by rating */
    int64_t last_time;  /* latest time of a kept row (purchase, return or cancelled); PV_NO_TIME without */
    char data_hash[33]; /* XXH3-128, hex, over settings, headers and every row that is not bad (later than as-of too) */
    pv_arena *strings;  /* owns every text above */
} pv_tables;

struct pv_shop_draft;

/* Rows from elsewhere that join the tables while they are read. */
typedef struct pv_supplement pv_supplement;
struct pv_supplement {
    /* Called once after each table was read, also when the shop has no such file, before the next one; what it may add
     * is in shop_draft.h. A failure ends the reading. */
    pv_status (*add)(const pv_supplement *supplement, struct pv_shop_draft *draft, pv_table_kind kind, pv_error *error);
};

typedef struct pv_read_options {
    int64_t as_of;            /* rows at or after it are dropped; PV_NO_TIME: all are kept */
    double max_bad_rows;      /* share of a file's rows, 0.01 */
    bool keep_negative_count; /* --loss hkv --weight linear: a negative purchase_count is a dislike, not a return */
    const char *rejects_path; /* OUTPUT.rejects.csv; written only when there are bad rows. NULL: not written */
    pv_progress *progress;    /* nullable */
    void *progress_context;
    unsigned threads;                /* more than 1: files are read ahead on a thread of their own */
    const pv_supplement *supplement; /* nullable */
} pv_read_options;

/* Read SHOP (a folder with CSV files and an optional shop.yaml, or a SQLite file made by pv_import).
 *
 * report   filled also on failure, as far as reading came.
 * Errors:  PV_E_INPUT "user_purchases.csv:17: column time: ...", PV_E_OUTPUT (rejects), PV_E_MEMORY.
 */
pv_status pv_tables_read(pv_tables **tables, const char *shop, const pv_read_options *options, pv_read_report *report,
                         pv_error *error) PV_CHECKED;
void pv_tables_free(pv_tables *tables); /* accepts NULL */

/* Read a `--history` file: the standard columns of user_purchases.csv without user_id, CSV (.gz, .zst). The rows carry
 * user 0; products and orders are interned in the tables returned. No purchase in it is not an error. Bad rows follow
 * the same limit and go to `report`. */
pv_status pv_tables_read_history(pv_tables **tables, const char *path, const pv_read_options *options,
                                 pv_read_report *report, pv_error *error) PV_CHECKED;

/* Read one column of ids (`--users FILE`: column user_id) or two (`--pairs FILE`: user_id, product_id) from a CSV file.
 * users[count] and, when products is not NULL, products[count] are borrowed from *strings, which the caller frees. */
pv_status pv_tables_read_ids(pv_text **users, pv_text **products, int64_t *count, pv_arena **strings, const char *path,
                             pv_error *error) PV_CHECKED;

#endif
