/* trend.h - "bought by more companies lately than before", or by fewer.
 *
 *   phi(i) = max(0, log(4 (c_i + 1) / (b_i 30 / 90 + 1)))
 *
 * c_i other companies that bought i in the 30 days before the model's as-of date, b_i in the 90 days before it. A
 * steady product stands at about log 4, a sinking one at 0: the 4 leaves room to sink without a negative value. 0 where
 * b_i is below k; a c_i below k has its part in phi, and the sentence says no more than that it is below k. No
 * evidence: nobody else's purchases are shown.
 */
#ifndef PV_TREND_H
#define PV_TREND_H

#include "signals/signal.h"

#define PV_TREND_DAYS 30
#define PV_TREND_USUAL_DAYS 90

extern const pv_signal pv_trend_signal;

#endif
