/* scan_index.h - product factors prepared for exact top-K: int8 codes with rigorous error bounds.
 *
 * Holds:    pv_scan_index, pv_scan_index_init().
 * Method:   product y is kept as scale x codes of 8 bits. What a dot product with the codes may be wrong by is bounded
 *           by the norms of y and of the rounding error (scan_query.h). Products stand in falling order of their norm,
 *           ties by number, so that a scan may stop early (length pruning: Teflioudi, Gemulla, Mykytiuk 2015, LEMP).
 * Layout:   blocks of PV_SCAN_WIDTH products in that order, as pv_scan_block takes them; the last one is filled up with
 *           zeros. Scales, norms and errors are in units of a power of two in which no row is
 *           longer than 1: nothing overflows, and no order depends on the unit.
 * Memory:   n (d + 16) bytes beside the factors.
 * Threads:  an index is constant after init and may be shared.
 */
#ifndef PV_SCAN_INDEX_H
#define PV_SCAN_INDEX_H

#include "kernels/scan_kernels.h"
#include <purvey/status.h>
#include <stddef.h>
#include <stdint.h>

#define PV_SCAN_MOST_FACTORS 1024

/* To use arrays that lie elsewhere (a model file), fill in all but `owned`. */
typedef struct pv_scan_index {
    const float *factors; /* [n_products x n_factors], not owned: canonical scores are computed from it */
    size_t n_products, n_factors;
    size_t n_blocks, n_quads;    /* of PV_SCAN_WIDTH products; of four factors */
    const int8_t *codes;         /* [n_blocks x n_quads x PV_SCAN_WIDTH x 4] */
    const float *scales;         /* [n_blocks x PV_SCAN_WIDTH] */
    const int32_t *sums;         /* [n_blocks x PV_SCAN_WIDTH], of each product's codes */
    const float *norms, *errors; /* [n_blocks], rounded up: no y of this block or a later one is longer than norms[b];
                                  * no |y - scale codes| of this block is larger than errors[b] */
    const int32_t *products;     /* [n_blocks x PV_SCAN_WIDTH]: the product at each place, -1 behind the last */
    const int32_t *places;       /* [n_products]: the place of each product */
    void *owned;                 /* memory made by init, else NULL */
} pv_scan_index;

/* Finite factors [n_products x n_factors], 1 to PV_SCAN_MOST_FACTORS of them; they must outlive the index.
 * O(n_products n_factors). deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY. */
pv_status pv_scan_index_init(pv_scan_index *index, const float *factors, int64_t n_products, size_t n_factors,
                             pv_error *error) PV_CHECKED;
void pv_scan_index_deinit(pv_scan_index *index);

static inline pv_scan_block pv_scan_index_block(const pv_scan_index *index, size_t b)
{
    const size_t first = b * PV_SCAN_WIDTH;
    return (pv_scan_block){.codes = index->codes + first * index->n_quads * 4,
                           .scales = index->scales + first,
                           .sums = index->sums + first,
                           .n_quads = index->n_quads};
}

/* The lanes of block b that hold a product. */
static inline uint32_t pv_scan_index_lanes(const pv_scan_index *index, size_t b)
{
    const size_t rest = index->n_products - b * PV_SCAN_WIDTH;
    return rest >= PV_SCAN_WIDTH ? ~0u : (1u << rest) - 1;
}

#endif
