/* pair_scalar.c - pair terms in portable C, and which variant this process uses. */
#include "kernels/isa.h"
#include "kernels/pair_kernels.h"

void pv_add_pairs_scalar(double *sums, const pv_pair_row *row, const uint8_t *bought)
{
    const pv_pair_row common = *row; /* sums may point anywhere, for all that the compiler knows */
    for (size_t t = 0; t < common.n; ++t) {
        const size_t i = (size_t)common.products[t];
        sums[i] += pv_pair_term(&common, t, bought[i]);
    }
}

pv_add_pairs *pv_add_pairs_get(void)
{
#if defined(__x86_64__)
    if (pv_isa_get() >= PV_ISA_AVX2) return &pv_add_pairs_avx2;
#endif
    return &pv_add_pairs_scalar;
}
