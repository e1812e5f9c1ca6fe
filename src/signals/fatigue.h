/* fatigue.h - "this was shown to you again and again, and you did not take it up": a cost.
 *
 *   phi(u, i) = -log2(1 + t_ui) 2^(-d_ui / 14)
 *
 * t_ui how often i was shown to u since u last clicked it, put it into the cart or bought it, d_ui whole days from the
 * last time it was shown until the as-of date (0 where there is none). 0 for what was never shown, and for what the
 * history has bought since it was first shown: how often it was shown after that is not known. Nothing is learned: what
 * was shown comes with the question. Product reference 4.1.
 *
 * Weight: a rule (pv_signal.is_rule); purchases do not tell what was shown, so there is nothing to learn it from.
 * Evidence: one piece, "shown 3 times", of the day it was shown last.
 * Cost: of a question O(shown products), of a product a binary search.
 */
#ifndef PV_FATIGUE_H
#define PV_FATIGUE_H

#include "signals/signal.h"

extern const pv_signal pv_fatigue_signal;

#endif
