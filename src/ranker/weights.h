/* weights.h - how much each signal counts, for new products and for reorders.
 *
 *   contribution(u, i) = w[kind(u, i)] min(z(u, i), most[kind(u, i)]),   z = phi / s_u or sqrt(phi / s_u)
 *                        (pv_signal_form),   s_u = c n_u^p
 *
 * most keeps a signal from speaking louder than in any example it was learned from (products launched since, say).
 * n_u is the number of distinct products in the history. c and p are measured on the shop (ranker/scales.h), so that z
 * is about 1 for a product that was never bought and weights compare signals. Weights are learned from what customers
 * bought after an earlier date (train/learned_weights.h); where that cannot be, documented ones stand.
 */
#ifndef PV_WEIGHTS_H
#define PV_WEIGHTS_H

#include "base/tensors.h"
#include "signals/signal.h"
#include <stdbool.h>

#define PV_KIND_COUNT 2 /* pv_kind */
#define PV_NO_MOST 1e300

typedef struct pv_weights {
    bool is_used[PV_SIGNAL_COUNT];
    double weight[PV_KIND_COUNT][PV_SIGNAL_COUNT]; /* >= 0 */
    double most[PV_KIND_COUNT][PV_SIGNAL_COUNT];   /* z counts up to it: the largest that weights were learned from */
    double scale[PV_SIGNAL_COUNT];                 /* c > 0 */
    double power[PV_SIGNAL_COUNT];                 /* p */
    double base[PV_KIND_COUNT];
    bool is_learned;
} pv_weights;

/* The documented set for a list of codes ("als,habit"; NULL: all), scales 1. als alone: weight 1, the score is x.y
 * itself. Errors: PV_E_USAGE (no such signal, the same twice, empty list). */
pv_status pv_weights_default(pv_weights *weights, const char *signals, pv_error *error) PV_CHECKED;
/* True when the score is x.y itself, to be neither scaled nor learned. */
bool pv_weights_is_als_alone(const pv_weights *weights);
/* Store under `weights.*`; a set that is already there is replaced. */
pv_status pv_weights_put(pv_tensors *tensors, const pv_weights *weights, pv_error *error) PV_CHECKED;
pv_status pv_weights_bind(pv_weights *weights, const pv_tensors *tensors, pv_error *error) PV_CHECKED;

#endif
