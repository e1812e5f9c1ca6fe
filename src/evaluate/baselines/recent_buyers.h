/* recent_buyers.h - companies that bought a product in the PV_RECENT_DAYS days before the shop's date (ever, in a shop
 * without time), and the popularity that follows: the order behind every other order.
 */
#ifndef PV_RECENT_BUYERS_H
#define PV_RECENT_BUYERS_H

#include "evaluate/baseline.h"

#define PV_RECENT_DAYS 30

/* Counts of some companies. */
typedef struct pv_recent_buyers {
    const pv_shop *shop;
    int32_t *counts; /* [n_warm products] */
    int64_t *last;   /* [n_warm products] stamp of the company counted last */
    int64_t since;   /* purchases from this time on are recent; not looked at without time */
} pv_recent_buyers;

/* The shop is borrowed. deinit also after a failure. Errors: PV_E_MEMORY. */
pv_status pv_recent_buyers_init(pv_recent_buyers *buyers, const pv_shop *shop, pv_error *error) PV_CHECKED;
void pv_recent_buyers_deinit(pv_recent_buyers *buyers);
/* Count the recent purchases of a user, those of one warm user after the other of the same company under one stamp > 0
 * that no other company has. */
void pv_recent_buyers_add(pv_recent_buyers *buyers, int64_t user, int64_t stamp);

/* p_i = n_i / (1 + max_j n_j) in [0, 1), n_i the companies of the whole shop that bought i lately; 0 for products
 * without purchases. */
typedef struct pv_recent_popularity {
    int64_t n_products;
    double shares[]; /* [n_products] */
} pv_recent_popularity;

/* To be freed with pv_release(). Errors: PV_E_MEMORY. */
pv_status pv_recent_popularity_create(pv_recent_popularity **popularity, const pv_shop *shop,
                                      pv_error *error) PV_CHECKED;
/* The same as `create` of a baseline that needs nothing else. */
pv_status pv_recent_popularity_state(void **state, const pv_baseline_input *input, pv_error *error) PV_CHECKED;

/* Place the products at 0, those that a method of positive scores is silent about, behind the others: p_i - 1. */
void pv_popularity_fill(double *scores, const pv_recent_popularity *popularity);
/* Place the products without purchases behind the others, whose scores may be negative. */
void pv_unsold_fill(double *scores, const pv_shop *shop);

#endif
