/* segment.h - "bought by so many of the customers in your segment" (smoothed lift over everybody).
 *
 *   phi(u, i) = sum over the columns c of max(0, log(rate_c / p_i)),   rate_c = (n_ci + m p_i) / (N_c + m)
 *
 * N_c companies with purchases that have the value of c which the customer has, n_ci of them bought i, p_i = n_i / N
 * the share of all companies that did; all without the asking one; m = 20. A column with n_ci below k adds 0. A company
 * with several users counts for the values of each of them, with what that user bought.
 *
 * Columns are the shop's segments with at most PV_SEGMENT_VALUES values, and two that are made of the history: the size
 * of its orders (different products an order; not in a shop without time and order) and of itself (different products),
 * both as fifths of all users with purchases: edges are the quantiles .2, .4, .6, .8 (linear between neighbours), and
 * the tier of x is the number of edges that are at most x.
 *
 * Evidence: the term of each column, as a label; the pieces sum to phi.
 *
 * Cost of a question: one addition for each product of each list; a logarithm for each product that the asking company
 * bought, or for every product of a list in which it does not count itself.
 */
#ifndef PV_SEGMENT_H
#define PV_SEGMENT_H

#include "signals/signal.h"

extern const pv_signal pv_segment_signal;

#endif
