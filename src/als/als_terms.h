/* als_terms.h - the two losses, written once: what one pair and one row put into every formula.
 *
 * Both are   sum_obs c s^2 - 2 t s + const   +   a0 sum_all s^2   +   sum_rows ridge |row|^2   with s = x.y:
 *   ialspp   c = |w|      t = w > 0 ? w : 0   a0 = A0   ridge = R (n + A0 m)
 *   hkv      c = |w| - 1  t = w > 0 ? w : 0   a0 = 1    ridge = R
 * No formula divides by c: it is 0 for one hkv purchase of confidence 1 and negative below.
 */
#ifndef PV_ALS_TERMS_H
#define PV_ALS_TERMS_H

#include "als/als.h"
#include <math.h>

/* Weight a0 of every pair, observed or not. */
static inline double pv_als_background_weight(const pv_als_settings *settings)
{
    return settings->loss == PV_LOSS_HKV ? 1.0 : settings->unobserved_weight;
}

/* What an observed pair adds to the curvature on top of the background. */
static inline double pv_als_coefficient(const pv_als_settings *settings, double weight)
{
    return fabs(weight) - (settings->loss == PV_LOSS_HKV ? 1.0 : 0.0);
}

/* What an observed pair adds to the right-hand side: weight times target. */
static inline double pv_als_target(double weight)
{
    return weight > 0.0 ? weight : 0.0;
}

/* Ridge of a row with n pairs when the other side has m rows. */
static inline double pv_als_ridge(const pv_als_settings *settings, int64_t n, int64_t m)
{
    if (settings->loss == PV_LOSS_HKV) return settings->regularization;
    return settings->regularization * ((double)n + settings->unobserved_weight * (double)m);
}

#endif
