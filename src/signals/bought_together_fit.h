/* bought_together_fit.h - the table of products bought together, and the measure that it and the score share. Private
 * to the signal; the equations stand in bought_together.h.
 */
#ifndef PV_BOUGHT_TOGETHER_FIT_H
#define PV_BOUGHT_TOGETHER_FIT_H

#include "signals/signal.h"

#define PV_ASSOCIATION_SMOOTHING 20.0 /* m */

/* Add bought_together.offset, .product and .companies. O(sum over companies of (their products)^2), given to threads;
 * a few numbers a product and thread. Errors: PV_E_MEMORY. */
pv_status pv_bought_together_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                 pv_error *error) PV_CHECKED;

#endif
