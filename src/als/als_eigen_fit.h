/* als_eigen_fit.h - the iterations of the `auto` solver. */
#ifndef PV_ALS_EIGEN_FIT_H
#define PV_ALS_EIGEN_FIT_H

#include "als/als_side.h"

/* Alternate from the drawn products (users 0) as pv_als_fit() says, the last pass over the users included.
 *
 * Each half step: Gram matrix of the fixed side; the basis kept or rotated (als_basis.h); every row by als_eigen_row.h.
 * From the third iteration on rows overshoot (successive over-relaxation), half as far each time the loss has risen,
 * not at all in the last iteration. The loss of an iteration falls out of the first pass of the next one. Errors:
 * PV_E_MEMORY, PV_E_INTERRUPTED, PV_E_INPUT when factors stop being finite (names the row). */
pv_status pv_als_eigen_fit(pv_als_side *users, pv_als_side *products, const pv_als_settings *settings,
                           pv_threads *threads, pv_als_iteration_done *done, void *context, pv_error *error) PV_CHECKED;

#endif
