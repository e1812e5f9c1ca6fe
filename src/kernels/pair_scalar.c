/* pair_scalar.c - pair terms in portable C, and which variant this process uses. */
#include "kernels/isa.h"
#include "kernels/pair_kernels.h"

void pv_add_pairs_scalar(double *sums, const pv_pair_row *row, const double *seen, const uint8_t *bought)
{
    for (size_t t = 0; t < row->n; ++t) {
        const size_t i = (size_t)row->products[t];
        sums[i] += pv_pair_term(row, row->companies[t], seen[2 * i + bought[i]]);
    }
}

pv_add_pairs *pv_add_pairs_get(void)
{
#if defined(__x86_64__)
    if (pv_isa_get() >= PV_ISA_AVX2) return &pv_add_pairs_avx2;
#endif
    return &pv_add_pairs_scalar;
}
