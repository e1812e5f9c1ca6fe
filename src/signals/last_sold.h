/* last_sold.h - "others still buy this": a product that nobody has bought for weeks may be gone.
 *
 *   phi(i) = max(0, log((1 + 90) / (1 + d_i)))
 *
 * i bought by the customer before; d_i whole days from the last purchase of i by another company before the model's
 * as-of date to the as-of date of the answer; 0 where fewer than k other companies ever bought i. No evidence: nobody
 * else's purchases are shown.
 */
#ifndef PV_LAST_SOLD_H
#define PV_LAST_SOLD_H

#include "signals/signal.h"

#define PV_LAST_SOLD_DAYS 90

extern const pv_signal pv_last_sold_signal;

#endif
