/* order_affinity.h - "you order from this group of products more than others do": the logic of category and brand.
 *
 *   phi(u, i) = max(0, (W_c + m p_c) / (W + m) - p_c)
 *
 * W orders of the customer, W_c those with a product of the group c of i (or of a group below it), p_c the share of all
 * other companies' orders that have one; m = 20. c is the product's own group, the one above it while W < 3.
 *
 * Where nobody else has ordered anything nothing is usual, and phi is 0.
 *
 * Evidence: phi split over the products of c that the customer ordered, each order's weight in equal parts over its
 * products of c; the pieces sum to phi.
 *
 * Cost: preparing is linear in the lines of the history and of the asking company, and in the number of groups.
 */
#ifndef PV_ORDER_AFFINITY_H
#define PV_ORDER_AFFINITY_H

#include "signals/signal.h"

/* Products in groups that may lie below one another. Views. */
typedef struct pv_product_groups {
    int64_t n;
    const int32_t *of_product; /* [n products] the group, -1: none */
    const int32_t *parent;     /* [n] the group above, -1 at the top; NULL: all are at the top */
    pv_texts names;
    const int32_t *name; /* [n] number of a group's name in `names`; NULL: its own number */
} pv_product_groups;

/* Count orders, add `CODE.orders` and `CODE.all_orders`. */
pv_status pv_order_affinity_fit(pv_tensors *tensors, const char *code, const pv_product_groups *groups,
                                const pv_shop *shop, pv_error *error) PV_CHECKED;
/* Bind the two. The groups are copied; what they point to is borrowed. */
pv_status pv_order_affinity_bind(void **bound, const pv_tensors *tensors, const char *code,
                                 const pv_product_groups *groups, pv_error *error) PV_CHECKED;

/* The calls of pv_signal. */
pv_status pv_order_affinity_prepare(void **prepared, const void *bound, const pv_question *question, pv_error *error);
void pv_order_affinity_score(double *phi, const void *prepared);
void pv_order_affinity_brief(pv_phi *phi, double *room, int32_t *products, const void *prepared);
double pv_order_affinity_score_one(const void *prepared, int32_t product);
pv_status pv_order_affinity_evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error);
pv_status pv_order_affinity_state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason,
                                  pv_error *error);

#endif
