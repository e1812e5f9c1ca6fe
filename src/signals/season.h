/* season.h - "others buy this in this month of the year", and "you bought this about this time last year".
 *
 *   phi(u, i) = clip(12 q_i - 1, 0, 2) + [u bought i within 3 weeks of the as-of date one year earlier]
 *   q_i = (o_im + m q_c) / (o_i + m),   q_c = (o_cm + m / 12) / (o_c + m),   m = 20
 *
 * o_i orders of other companies with i and o_im those in the calendar month of the answer's as-of date, over the whole
 * years (of 365.25 days) before the model's as-of date, so that each month is there equally often; o_c, o_cm the sums
 * over the products of the category c of i (without one: q_c = 1/12). Only what k other companies ever bought speaks
 * for itself, and only where k of them bought it in that month; for others q_i = q_c where k bought from c then. Silent
 * with less than 13 months of purchases.
 *
 * Evidence: the purchase of last year, and the month; the pieces sum to phi.
 */
#ifndef PV_SEASON_H
#define PV_SEASON_H

#include "signals/signal.h"

extern const pv_signal pv_season_signal;

#endif
