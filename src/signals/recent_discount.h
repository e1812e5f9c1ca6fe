/* recent_discount.h - how often a product was sold at a discount lately, where nothing is known of its discount now.
 *
 * Of the 30 days before the model's as-of date: the order lines of each product, how many of them were discounted, and
 * how many companies they come from. The asking company's own are taken out, and below k companies nothing is said.
 */
#ifndef PV_RECENT_DISCOUNT_H
#define PV_RECENT_DISCOUNT_H

#include "signals/signal.h"

#define PV_RECENT_DISCOUNT_DAYS 30

/* One product's lines in the window. */
typedef struct pv_recent_lines {
    int32_t product, companies;
    int32_t lines, discounted;
} pv_recent_lines;

/* Views of the tensors `discount.recent_*`, [n_warm products]; all NULL in a shop without time. */
typedef struct pv_recent_discounts {
    const int32_t *companies, *lines, *discounted;
} pv_recent_discounts;

/* Add the tensors; the shop has time and discounts of lines. O(lines). Errors: PV_E_MEMORY. */
pv_status pv_recent_discounts_fit(pv_tensors *tensors, const pv_shop *shop, pv_error *error) PV_CHECKED;
/* Errors: PV_E_INPUT. */
pv_status pv_recent_discounts_get(pv_recent_discounts *recent, const pv_tensors *tensors, const pv_shop *shop,
                                  pv_error *error) PV_CHECKED;

/* What a question asks of them. */
typedef struct pv_recent_others {
    const pv_recent_discounts *recent;
    const pv_recent_lines *own; /* [n_own] of the asking company, rising by product */
    int64_t n_own, n_products;
    int32_t min_companies;
} pv_recent_others;
pv_status pv_recent_others_make(pv_recent_others *others, const pv_recent_discounts *recent,
                                const pv_question *question, pv_error *error) PV_CHECKED;
/* Lines of other companies; all 0 below k of them. */
pv_recent_lines pv_recent_others_of(const pv_recent_others *others, int32_t product);
/* discount[i] = discounted / lines of others, 0 where nothing is known; [n warm products], the same bits as from
 * pv_recent_others_of(). */
void pv_recent_others_shares(double *shares, const pv_recent_others *others);
double pv_recent_share(const pv_recent_lines *lines);

#endif
