/* log_normal.c - see log_normal.h. */
#include "signals/log_normal.h"

#include "base/elementary.h"
#include <math.h>

#define SERIES_BELOW 3.0
#define SERIES_TERMS 60   /* never all of them: the sum stops when it no longer changes */
#define CERTAIN_ABOVE 9.0 /* of -z: what is missing to 1 is below 2^-62 */

static double density(double z)
{
    static const double half_log2e = 0.72134752044448170368, inverse_root_two_pi = 0.39894228040143267794;
    return inverse_root_two_pi * pv_exp2(-z * z * half_log2e);
}

/* Phi(z) - 1/2 for |z| < 3. */
static double mass_from_zero(double z)
{
    double term = z, sum = z;
    for (int k = 1; k < SERIES_TERMS; k++) {
        const double before = sum;
        term *= z * z / (2 * k + 1);
        sum += term;
        if (sum == before) break;
    }
    return density(z) * sum;
}

/* z + 1 / (z + 2 / (z + 3 / ...)) = phi(z) / (1 - Phi(z)) for z >= 3, as deep as leaves out less than 3e-14. */
static double inverse_mills_ratio(double z)
{
    double fraction = z;
    for (int k = (int)(12 + 240 / (z * z)); k > 0; k--) fraction = z + k / fraction;
    return fraction;
}

double pv_normal_survival(double z)
{
    if (z <= -CERTAIN_ABOVE) return 1;
    if (z <= -SERIES_BELOW) return 1 - pv_normal_survival(-z);
    if (z < SERIES_BELOW) return 0.5 - mass_from_zero(z);
    if (isinf(z)) return 0;
    return density(z) / inverse_mills_ratio(z);
}

double pv_log_normal_within(double waited, double horizon, double mean, double deviation)
{
    const double survived = pv_normal_survival((pv_log(waited) - mean) / deviation);
    const double at_end = pv_normal_survival((pv_log(waited + horizon) - mean) / deviation);
    return survived > 0 ? 1 - at_end / survived : 1;
}
