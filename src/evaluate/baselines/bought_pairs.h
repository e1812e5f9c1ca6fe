/* bought_pairs.h - who bought what, once a pair, by user and by product: the binary matrix X of the item-item methods.
 *
 * Threads:  read-only after init.
 */
#ifndef PV_BOUGHT_PAIRS_H
#define PV_BOUGHT_PAIRS_H

#include "shop/shop.h"

typedef struct pv_bought_pairs {
    int64_t n_users, n_products; /* warm ones */
    int64_t *user_offsets;       /* [n_users + 1] into products */
    int32_t *products;           /* rising within a user */
    int64_t *product_offsets;    /* [n_products + 1] into users and positions */
    int32_t *users;              /* rising within a product */
    int64_t *positions;          /* of the same pair in `products` */
} pv_bought_pairs;

/* O(lines). deinit also after a failure. Errors: PV_E_MEMORY. */
pv_status pv_bought_pairs_init(pv_bought_pairs *pairs, const pv_shop *shop, pv_error *error) PV_CHECKED;
void pv_bought_pairs_deinit(pv_bought_pairs *pairs);

/* Users who bought a product. */
int64_t pv_bought_pairs_users(const pv_bought_pairs *pairs, int64_t product);
/* counts[j] = users who bought both j and `product`; found gets these j, their number is returned. counts [n_products]
 * are 0 before and wherever found does not say otherwise. Cost: the sum of |H| over the users of the product. */
int64_t pv_bought_pairs_count(int32_t *counts, int32_t *found, const pv_bought_pairs *pairs, int64_t product);

/* Ties by user or product number (pv_tie_order of topk/topk.h). */
bool pv_lower_number(const void *context, int32_t a, int32_t b);

#endif
