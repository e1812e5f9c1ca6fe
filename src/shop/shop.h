/* shop.h - a shop as of a date: products, users and purchase lines, indexed and ready to be learned from or served.
 *
 * Holds:    pv_shop and its parts (views of a tensor set), pv_shop_build() which fills the set from the tables that
 * were read, pv_shop_bind() which checks a set and points into it. Threads:  read-only after binding.
 *
 * Numbers:  products 0 .. n_warm-1 are those bought before the as-of date, n_warm .. n-1 are only listed in
 * products.csv; users likewise. Each part is in bytewise order of the ids. Factor row i belongs to warm product i.
 */
#ifndef PV_SHOP_H
#define PV_SHOP_H

#include "base/tensors.h"
#include "base/threads.h"
#include "base/timestamp.h"
#include "shop/purchase_lines.h"
#include "shop/tables.h"
#include <stdbool.h>
#include <stdint.h>

/* Ids of one kind: those with purchases, then the others. */
typedef struct pv_ids {
    int64_t n, n_warm;
    pv_texts warm, cold; /* each sorted bytewise */
} pv_ids;
pv_text pv_ids_at(const pv_ids *ids, int64_t index);
int64_t pv_ids_find(const pv_ids *ids, pv_text id); /* -1 when absent */

/* Dictionary-coded text columns. */
typedef struct pv_text_columns {
    int64_t n_columns, n_rows;
    pv_texts names, values; /* values sorted bytewise, shared by all columns */
    const int32_t *codes;   /* [n_columns x n_rows], -1: empty */
} pv_text_columns;
int64_t pv_text_columns_find(const pv_text_columns *columns, pv_text name); /* -1 when absent */

typedef struct pv_categories {
    int64_t n;
    pv_texts paths;        /* "A > B", sorted bytewise; every ancestor is there too */
    const int32_t *parent; /* [n], -1 at the top */
} pv_categories;

typedef struct pv_products {
    pv_ids ids;
    pv_texts names;                /* [n], empty: the id is the name */
    const int32_t *category;       /* [n], -1: none */
    const double *price;           /* [n], NaN: none */
    const double *discount;        /* [n], fraction off now, NaN: none */
    const double *stock;           /* [n], NaN: not known */
    const double *promotion;       /* [n], points of score that the shop adds, NaN: none */
    const uint8_t *discontinued;   /* [n], 0 or 1 */
    const int64_t *available_from; /* [n], PV_NO_TIME: none */
    const int64_t *first_sold;     /* [n_warm], PV_NO_TIME when the shop has no time */
    const int32_t *buyers;         /* [n_warm], parent companies that bought it before the as-of date */
    pv_categories categories;
    pv_text_columns columns;
} pv_products;

typedef struct pv_users {
    pv_ids ids;
    const int32_t *parent; /* [n], parent company in [0, n_parents) */
    int64_t n_parents;
    pv_texts parent_ids;           /* [n_parents], sorted bytewise */
    int64_t n_buying_parents;      /* parents with a purchase */
    const int64_t *parent_offsets; /* [n_parents + 1] into parent_members */
    const int32_t *parent_members; /* [n] users, grouped by parent */
    pv_text_columns segments;      /* [n_segments x n] */
    pv_texts price_list_ids;       /* sorted bytewise */
    const int32_t *price_list;     /* [n], -1: none; NULL: users.csv has no such column */
    const int32_t *assortments;    /* [n x 3]: lists of the user, of its parent, of its price list; -1: none. NULL: the
                                      shop has no eligibility table */
} pv_users;

typedef struct pv_shop {
    pv_products products;
    pv_users users;
    int64_t as_of;          /* PV_NO_TIME when the shop has no time */
    double purchase_weight; /* `events: {purchase: }` of shop.yaml: what one order counts for in the factor model */
    bool has_time, has_order;
    bool negative_is_dislike; /* hkv with linear weights: a negative purchase_count is no return */
    double dislike_at;        /* ratings up to it dislike; NaN: ratings do not matter */
    bool has_discounts;       /* lines know whether they were discounted */
    bool discount_is_current; /* ... because their product is discounted now: no time, no order, no discount column */
    const int64_t *line_offsets;  /* [n_warm users + 1] into the arrays of `lines` */
    pv_lines lines;               /* all purchases, by user; order numbers count from 0 within a user */
    const int64_t *order_offsets; /* [n_warm users + 1] into order_keys; NULL where orders have no keys */
    const uint64_t *order_keys;   /* pv_order_key() of a user's orders, by their numbers */
    const uint64_t *settled;      /* [n_settled] pv_settled_key() of rows that left no line, rising */
    int64_t n_settled;
    const int64_t *dislike_offsets; /* [n_warm users + 1] into the arrays of `dislikes`; NULL when there are none */
    pv_dislikes dislikes;
    int64_t n_assortments;
    const int64_t *assortment_offsets;  /* [n_assortments + 1] */
    const int32_t *assortment_products; /* sorted within a list */
} pv_shop;

/* A shop with neither time nor order: lines carry counts, each its own order. */
static inline bool pv_shop_is_simple(const pv_shop *shop)
{
    return !shop->has_time && !shop->has_order;
}
/* Purchase lines of one warm user (borrowed). */
pv_lines pv_shop_user_lines(const pv_shop *shop, int64_t user);
pv_dislikes pv_shop_user_dislikes(const pv_shop *shop, int64_t user);
/* Distinct (user, product) pairs among the lines, for sizes and reports. */
int64_t pv_shop_count_pairs(const pv_shop *shop);
/* Name to print in a sentence: without the spaces around it; the id when there is none. */
pv_text pv_shop_product_label(const pv_shop *shop, int64_t product);
/* The given name, data NULL when there is none. */
pv_text pv_shop_product_name(const pv_shop *shop, int64_t product);

typedef struct pv_shop_build_report {
    int64_t returns_unmatched, products_unlisted;
} pv_shop_build_report;

/* Fill `tensors` with the shop as of `as_of` (PV_NO_TIME: the shop has no time).
 *
 * tables          tables->purchases, the largest of them, is empty afterwards.
 * is_as_of_given  prices are the last unit prices; the products' own price, discount and stock are silent.
 * threads         nullable: the calling thread alone. The tensors do not depend on it.
 * Errors:  PV_E_INPUT "no purchase", PV_E_MEMORY.
 */
pv_status pv_shop_build(pv_tensors *tensors, pv_tables *tables, int64_t as_of, bool is_as_of_given,
                        bool negative_is_dislike, pv_threads *threads, pv_shop_build_report *report,
                        pv_error *error) PV_CHECKED;

/* Point `shop` into `tensors`, every index checked. Errors: PV_E_INPUT. */
pv_status pv_shop_bind(pv_shop *shop, const pv_tensors *tensors, pv_error *error) PV_CHECKED;

#endif
