/* shared_index.h - one scan index for all who ask, made when enough of them have asked for it.
 *
 * Making an index takes about as long as scoring every product thirty times, which a program that answers one question
 * should not pay for. The first thread that finds it worth its price makes it; the others go on without meanwhile.
 * Threads:  safe.
 */
#ifndef PV_SHARED_INDEX_H
#define PV_SHARED_INDEX_H

#include "topk/scan_index.h"
#include <stdbool.h>

#define PV_REQUESTS_BEFORE_INDEX 32

typedef struct pv_shared_index pv_shared_index;

/* Of factors as pv_scan_index_init() takes them, which must outlive it. Errors: PV_E_MEMORY. */
pv_status pv_shared_index_create(pv_shared_index **shared, const float *factors, int64_t n_products, size_t n_factors,
                                 pv_error *error) PV_CHECKED;
void pv_shared_index_free(pv_shared_index *shared); /* accepts NULL */

/* Count a request that could use the index. *index is NULL while there is none: answer without it. Once there is one it
 * lasts as long as `shared`. Errors: PV_E_MEMORY. */
pv_status pv_shared_index_get(const pv_scan_index **index, pv_shared_index *shared, pv_error *error) PV_CHECKED;

#endif
