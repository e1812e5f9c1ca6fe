/* bought_together.h - "customers who bought A also bought this": learned weights of pairs of products.
 *
 *   phi(u, i) = sum_{j in the history, j != i} w_ji,   w_ji >= 0
 *
 * w_ji is the weight of a past purchase of j for the product i, learned to predict recent purchases of i from all that
 * the same customer bought (item_weights.h); in a catalogue too large for that the smoothed lift of the pair among
 * companies (smoothed_lift.h). A pair counts only where n_ji >= k parent companies bought both, at learning and,
 * without the asking company, at every question. Learned: positive weights alone, per past product at most 256, the
 * largest.
 *
 * Evidence: the weight of each j; they sum to phi.
 */
#ifndef PV_BOUGHT_TOGETHER_H
#define PV_BOUGHT_TOGETHER_H

#include "signals/signal.h"

#define PV_NEIGHBOURS_MAX 256

extern const pv_signal pv_bought_together_signal;

/* The table of a bound signal, for `similar`: companies that bought `product` and `other`, -1 when not in the table. */
int64_t pv_bought_together_companies(const void *bound, int32_t product, int32_t other);
/* The pairs of a product, the other products rising. */
typedef struct pv_bought_together_pairs {
    int64_t n;
    const int32_t *products, *companies; /* [n] */
    const float *weights;                /* [n] w_ji, j = product */
} pv_bought_together_pairs;
pv_bought_together_pairs pv_bought_together_row(const void *bound, int32_t product);

#endif
