/* shop_tensors.h - the parts of pv_shop_build(): what they share, private to its files. */
#ifndef PV_SHOP_TENSORS_H
#define PV_SHOP_TENSORS_H

#include "base/failure.h"
#include "shop/shop.h"

/* Everything of one build. `*_rank` maps numbers of the interner to numbers of the shop. */
typedef struct pv_shop_tensors {
    const pv_tables *tables;
    pv_tensors *tensors;
    pv_threads *threads;    /* nullable */
    pv_arena *arena;        /* lives as long as the build */
    pv_arena **line_arenas; /* [threads], in which the lines lie */
    int64_t n_users, n_products;
    pv_user_lines *lines; /* [n_users], interner order; product numbers of the interner, then of the shop */
    bool *product_bought; /* [n_products] */
    int32_t *user_order, *product_order; /* shop order -> interner number */
    int32_t *user_rank, *product_rank;   /* interner number -> shop number */
    int64_t n_warm_users, n_warm_products;
    int64_t as_of;
    bool is_as_of_given, discount_is_current, has_discounts, negative_is_dislike;
} pv_shop_tensors;

/* A user without a parent is its own: the parent's text is the user's id. `number` of the interner. */
pv_text pv_shop_parent_text(const pv_shop_tensors *b, int64_t number);

/* lines[] and product_bought[] from the rows of the purchases. */
pv_status pv_shop_make_lines(pv_shop_tensors *b, pv_shop_build_report *report, pv_error *error) PV_CHECKED;
void pv_shop_free_lines(pv_shop_tensors *b);

/* In this order: each may read what those before it added. */
pv_status pv_shop_add_purchases(pv_shop_tensors *b, pv_error *error) PV_CHECKED;
pv_status pv_shop_add_parents(pv_shop_tensors *b, pv_error *error) PV_CHECKED;
pv_status pv_shop_add_buyers(pv_shop_tensors *b, pv_error *error) PV_CHECKED;
pv_status pv_shop_add_columns(pv_shop_tensors *b, pv_error *error) PV_CHECKED;
pv_status pv_shop_add_products(pv_shop_tensors *b, pv_shop_build_report *report, pv_error *error) PV_CHECKED;
pv_status pv_shop_add_eligibility(pv_shop_tensors *b, pv_error *error) PV_CHECKED;

#endif
