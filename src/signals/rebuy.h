/* rebuy.h - the customer's own repeat constant: how much of what it orders it has ordered before.
 *
 *   phi(u, i) = sum_k coefficient_k (f_k(u) - mean_k)   for every product that u bought, 0 for others
 *
 *   f = (logit r_u, log orders, log products, log(1 + days since the last order)),   r_u = (lines - products + m g) /
 *       (lines + m)
 *
 * lines: products of the orders, each counted once an order; products: distinct ones; g the share of repeats among all
 * other companies' lines, m = 20. Coefficients and the means over customers, so that a usual customer has phi 0, are
 * learned with the weights (product reference 4.3.2); phi may be negative. Without tensor `rebuy.coefficient` they are
 * 0 and the signal says nothing; in a simple shop, or without purchases, all features are 0.
 *
 * Evidence: the four terms, labelled; they sum to phi.
 */
#ifndef PV_REBUY_H
#define PV_REBUY_H

#include "signals/signal.h"

#define PV_REBUY_FEATURE_COUNT 4

extern const pv_signal pv_rebuy_signal;

/* f of the asking customer; `bound` is that of the signal. */
void pv_rebuy_features(double features[PV_REBUY_FEATURE_COUNT], const void *bound, const pv_question *question);

#endif
