/* scales.h - the unit of each signal: how large phi is where nothing was bought.
 *
 *   s_u = root mean square of phi(u, .) over the products that u never bought (for signals that speak for reorders
 *         alone: over those that it bought),   log s_u ~ log c + p log n_u by least squares over customers
 *
 * so that a single request knows its s_u without a pass over the catalogue. p is 0 for signals of the product level and
 * where fewer than 10 customers have a phi.
 */
#ifndef PV_SCALES_H
#define PV_SCALES_H

#include "ranker/ranker.h"

/* Measure on at most 512 customers, evenly spread over all, and write scale and power of every used signal of the
 * ranker's weights. als alone keeps 1. O(512 x products x signals), shared by threads. Errors: PV_E_MEMORY. */
pv_status pv_scales_measure(pv_weights *weights, const pv_ranker *ranker, pv_threads *threads,
                            pv_error *error) PV_CHECKED;

#endif
