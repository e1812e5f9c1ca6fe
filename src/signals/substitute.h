/* substitute.h - "you have just bought another product that does the same": a cost.
 *
 *   phi(u, i) = -1 if u bought an equivalent of i within the last g_u / 2 days, else 0
 *
 * g_u the mean number of days between the orders of u (28 while it has but one date). Equivalents of i have the same
 * leaf category and a cosine of product factors of 0.8 or more, and stand in no bought-together table of each other: at
 * most 16 a product, the most alike. Learned after the factor model and bought_together; without their tables, or in a
 * category of more than 4096 products, there are none. Product reference 4.1.
 *
 * Evidence: the latest purchase of an equivalent; its piece is phi.
 */
#ifndef PV_SUBSTITUTE_H
#define PV_SUBSTITUTE_H

#include "signals/signal.h"

#define PV_SUBSTITUTES_MAX 16

extern const pv_signal pv_substitute_signal;

/* The equivalents of a product, the most alike first. */
void pv_substitute_row(const int32_t **products, int64_t *n, const void *bound, int32_t product);

#endif
