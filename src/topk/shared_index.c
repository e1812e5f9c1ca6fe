/* shared_index.c - see shared_index.h. `is_ready` is set after the index was written and never taken back. */
#include "topk/shared_index.h"
#include "base/failure.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdatomic.h>

struct pv_shared_index {
    const float *factors;
    int64_t n_products;
    size_t n_factors;
    atomic_int_fast64_t n_requests;
    pthread_mutex_t making; /* held by the thread that makes the index */
    pv_scan_index index;
    atomic_bool is_ready;
};

pv_status pv_shared_index_create(pv_shared_index **shared, const float *factors, int64_t n_products, size_t n_factors,
                                 pv_error *error)
{
    pv_shared_index *created = pv_allocate(1, sizeof *created);
    if (!created) return pv_fail_memory(error, "the scan index", sizeof *created);
    created->factors = factors;
    created->n_products = n_products;
    created->n_factors = n_factors;
    pthread_mutex_init(&created->making, NULL);
    *shared = created;
    return PV_OK;
}

void pv_shared_index_free(pv_shared_index *shared)
{
    if (!shared) return;
    pv_scan_index_deinit(&shared->index);
    pthread_mutex_destroy(&shared->making);
    pv_release(shared);
}

/* With `making` held. */
static pv_status make(pv_shared_index *shared, pv_error *error)
{
    if (atomic_load_explicit(&shared->is_ready, memory_order_relaxed)) return PV_OK;
    const pv_status status =
        pv_scan_index_init(&shared->index, shared->factors, shared->n_products, shared->n_factors, error);
    if (status == PV_OK)
        atomic_store_explicit(&shared->is_ready, true, memory_order_release);
    else
        pv_scan_index_deinit(&shared->index);
    return status;
}

pv_status pv_shared_index_get(const pv_scan_index **index, pv_shared_index *shared, pv_error *error)
{
    *index = NULL;
    if (!atomic_load_explicit(&shared->is_ready, memory_order_acquire)) {
        if (atomic_fetch_add_explicit(&shared->n_requests, 1, memory_order_relaxed) < PV_REQUESTS_BEFORE_INDEX)
            return PV_OK;
        if (pthread_mutex_trylock(&shared->making) != 0) return PV_OK;
        const pv_status status = make(shared, error);
        pthread_mutex_unlock(&shared->making);
        if (status != PV_OK) return status;
    }
    *index = &shared->index;
    return PV_OK;
}
