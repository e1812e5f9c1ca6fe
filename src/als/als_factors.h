/* als_factors.h - factors as training holds them: rows padded and aligned for the kernels. */
#ifndef PV_ALS_FACTORS_H
#define PV_ALS_FACTORS_H

#include "base/threads.h"
#include "kernels/kernels.h"
#include <stdbool.h>

typedef struct pv_als_factors {
    float *values; /* [n_rows x stride], zeros behind each row's factors */
    int64_t n_rows;
    size_t n_factors, stride; /* stride = padded n_factors */
    bool is_borrowed;
} pv_als_factors;

/* All zero. deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY. */
pv_status pv_als_factors_init(pv_als_factors *factors, int64_t n_rows, size_t n_factors, pv_error *error) PV_CHECKED;
/* The same in `storage` [n_rows x n_factors], which is borrowed, when its rows need no padding. */
pv_status pv_als_factors_init_in(pv_als_factors *factors, float *storage, int64_t n_rows, size_t n_factors,
                                 pv_error *error) PV_CHECKED;
void pv_als_factors_deinit(pv_als_factors *factors);
/* From and to a plain [n_rows x n_factors]; nothing to do where that is the storage. */
void pv_als_factors_read(pv_als_factors *factors, const float *plain);
void pv_als_factors_write(float *plain, const pv_als_factors *factors);

static inline float *pv_als_factors_row(const pv_als_factors *factors, int64_t row)
{
    return factors->values + (size_t)row * factors->stride;
}

/* Add the outer products of some rows to sum [size x size]. */
typedef void pv_als_add_rows(double *sum, const pv_rows *rows, size_t size);

/* gram [size x size], full symmetric, = the sum of `add` over all rows, which needs to fill the lower triangle.
 *
 * partials  scratch [n_blocks][size x size].
 * Order:    blocks of rows, as many as n_blocks; within a block as `add` does it; blocks in order.
 */
void pv_als_gram_by(double *gram, double *partials, size_t n_blocks, size_t size, const pv_als_factors *factors,
                    pv_als_add_rows *add, pv_threads *threads);

/* G = F'F, [n_factors x n_factors] full symmetric, in float64 throughout.
 *
 * partials  scratch [pv_als_gram_partials(n_factors) doubles]; the number of blocks is set by n_factors alone.
 */
size_t pv_als_gram_partials(size_t n_factors);
void pv_als_gram_of(double *gram, double *partials, const pv_als_factors *factors, pv_threads *threads);

#endif
