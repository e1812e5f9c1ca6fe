/* scales.h - the unit of each signal.
 *
 * Level of the history: how large phi is where nothing was bought,
 *   s_u = root mean square of phi(u, .) over the products that u never bought,   log s_u ~ log c + p log n_u
 * by least squares over customers, so that a single request knows its s_u without a pass over the catalogue; p is 0
 * where fewer than 10 customers have a phi. Level of the product: c = standard deviation of phi over customers and
 * products, those never bought or, for signals that speak for reorders alone, those bought; p = 0.
 */
#ifndef PV_SCALES_H
#define PV_SCALES_H

#include "ranker/ranker.h"

/* Measure on at most 512 customers, evenly spread over all, and write scale and power of every used signal of the
 * ranker's weights. als alone keeps 1. O(512 x products x signals), shared by threads. Errors: PV_E_MEMORY. */
pv_status pv_scales_measure(pv_weights *weights, const pv_ranker *ranker, pv_threads *threads,
                            pv_error *error) PV_CHECKED;

#endif
