/* als_pairs.h - sparse pairs in the other order, and cut into pieces of like work. */
#ifndef PV_ALS_PAIRS_H
#define PV_ALS_PAIRS_H

#include "als/als.h"
#include <stddef.h>

/* Pairs that own their arrays. */
typedef struct pv_als_transpose {
    int64_t *row_offsets;
    int32_t *columns;
    float *weights;
    pv_pairs pairs; /* view of the above */
} pv_als_transpose;

/* The same pairs with rows and columns exchanged; deinit also after failure and on a zeroed struct. Beside the result
 * up to 2 bytes a pair are needed on the way. Errors: PV_E_MEMORY. */
pv_status pv_als_transpose_init(pv_als_transpose *transpose, const pv_pairs *pairs, pv_threads *threads,
                                pv_error *error) PV_CHECKED;
void pv_als_transpose_deinit(pv_als_transpose *transpose);

/* offsets [n_columns + 1]: offsets[j + 1] - offsets[j] = pairs in column j. */
void pv_als_column_offsets(int64_t *offsets, const pv_pairs *pairs);

/* Pairs of the row that has most. */
int64_t pv_als_longest_row(const pv_pairs *pairs);

/* Consecutive rows cut at bounds [count + 1] into pieces of about the same number of pairs. The cuts depend on the
 * pairs alone, so that sums by piece do not depend on threads. */
typedef struct pv_als_chunks {
    int64_t *bounds;
    int32_t *by_size; /* the pieces, those with most work first: the order to hand them out in, [count] */
    size_t count;
} pv_als_chunks;
pv_status pv_als_chunks_init(pv_als_chunks *chunks, const pv_pairs *pairs, pv_error *error) PV_CHECKED;
void pv_als_chunks_deinit(pv_als_chunks *chunks);

#endif
