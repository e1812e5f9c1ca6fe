/* weights.h - how much each signal counts: contribution = weight x phi / scale.
 *
 * One documented set until weights are learned from the shop's own data (docs/math.md, "The score").
 */
#ifndef PV_WEIGHTS_H
#define PV_WEIGHTS_H

#include "base/tensors.h"
#include "signals/signal.h"
#include <stdbool.h>

typedef struct pv_weights {
    bool is_used[PV_SIGNAL_COUNT];
    double weight[PV_SIGNAL_COUNT]; /* >= 0 */
    double scale[PV_SIGNAL_COUNT];  /* > 0, phi of a strong case */
} pv_weights;

/* The default set for a list of codes ("als,habit"; NULL: all). als alone: weight and scale 1, the score is x.y itself.
 * Errors: PV_E_USAGE (no such signal, the same twice, empty list). */
pv_status pv_weights_default(pv_weights *weights, const char *signals, pv_error *error) PV_CHECKED;
/* Weight / scale of a signal in the default set, used or not: the popular list scores by it. */
double pv_weights_default_factor(int signal);
pv_status pv_weights_add(pv_tensors *tensors, const pv_weights *weights, pv_error *error) PV_CHECKED;
pv_status pv_weights_bind(pv_weights *weights, const pv_tensors *tensors, pv_error *error) PV_CHECKED;

#endif
