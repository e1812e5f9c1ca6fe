/* order_keys.h - orders and their lines as 64-bit keys, by which a purchase that comes again is known.
 *
 * The same user, product and order counts once, whether it comes in the shop's files or as an event (contract section
 * 6). A model keeps a key an order of each user, in place of the shop's order ids.
 *
 * Collisions: two of n keys meet with a chance of n^2 / 2^65; a user's few thousand orders never do in practice.
 */
#ifndef PV_ORDER_KEYS_H
#define PV_ORDER_KEYS_H

#include "base/text.h"
#include <stdbool.h>
#include <stdint.h>

#define PV_NO_ORDER_KEY UINT64_C(0) /* neither order nor time */

/* Key of an order: XXH3-64 of its id or, without one (data NULL or empty), of its time; PV_NO_ORDER_KEY without both.
 */
uint64_t pv_order_key(pv_text order, int64_t time);
/* Key of a row that left no line: user, product, order and whether it gave or took back. */
uint64_t pv_settled_key(pv_text user, pv_text product, uint64_t order_key, bool is_return);

#endif
