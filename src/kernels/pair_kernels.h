/* pair_kernels.h - adding the weights of one sparse row of product pairs, by instruction set.
 *
 * Holds:    pv_pair_row, pv_pair_term() (the definition), pv_add_pairs and its variants, pv_add_pairs_get().
 * Threads:  functions keep no state.
 * Repeat:   every variant gives the bits of pv_pair_term().
 */
#ifndef PV_PAIR_KERNELS_H
#define PV_PAIR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* The products that were bought with one product. A view. */
typedef struct pv_pair_row {
    const int32_t *products;  /* [n], each once */
    const int32_t *companies; /* [n] that bought both */
    const float *weights;     /* [n] */
    size_t n;
    int32_t own;    /* 1 when the asking company is one of those that bought the one product, else 0 */
    int32_t fewest; /* companies that a pair needs, the asking one left out */
} pv_pair_row;

/* Pair t of the row: its weight, 0 where too few other companies speak for it. `bought`: 1 when the asking company
 * bought the other product, else 0. A product and no branch: nothing tells which pairs count. */
static inline double pv_pair_term(const pv_pair_row *row, size_t t, uint8_t bought)
{
    const int is_enough = row->companies[t] - (row->own & bought) >= row->fewest;
    return (double)row->weights[t] * is_enough;
}

/* sums[i] += the term of each product i of the row. bought [n products] by the asking company. */
typedef void pv_add_pairs(double *sums, const pv_pair_row *row, const uint8_t *bought);

extern pv_add_pairs pv_add_pairs_scalar;
#if defined(__x86_64__)
extern pv_add_pairs pv_add_pairs_avx2;
#endif

/* The variant for this process. Never NULL. */
pv_add_pairs *pv_add_pairs_get(void);

#endif
