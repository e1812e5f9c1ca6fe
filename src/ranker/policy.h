/* policy.h - what the shop itself adds to a score: promotions, labelled and capped, never mixed with the reasons.
 *
 *   policy(u, i) = min(promotion_i, s(u, j) - s(u, i)),   j the product PV_PROMOTION_RANKS places above i
 *
 * among all products by the score s of the signals: a promotion lifts a product by at most that many places, and to the
 * front it gives what puts it level with the first. 0 without a promotion.
 */
#ifndef PV_POLICY_H
#define PV_POLICY_H

#include "base/memory.h"
#include "shop/shop.h"

enum { PV_PROMOTION_RANKS = 10 };

/* True when any product is promoted. */
bool pv_policy_applies(const pv_shop *shop);
/* Add to scores [n products] and keep the parts in *policy [n products], in the arena. O(n log n). Errors: PV_E_MEMORY.
 */
pv_status pv_policy_add(double **policy, double *scores, const pv_shop *shop, pv_arena *arena,
                        pv_error *error) PV_CHECKED;

#endif
