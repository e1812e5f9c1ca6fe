/* bought_together.h - "customers who bought A also bought this": smoothed lift over pairs of products.
 *
 *   phi(u, i) = sum_j omega_j a_ij / sqrt(sum_j omega_j),   a_ij = max(0, (n_ij + m p_i) / (n_j + m) - p_i)
 *
 * j runs over the history, omega_j halves every 180 days since j was last bought; n_i, n_j, n_ij count parent companies
 * with a purchase of i, of j, of both, and p_i = n_i / N, always without the asking company; m = 20. A pair counts only
 * with n_ij >= k and, when the table is learned, a log-likelihood ratio G2 above 10.8 (p = 0.001; Dunning 1993).
 * Learned: per product at most 256 neighbours, those with the largest a_ij.
 *
 * Evidence: the term of each j; they sum to phi.
 */
#ifndef PV_BOUGHT_TOGETHER_H
#define PV_BOUGHT_TOGETHER_H

#include "signals/signal.h"

#define PV_NEIGHBOURS_MAX 256

extern const pv_signal pv_bought_together_signal;

/* The table of a bound signal, for `similar`: companies that bought `product` and `other`, -1 when not in the table. */
int64_t pv_bought_together_companies(const void *bound, int32_t product, int32_t other);
/* Neighbours of a product, rising. */
void pv_bought_together_neighbours(const int32_t **neighbours, int64_t *n, const void *bound, int32_t product);

#endif
