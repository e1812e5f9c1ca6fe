/* scan_sums.h - from values of a signal to the scores they add to, written once for all instruction sets.
 *
 * Included by each scan_<set>.c, which defines before:
 *   KERNEL                        storage and target attribute of a kernel function
 *   doubles, DOUBLES              a vector of float64 numbers, and how many
 *   load_doubles, store_doubles   at any address; every_double: the same number in each lane
 *   times(a, b), plus(a, b)       rounded each
 *   least(a, b)                   a < b ? a : b
 *   root(phi, inverse)            phi > 0 ? sqrt(phi inverse) : 0
 *   any_positive(phi)             false when no lane is above 0; may be true always
 */
#include "kernels/scan_kernels.h"

#if defined(KERNEL) && !defined(PV_SCAN_SUMS_H) /* a template: nothing on its own */
#define PV_SCAN_SUMS_H
#include <math.h>

KERNEL inline double add_one(double score, double z, const pv_scan_term *term)
{
    return score + term->weight * (z < term->most ? z : term->most);
}

KERNEL inline void add_vector(double *scores, doubles z, doubles weight, doubles most)
{
    store_doubles(scores, plus(load_doubles(scores), times(weight, least(z, most))));
}

KERNEL void add_linear(double *restrict scores, const double *restrict phi, size_t n, const pv_scan_term *term)
{
    const doubles weight = every_double(term->weight), most = every_double(term->most);
    const doubles inverse = every_double(term->inverse_scale);
    size_t i = 0;
    for (; i + DOUBLES <= n; i += DOUBLES) add_vector(scores + i, times(load_doubles(phi + i), inverse), weight, most);
    for (; i < n; ++i) scores[i] = add_one(scores[i], phi[i] * term->inverse_scale, term);
}

/* A root costs as much as all the rest, and signals say nothing of most products. */
KERNEL void add_root(double *restrict scores, const double *restrict phi, size_t n, const pv_scan_term *term)
{
    const doubles weight = every_double(term->weight), most = every_double(term->most);
    const doubles inverse = every_double(term->inverse_scale);
    size_t i = 0;
    for (; i + DOUBLES <= n; i += DOUBLES) {
        const doubles values = load_doubles(phi + i);
        if (any_positive(values)) add_vector(scores + i, root(values, inverse), weight, most);
    }
    for (; i < n; ++i) scores[i] = add_one(scores[i], phi[i] > 0 ? sqrt(phi[i] * term->inverse_scale) : 0, term);
}
#endif
