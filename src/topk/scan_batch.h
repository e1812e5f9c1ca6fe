/* scan_batch.h - the best n products for many queries at once, exactly: what pv_scan_best() gives for each of them.
 *
 * A few queries are scanned together, their sums in registers while the products stream by once; no matrix of scores is
 * ever formed. The first blocks give each query a threshold and so an idea of where it may stop; queries that stop at
 * about the same block are then scanned together.
 */
#ifndef PV_SCAN_BATCH_H
#define PV_SCAN_BATCH_H

#include "base/threads.h"
#include "topk/scan_index.h"
#include "topk/topk.h"

typedef struct pv_scan_batch {
    const float *queries; /* [n_queries x n_factors], finite */
    int64_t n_queries;
    int64_t n;                       /* how many are wanted for each */
    const int64_t *excluded_offsets; /* [n_queries + 1] into `excluded`; NULL: nothing is excluded */
    const int32_t *excluded;         /* products that a query must not get, such as those already bought */
    const uint32_t *allowed;         /* bit (product % 32) of word product / 32: who may be shown at all; NULL: all */
    pv_tie_order *before;
    const void *tie_context;
} pv_scan_batch;

/* For query q: n_found[q] products at best + q n and their scores at scores + q n, both [n_queries x n]. The same for
 * any number of threads. Each thread takes about 50 (n_products / 8 + 40 n + 16 n_factors + 8,000) bytes, twice that
 * where tiles have 12 queries. Errors: PV_E_MEMORY.
 */
pv_status pv_scan_best_batch(int32_t *best, double *scores, int64_t *n_found, const pv_scan_index *index,
                             const pv_scan_batch *batch, pv_threads *threads, pv_error *error) PV_CHECKED;

#endif
