/* peers.h - "bought by so many of the customers whose purchases are most like yours" (user-based nearest neighbours).
 *
 *   phi(u, i) = sum over v in P(u) of s_uv a_vi,   0 when fewer than k of P(u) bought i
 *
 *   a_vj = 2^(-days since v last bought j / 60), 1 in a shop without time
 *   s_uv = sum_j a_uj a_vj / (|a_u| |a_v|)
 *
 * v are parent companies, each with the purchases of all its users; the asking company is left out. P(u) are the 100
 * most similar ones, s_uv > 0, ties in the order of parents. a_u is the history of the question, whatever its source.
 * Source: Herlocker, Konstan, Borchers, Riedl, "An Algorithmic Framework for Performing Collaborative Filtering"
 * (1999), with recency as the rating. Only the PV_PEERS_BUYERS most recent buyers of a product are compared, which
 * bounds the cost (Kersbergen, Sprangers, Schelter, "Serenade", SIGMOD 2022).
 *
 * Evidence: none. Peers are other customers and have no names; the pieces do not sum to phi.
 *
 * Tensors: peers.offset I64 [parents + 1], peers.product I32, peers.weight F32: the profiles, products rising;
 * peers.norm F64 [parents]; peers.buyer_offset I64 [n_warm products + 1], peers.buyer I32, peers.buyer_weight F32: the
 * most recent buyers of each product, parents rising.
 * Cost of a question: one addition for each buyer of each product of the history and each product of each peer.
 */
#ifndef PV_PEERS_H
#define PV_PEERS_H

#include "signals/signal.h"

#define PV_PEERS_HALF_LIFE_DAYS 60.0
#define PV_PEERS_COUNT 100
#define PV_PEERS_BUYERS 1024

extern const pv_signal pv_peers_signal;

/* s_uv of every company for the customer who asks, [n parents] zeroed before; 0 of the own company. */
void pv_peers_similarities(double *similarities, const void *bound, const pv_question *question);
/* What a company bought, rising. */
void pv_peers_products(const int32_t **products, int64_t *n, const void *bound, int32_t parent);

#endif
