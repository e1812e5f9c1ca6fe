/* price_fit.h - "costs about what you usually pay".
 *
 *   phi(u, i) = 1 - min(1, |z_i - z_u| / 2),   z_i = log(price_i / median_i),   z_u = mean of z over the products
 * bought
 *
 * median_i: of the prices in the category of i and below it; of the next category above that has 5 products with a
 * price; of all products where none has or the product has no category. phi is 0 for a customer with fewer than 5
 * lines, and for products without a price above 0.
 *
 * The range that is stated is where the middle 80 % of the customer's products stand (the 10 % and 90 % quantiles of z,
 * nearest rank), times the median of the product's own category: with one category for all it is the range of the
 * prices themselves.
 *
 * Evidence: one piece, the prices of all purchases together.
 *
 * Tensors: price_fit.category I32 [n products] the category of the median, -1: all products; price_fit.median F64 [n];
 * price_fit.z F64 [n], both NaN without a price.
 */
#ifndef PV_PRICE_FIT_H
#define PV_PRICE_FIT_H

#include "signals/signal.h"

#define PV_PRICE_FIT_LINES 5    /* of a customer, before it has a usual price */
#define PV_PRICE_FIT_PRODUCTS 5 /* with a price, before a category has a median */

extern const pv_signal pv_price_fit_signal;

#endif
