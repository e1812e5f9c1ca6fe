/* conditional_logit.h - weights of an additive score from what customers chose among alternatives.
 *
 *   minimise  -sum_u omega_u sum_{i chosen by u} [s_i - log sum_{j in u} exp(s_j + o_j)] / Omega + lambda / 2 |w|^2
 *   s_i = w . x_i,   w_f >= 0 unless feature f is free,   Omega = sum_u omega_u (number chosen by u)
 *
 * A softmax over the alternatives of each customer (McFadden 1974), several of which may be chosen. o_j corrects for
 * alternatives that were drawn as a sample. Convex; solved by a projected Newton method whose quadratic steps are
 * solved by coordinate descent, with halving of steps that do not lower the objective.
 *
 * Threads:  sums are taken over pieces of sets fixed by their number: the same bits for any number of threads.
 */
#ifndef PV_CONDITIONAL_LOGIT_H
#define PV_CONDITIONAL_LOGIT_H

#include "base/threads.h"
#include <purvey/status.h>
#include <stdbool.h>
#include <stdint.h>

#define PV_LOGIT_FEATURES_MAX 96

/* Sets of alternatives, one a customer. Views. */
typedef struct pv_choice_sets {
    int64_t n_sets;
    const int64_t *offsets; /* [n_sets + 1] into the alternatives */
    int32_t n_features;
    const float *features;         /* [alternatives x n_features] */
    const uint8_t *is_chosen;      /* [alternatives] */
    const float *log_sampled;      /* o [alternatives]; NULL: 0 */
    const double *customer_weight; /* omega [n_sets], > 0 */
    const int32_t *group;          /* [n_sets] >= 0: parent companies, which intervals are drawn over */
} pv_choice_sets;

typedef struct pv_logit_settings {
    double ridge;            /* lambda > 0 */
    const bool *is_free;     /* [n_features] may be negative; NULL: none */
    const bool *is_left_out; /* [n_features] stays 0; NULL: none */
} pv_logit_settings;

typedef struct pv_logit_fit {
    double weights[PV_LOGIT_FEATURES_MAX];
    double low[PV_LOGIT_FEATURES_MAX], high[PV_LOGIT_FEATURES_MAX]; /* 95 % interval */
    double loss_without[PV_LOGIT_FEATURES_MAX]; /* what the objective rises by when the feature is left out */
    double objective; /* without the ridge: mean negative log-likelihood of a choice, natural logarithms */
    int32_t steps;
} pv_logit_fit;

/* Errors: PV_E_MEMORY. Cost: per step one pass over the features and n_features^2 / 2 products an alternative. */
pv_status pv_conditional_logit(pv_logit_fit *fit, const pv_choice_sets *sets, const pv_logit_settings *settings,
                               pv_threads *threads, pv_error *error) PV_CHECKED;
/* Fill low, high and loss_without.
 *
 * Interval: 400 draws of groups with replacement, each followed by one Newton step from the fitted weights (the
 * one-step bootstrap; Davison and Hinkley 1997, section 7.3), cut off at 0 where weights may not be negative. Left out:
 * the rise of the quadratic model at the fitted weights when the feature's weight is 0 and the others adapt.
 */
pv_status pv_conditional_logit_infer(pv_logit_fit *fit, const pv_choice_sets *sets, const pv_logit_settings *settings,
                                     uint64_t seed, pv_threads *threads, pv_error *error) PV_CHECKED;

#endif
