/* smoothed_lift.h - the cheaper weight of a pair of products: how much more often than chance companies buy both.
 *
 *   a_ij = max(0, (n_ij + m p_i) / (n_j + m) - p_i)
 *
 * n_i, n_j, n_ij count parent companies with a purchase of i, of j, of both; p_i = n_i / N; m = 20. A pair counts only
 * with a log-likelihood ratio G2 of its two-by-two table above 10.8 (p = 0.001; Dunning, "Accurate Methods for the
 * Statistics of Surprise and Coincidence", 1993).
 *
 * Threads:  read-only after init.
 */
#ifndef PV_SMOOTHED_LIFT_H
#define PV_SMOOTHED_LIFT_H

#include "shop/shop.h"
#include <stdint.h>

typedef struct pv_smoothed_lift {
    const pv_shop *shop;
    double *entropy; /* [companies + 1], k log k */
    double *margin;  /* [n_warm products], the part of G2 that one product alone decides */
} pv_smoothed_lift;

/* Errors: PV_E_MEMORY. Deinit in any case. */
pv_status pv_smoothed_lift_init(pv_smoothed_lift *lift, const pv_shop *shop, pv_error *error) PV_CHECKED;
void pv_smoothed_lift_deinit(pv_smoothed_lift *lift);

/* a_ij of j = past and i = product, which `both` companies bought; 0 when the ratio is not above its limit. */
double pv_smoothed_lift_of(const pv_smoothed_lift *lift, int32_t past, int32_t product, int32_t both);

#endif
