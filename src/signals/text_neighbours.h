/* text_neighbours.h - the table of products whose names are alike. Private to the text signal, whose header has the
 * equations.
 */
#ifndef PV_TEXT_NEIGHBOURS_H
#define PV_TEXT_NEIGHBOURS_H

#include "signals/signal.h"

#define PV_TEXT_NEIGHBOURS_MAX 64

/* Add text.offset, .product and .similarity: for every product, listed ones too, the 64 most similar, rising.
 *
 * Cost:    the sum over terms of (products with the term)^2, given to threads; 8 x 64 bytes a product and 12 bytes a
 *          product and thread. Terms of more than 2,000 products are left out of the sum (they weigh little and cost
 *          most); above 50,000 products n-grams are left out altogether.
 * Errors:  PV_E_MEMORY.
 */
pv_status pv_text_neighbours_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                 pv_error *error) PV_CHECKED;

#endif
