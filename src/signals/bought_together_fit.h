/* bought_together_fit.h - the table of products bought together. Private to the signal; what the numbers mean stands in
 * bought_together.h.
 */
#ifndef PV_BOUGHT_TOGETHER_FIT_H
#define PV_BOUGHT_TOGETHER_FIT_H

#include "signals/signal.h"

/* The largest system of item-item weights (item_weights.h), in products that enough companies bought: 300 MB, and some
 * 10 seconds on two cores of 2021. Above it smoothed lifts take over (smoothed_lift.h), which cost no more than
 * counting the pairs. */
#define PV_ITEM_WEIGHTS_MAX 8192

/* Add bought_together.offset, .product, .companies and .weight.
 *
 * Cost:    counting O(sum over companies of (their products)^2), given to threads, and what the weights cost; a few
 *          numbers a product and thread.
 * Errors:  PV_E_MEMORY. */
pv_status pv_bought_together_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                 pv_error *error) PV_CHECKED;
/* The same with item-item weights for `most_products` at most; above that, and for 0, smoothed lifts. */
pv_status pv_bought_together_fit_up_to(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                       size_t most_products, pv_error *error) PV_CHECKED;

#endif
