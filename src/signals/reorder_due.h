/* reorder_due.h - "you order this about every so many days; the next order was due on this date".
 *
 *   phi(u, i) = R_i P(T <= e + h | T > e) f,   log T ~ normal(mu_ui, sigma_ui)
 *
 * e days since u last ordered i, h = 90; R_i the share of other companies that buy i again (pv_rebuy_share()). With the
 * n gaps g between the dates on which u ordered i and kappa = 2 gaps' worth of what is usual among others (mean m and
 * variance v of log gaps: of the product, else of its category, else of the shop, whichever first has k other
 * companies; reorder_gaps.h):
 *
 *   mu = (sum log g + kappa m) / (n + kappa),   sigma^2 = (sum (log g - mu)^2 + kappa v) / (n + kappa), >= 1/16
 *
 * The typical gap is exp(mu). After four of them the customer has stopped rather than waited: f halves with every
 * further one, 1 before. phi is 0 where nothing is usual, and in a shop without time. Product reference 4.1; the model
 * of Bhagat, Muralidharan, Lobzhanidze, Vishwanath, "Buy It Again" (KDD 2018), with a log-normal.
 *
 * Evidence: the last purchase.
 */
#ifndef PV_REORDER_DUE_H
#define PV_REORDER_DUE_H

#include "signals/signal.h"

#define PV_REORDER_HORIZON_DAYS 90

extern const pv_signal pv_reorder_due_signal;

#endif
