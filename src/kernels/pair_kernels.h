/* pair_kernels.h - adding the terms of one sparse row of product pairs, by instruction set.
 *
 * Holds:    pv_pair_row, pv_pair_term() (the definition), pv_add_pairs and its variants, pv_add_pairs_get().
 * Threads:  functions keep no state.
 * Repeat:   every variant gives the bits of pv_pair_term().
 */
#ifndef PV_PAIR_KERNELS_H
#define PV_PAIR_KERNELS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* The products that were bought with one product, and what their terms have in common. A view. */
typedef struct pv_pair_row {
    const int32_t *products;  /* [n], each once */
    const int32_t *companies; /* [n] that bought both */
    size_t n;
    double buyers; /* companies with the one product, the asking one left out */
    double own;    /* 1 when the asking company was one of them, else 0 */
    double factor; /* of every term, >= 0 */
    double fewest; /* companies that a pair needs */
} pv_pair_row;

/* One term: the excess of a pair over chance, times the factor; 0 where there is none or too few companies speak for
 * it. `seen` tells of the other product: the share of companies that have it, negative when the asking company, which
 * is left out of the share, has it too. */
static inline double pv_pair_term(const pv_pair_row *row, int32_t companies, double seen)
{
    const double both = companies - (seen < 0 ? row->own : 0);
    const double term = row->factor * (both - row->buyers * fabs(seen));
    return both >= row->fewest && term > 0 ? term : 0;
}

/* sums[i] += the term of each product i of the row. seen [2 x n products]: by product, for an asking company that has
 * not or has bought it; bought [n products]: which of the two. */
typedef void pv_add_pairs(double *sums, const pv_pair_row *row, const double *seen, const uint8_t *bought);

extern pv_add_pairs pv_add_pairs_scalar;
#if defined(__x86_64__)
extern pv_add_pairs pv_add_pairs_avx2;
#endif

/* The variant for this process. Never NULL. */
pv_add_pairs *pv_add_pairs_get(void);

#endif
