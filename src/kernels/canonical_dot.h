/* canonical_dot.h - the one definition of a factor score: products and sum in float64, factor after factor, from zero.
 *
 * Whatever serves a score (one product, all products, the best n, with any instruction set) gives the bits of this
 * loop, so that rankings are the same on every path.
 */
#ifndef PV_CANONICAL_DOT_H
#define PV_CANONICAL_DOT_H

#include <stddef.h>

/* x . y over n factors. */
static inline double pv_canonical_dot(const double *x, const float *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; ++i) sum += x[i] * (double)y[i];
    return sum;
}

#endif
