/* log_normal.h - waiting times whose logarithm is normal: the chance of ending within a horizon, given they have not.
 *
 * Own arithmetic, as libm's last bits depend on the processor (base/elementary.h). Errors below 1e-12 relative to the
 * value for z up to 30 (tests/signals/test_log_normal.c).
 */
#ifndef PV_LOG_NORMAL_H
#define PV_LOG_NORMAL_H

/* 1 - Phi(z), the mass of the standard normal distribution above z. |z| < 3: 1/2 minus the series phi(z) sum z^(2k+1) /
 * (1 3 ... (2k+1)) (Marsaglia, "Evaluating the Normal Distribution", J. Stat. Software 2004); beyond: the continued
 * fraction of Laplace. z may be infinite. Cost: 20 to 250 ns. */
double pv_normal_survival(double z);

/* P(T <= waited + horizon | T > waited) = 1 - S(waited + horizon) / S(waited), log T ~ normal(mean, deviation).
 * waited >= 0, horizon > 0, deviation > 0. 1 where S(waited) is below the smallest double. */
double pv_log_normal_within(double waited, double horizon, double mean, double deviation);

#endif
