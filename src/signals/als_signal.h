/* als_signal.h - "customers who buy as you do": the factor model as a signal.
 *
 * phi(u, i) = x_u . y_i. For a known user with the history the model was trained on, x_u is the stored float32 row; any
 * other history is solved in float64. Products that nobody bought have no factors and phi 0.
 *
 * Evidence: each past product's share of the exactly solved score (Hu, Koren, Volinsky 2008, section 5). Shares may be
 * negative, and they sum to the exact score, from which the stored row's differs by rounding (1e-5).
 */
#ifndef PV_ALS_SIGNAL_H
#define PV_ALS_SIGNAL_H

#include "signals/signal.h"
#include "topk/dense_scores.h"

extern const pv_signal pv_als_signal;

#define PV_NEAREST_COUNT 3

/* Views of the factor model and of the pair weights it was trained with. */
typedef struct pv_als_bound {
    pv_als_model model;
    double alpha, half_life_days; /* NaN: none */
    pv_weighting weighting;
    const double *norms;  /* |y_i|, [n_products] */
    pv_dense_index dense; /* the product factors once more, in blocks */
} pv_als_bound;

/* Score of `target` from the last solve and what it would be without each product of the history, [n]. */
pv_status pv_als_signal_without(double *score, double *without, const void *prepared, int32_t target,
                                pv_error *error) PV_CHECKED;
/* Cosine of the factors of two products; NaN when one has none. */
double pv_als_similarity(const pv_als_bound *bound, int32_t a, int32_t b);

#endif
