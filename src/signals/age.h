/* age.h - "this is new in the shop".
 *
 *   phi(i) = max(0, log((1 + 366) / (1 + d_i)))
 *
 * i never bought by the customer; d_i whole days from the first sale of i to the as-of date of the answer; for a
 * product that was never sold, from its available_from, where products.csv has one. No evidence: no purchase is behind
 * it. No k rule: the date is one of the product, it counts nobody; who the first buyer was is not said.
 */
#ifndef PV_AGE_H
#define PV_AGE_H

#include "signals/signal.h"

#define PV_AGE_DAYS 366

extern const pv_signal pv_age_signal;

#endif
