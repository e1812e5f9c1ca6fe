/* popularity.h - "so many companies bought this lately".
 *
 *   phi(i) = log(1 + n_i) / log(1 + max_j n_j)
 *
 * n_i parent companies that bought i in the 90 days before the model's as-of date (ever, in a shop without time), the
 * asking one not counted, 0 below k; the maximum is over everybody. For a company without purchases the counts may be
 * those of its segment. No evidence: nobody else's purchases are shown.
 */
#ifndef PV_POPULARITY_H
#define PV_POPULARITY_H

#include "signals/signal.h"

#define PV_POPULARITY_DAYS 90

extern const pv_signal pv_popularity_signal;

/* The list of the first segment column in which the asking customer has a value whose list has a product with k buyers;
 * -1: none. */
int64_t pv_popularity_segment_list(const void *bound, const pv_question *question);
/* Column and value of a list, as "country = France" facts need them. */
void pv_popularity_segment_of(pv_text *column, pv_text *value, const void *bound, const pv_shop *shop, int64_t list);

#endif
