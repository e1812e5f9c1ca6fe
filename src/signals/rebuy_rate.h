/* rebuy_rate.h - "so many of the other customers who bought this bought it again".
 *
 *   phi(u, i) = (again_i + m p) / (buyers_i + m)   for products that u bought, 0 for others
 *
 * buyers_i companies other than the asking one with a purchase of i, again_i those of them with i in two or more
 * orders, p = sum again / sum buyers over all products, m = 20; 0 below k buyers. A shop with neither time nor order is
 * silent. No evidence: nobody else's purchases are shown. Source of the counts: rebuy_counts.h.
 */
#ifndef PV_REBUY_RATE_H
#define PV_REBUY_RATE_H

#include "signals/signal.h"

extern const pv_signal pv_rebuy_rate_signal;

#endif
