/* shop_case.h - small shops written down as array literals and built in memory, without files. */
#ifndef SHOP_CASE_H
#define SHOP_CASE_H

#include "base/tensors.h"
#include "shop/shop.h"
#include "shop/tables.h"
#include <stdbool.h>
#include <stdint.h>

/* One line. Texts NULL and numbers 0 are absent; a column exists in the shop when any line has it. */
typedef struct purchase_case {
    const char *user, *product, *time, *order;
    double count, quantity, unit_price, discount, rating;
    bool is_cancelled;
} purchase_case;

typedef struct product_case {
    const char *id, *name, *category, *brand, *available_from;
    double price, discount;
    bool is_sold_out; /* stock 0; otherwise the stock is not known */
} product_case;

/* country is a segment; region too where any user has one. */
typedef struct user_case {
    const char *id, *parent, *country, *region, *price_list;
} user_case;

/* One of the three holders is given. */
typedef struct eligibility_case {
    const char *user, *parent, *price_list, *product;
} eligibility_case;

typedef struct shop_case {
    const purchase_case *purchases;
    size_t n_purchases;
    const product_case *products;
    size_t n_products;
    const user_case *users;
    size_t n_users;
    const eligibility_case *eligibility;
    size_t n_eligibility;
    const char *as_of; /* NULL: just after the last line */
    bool is_as_of_given, negative_is_dislike;
    double dislike_at; /* 0: ratings do not matter */
} shop_case;

/* An array and its length: as two arguments, as the fields of a shop. */
#define CASE(array) (array), sizeof(array) / sizeof *(array)
#define PURCHASES(array) .purchases = (array), .n_purchases = sizeof(array) / sizeof *(array)
#define PRODUCTS(array) .products = (array), .n_products = sizeof(array) / sizeof *(array)
#define USERS(array) .users = (array), .n_users = sizeof(array) / sizeof *(array)
#define ELIGIBILITY(array) .eligibility = (array), .n_eligibility = sizeof(array) / sizeof *(array)
/* Rows, their fields in order from the first on or by name. */
#define LINE(...) {.user = __VA_ARGS__}
#define PRODUCT(...) {.id = __VA_ARGS__}
#define USER(...) {.id = __VA_ARGS__}

pv_tables *shop_case_tables(const shop_case *c); /* to be freed with pv_tables_free() */

typedef struct built_shop {
    pv_tables *tables;
    pv_tensors tensors;
    pv_shop shop; /* bound to the tensors */
    pv_shop_build_report report;
} built_shop;

/* Fails the test when the shop cannot be built. */
void built_shop_init(built_shop *built, const shop_case *c);
void built_shop_deinit(built_shop *built);

/* Number of an id; fails the test when the shop does not know it. */
int32_t product_of(const pv_shop *shop, const char *id);
int32_t user_of(const pv_shop *shop, const char *id);
int64_t time_of(const char *text); /* seconds of a date that must be right */

/* Fail the test unless |actual - expected| <= 1e-12 (both NaN is equal too), or unless the texts are the same. */
void assert_close(double actual, double expected);
void assert_text(pv_text actual, const char *expected);

#endif
