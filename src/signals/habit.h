/* habit.h - "you buy this in so many of your orders" (personal frequency; Hu, He, Gao, Zhang 2020, TIFU-KNN, without
 * the neighbours).
 *
 *   phi(u, i) = sum over orders with i of omega / sum over all orders of omega
 *
 * omega halves every 180 days since the order; shops without time and order: the share of the purchase counts.
 * Evidence: each order with i, dated; the pieces sum to phi.
 */
#ifndef PV_HABIT_H
#define PV_HABIT_H

#include "signals/signal.h"

extern const pv_signal pv_habit_signal;

#endif
