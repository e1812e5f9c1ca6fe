/* elementary.h - exp2, log2 and log in float64 whose bits depend on the build alone.
 *
 * libm chooses its versions by processor, with and without fused multiply-add, and their last bits differ: a score
 * would depend on the machine. These are plain additions and multiplications in one order; errors stay below 1.5 units
 * in the last place (tests/base/test_elementary.c), integer powers of two are exact. Cost: 10 to 20 ns.
 */
#ifndef PV_ELEMENTARY_H
#define PV_ELEMENTARY_H

/* 2^x; 0 and infinity beyond the range, NaN for NaN. */
double pv_exp2(double x);
/* Logarithms; -infinity for 0, NaN below 0 and for NaN, infinity for infinity. Subnormal numbers are served. */
double pv_log(double x);
double pv_log2(double x);

#endif
