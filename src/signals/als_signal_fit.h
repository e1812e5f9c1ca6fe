/* als_signal_fit.h - fit and bind of the factor model's signals. Private to them. */
#ifndef PV_ALS_SIGNAL_FIT_H
#define PV_ALS_SIGNAL_FIT_H

#include "signals/als_signal.h"

/* Add the factors, their Gram matrix, settings `als.*` and side information `side.*`. Cost: als/als.h. Errors:
 * PV_E_MEMORY, PV_E_INTERRUPTED. */
pv_status pv_als_signal_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                            pv_error *error) PV_CHECKED;
/* *bound is a pv_als_bound. Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_als_signal_bind(void **bound, const pv_tensors *tensors, const pv_shop *shop, pv_error *error) PV_CHECKED;

#endif
