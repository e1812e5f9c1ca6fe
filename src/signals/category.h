/* category.h - "you order from this category more than others do".
 *
 *   phi(u, i) = max(0, (W_c + m p_c) / (W + m) - p_c)
 *
 * W orders of the customer, W_c those with a product of the category c of i (or of a category below it), p_c the share
 * of all other companies' orders that have one; m = 20. c is the leaf category of i, its parent while W < 3.
 *
 * Where nobody else has ordered anything nothing is usual, and phi is 0.
 *
 * Evidence: phi split over the products of c that the customer ordered, each order's weight in equal parts over its
 * products of c; the pieces sum to phi.
 */
#ifndef PV_CATEGORY_H
#define PV_CATEGORY_H

#include "signals/signal.h"

extern const pv_signal pv_category_signal;

#endif
