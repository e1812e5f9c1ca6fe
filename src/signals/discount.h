/* discount.h - "you buy discounted products more than others buy these, and this one is discounted now".
 *
 *   phi(u, i) = A_u d_i,   A_u = max(0, (D_u - L_u r_u) / (L_u + m))
 *
 * d_i the discount of i now, or, where no product has one (a model as of a date, no such column), the share of
 * discounted lines among other companies' lines of i in the 30 days before the model's date, 0 below k companies
 * (recent_discount.h); L_u lines of the customer, D_u the discounted ones; r_u the share to be expected: how
 * often other companies' lines of the same products are discounted (of all their lines where there are none of a
 * product); m = 20. Where a line counts as discounted because its product is discounted now (contract section 1), r_u
 * is the share of discounted lines among all other companies' lines.
 *
 * Evidence: phi split over the products of the discounted lines by their number; the pieces sum to phi.
 */
#ifndef PV_DISCOUNT_H
#define PV_DISCOUNT_H

#include "signals/signal.h"

extern const pv_signal pv_discount_signal;

#endif
