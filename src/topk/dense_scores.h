/* dense_scores.h - the canonical score of every product for one query, at the speed of float64 vectors.
 *
 * Holds:    pv_dense_index, pv_dense_scores().
 * Layout:   factors in blocks of PV_DENSE_WIDTH products, each block [n_factors x PV_DENSE_WIDTH], the last one filled
 *           up with zeros. A product is a lane of a vector, and each lane sums over the factors in order: the bits are
 *           those of pv_canonical_dot() for every instruction set.
 * Threads:  an index is constant after init and may be shared.
 */
#ifndef PV_DENSE_SCORES_H
#define PV_DENSE_SCORES_H

#include <purvey/status.h>
#include <stddef.h>
#include <stdint.h>

#define PV_DENSE_WIDTH 16

/* To use blocks that lie elsewhere (a model file), fill in the first three and leave `owned` NULL. */
typedef struct pv_dense_index {
    const float *blocks; /* [pv_dense_blocks_size()] */
    int64_t n_products;
    size_t n_factors;
    float *owned; /* blocks made by init, else NULL */
} pv_dense_index;

/* Floats in the blocks of n_products x n_factors. */
size_t pv_dense_blocks_size(int64_t n_products, size_t n_factors);
/* Fill blocks [pv_dense_blocks_size()] from row-major factors [n_products x n_factors]. One pass over them. */
void pv_dense_blocks_fill(float *blocks, const float *factors, int64_t n_products, size_t n_factors);

/* Make an index that owns its blocks; the factors are not needed afterwards. deinit also after failure and on a zeroed
 * struct. Errors: PV_E_MEMORY. */
pv_status pv_dense_index_init(pv_dense_index *index, const float *factors, int64_t n_products, size_t n_factors,
                              pv_error *error) PV_CHECKED;
void pv_dense_index_deinit(pv_dense_index *index);

/* scores[n_products] = x . y of each product, x [n_factors]. Allocates nothing; 2 n_products n_factors flops and one
 * pass over the blocks. */
void pv_dense_scores(double *scores, const pv_dense_index *index, const double *x);

/* The scores of n products from `first` on, a multiple of PV_DENSE_WIDTH, for two queries in one pass over the blocks;
 * room for n rounded up to PV_DENSE_WIDTH. The bits are those of pv_dense_scores(). */
void pv_dense_scores_two(double *scores_one, double *scores_two, const pv_dense_index *index, const double *x_one,
                         const double *x_two, int64_t first, int64_t n);

#endif
