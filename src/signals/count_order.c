/* count_order.c - see count_order.h. */
#include "signals/count_order.h"

#include "base/failure.h"
#include "base/memory.h"

pv_status pv_count_order(int32_t *order, const int32_t *counts, int64_t n, pv_error *error)
{
    int64_t most = 0;
    for (int64_t i = 0; i < n; i++)
        if (counts[i] > most) most = counts[i];
    int64_t *next = pv_allocate((size_t)most + 1, sizeof *next); /* by count */
    if (!next) return pv_fail_memory(error, "counts", ((uint64_t)most + 1) * sizeof *next);
    for (int64_t i = 0; i < n; i++) next[counts[i]]++;
    int64_t place = 0;
    for (int64_t count = most; count >= 0; count--) {
        const int64_t here = next[count];
        next[count] = place;
        place += here;
    }
    for (int64_t i = 0; i < n; i++) order[next[counts[i]]++] = (int32_t)i;
    pv_release(next);
    return PV_OK;
}
