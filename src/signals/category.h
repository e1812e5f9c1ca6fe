/* category.h - "you order from this category more than others do": order affinity (signals/order_affinity.h) to the
 * tree of categories, c the leaf category of the product, its parent for customers with fewer than 3 orders.
 */
#ifndef PV_CATEGORY_H
#define PV_CATEGORY_H

#include "signals/signal.h"

extern const pv_signal pv_category_signal;

#endif
