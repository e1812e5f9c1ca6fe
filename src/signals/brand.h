/* brand.h - "you order this brand more than others do": order affinity (signals/order_affinity.h) to the values of the
 * products' column `brand`, or of `supplier` where there is no brand.
 *
 * Tensors: brand.product I32 [n products] the group, -1 none; brand.value I32 [n groups] its value in the dictionary of
 * the text columns, rising; brand.orders, brand.all_orders.
 */
#ifndef PV_BRAND_H
#define PV_BRAND_H

#include "signals/signal.h"

extern const pv_signal pv_brand_signal;

#endif
