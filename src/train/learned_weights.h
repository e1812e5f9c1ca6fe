/* learned_weights.h - weights from what customers bought in the windows after earlier dates.
 *
 * Three conditional logits (conditional_logit.h) over signals as of the earlier date:
 *   new      products never bought: those bought in the window against a uniform sample of 400 others; each customer
 *            weighs 1, lambda 1e-3
 *   reorder  all products bought before; a choice of a customer with n of them weighs 1 / sqrt(n), lambda 1e-2
 *   joint    both kinds at once, of new products the 200 best: one factor for all weights of each kind, and for
 * reorders a constant (the base) and the coefficients of `rebuy`; the order within a kind stays
 *
 * Examples of several dates stand side by side, each with the signals of its date and all in one unit (scales.h), that
 * of the latest date.
 */
#ifndef PV_LEARNED_WEIGHTS_H
#define PV_LEARNED_WEIGHTS_H

#include "ranker/ranker.h"
#include "signals/rebuy.h"
#include "train/trained.h"

enum { PV_CUSTOMERS_TO_LEARN = 50 }; /* fewer that bought in the window: documented weights stand */

typedef struct pv_learned_weights {
    pv_weights weights;
    double rebuy[PV_REBUY_FEATURE_COUNT]; /* coefficients */
    double means[PV_REBUY_FEATURE_COUNT]; /* of the features of `rebuy` over the customers learned from */
    pv_score_counts *scores;              /* by these weights, as of the earlier date; free with pv_release() */
    int64_t horizon_days;
} pv_learned_weights;

/* Everything as of earlier dates, scales measured, the latest first. */
typedef struct pv_earlier {
    pv_trained *const *models; /* [n] */
    int32_t n;                 /* >= 1 */
    int64_t horizon_days;      /* of the window after each date */
} pv_earlier;

/* earlier  the latest model has the learned weights afterwards
 * later    the same shop as of a later date: purchases in the windows are the choices
 * Without enough customers `learned` stays, and the report says why. Errors: PV_E_MEMORY. */
pv_status pv_weights_learn(pv_learned_weights *learned, pv_weights_report *report, const pv_earlier *earlier,
                           const pv_shop *later, uint64_t seed, pv_threads *threads, pv_error *error) PV_CHECKED;

#endif
