/* habit.h - "you buy this in so many of your orders".
 *
 *   phi(u, i) = max(0, log(r / r0)),   r = (n_ui - 1 + m h_i) / (o_ui - 1 + m)
 *
 * n_ui orders of the customer with i, o_ui its orders since the first one with i (that one counted), m = 6, r0 = 0.01,
 * h_i how often others have i again in the orders after their first one with it (pv_rebuy_frequency(); the average
 * product's below k buyers). So r is the share of orders with i, drawn towards what is usual for the product, and the
 * first purchase says nothing about the next. The form of product reference 4.3; the personal frequency itself: Hu, He,
 * Gao, Zhang, SIGIR 2020. A shop without time cannot tell what came first: there phi is the share of the orders (in a
 * simple shop of the purchase count) that have i.
 *
 * Evidence: each order with i, dated, in equal parts (by its count in a simple shop); the pieces sum to phi.
 */
#ifndef PV_HABIT_H
#define PV_HABIT_H

#include "signals/signal.h"

extern const pv_signal pv_habit_signal;

#endif
