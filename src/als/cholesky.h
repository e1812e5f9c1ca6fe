/* cholesky.h - float64 Cholesky for the small symmetric systems of one row.
 *
 * Threads:  no state. Repeat: one order of operations, the same bits always.
 */
#ifndef PV_CHOLESKY_H
#define PV_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* Factor A + jitter I = L L'.
 *
 * L        [n x n], lower triangle with the diagonal written; must not overlap A.
 * jitter   0 when A is positive definite to working precision: every pivot above n 2^-52 times its diagonal entry.
 *          Otherwise the first of m 2^-40, m 2^-36, m 2^-32, ... that makes it so, m = the largest diagonal entry; a
 *          zero matrix gets 1.
 * A        [n x n], lower triangle read.
 * False when A is not finite or too far from positive semidefinite for a jitter of n m.
 * Cost:    n^3 / 6 multiplications a try.
 */
bool pv_cholesky_factor(double *L, double *jitter, const double *A, size_t n);

/* x = (L L')^-1 x, in place, [n]. */
void pv_cholesky_solve(double *x, const double *L, size_t n);

#endif
