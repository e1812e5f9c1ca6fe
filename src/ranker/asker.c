/* asker.c - see asker.h. */
#include "ranker/asker.h"

#include "base/failure.h"
#include "signals/als_signal.h"

pv_status pv_askers_create(pv_asker **out, const pv_ranker *ranker, unsigned n, pv_error *error)
{
    pv_status status = PV_OK;
    pv_asker *askers = pv_allocate(n, sizeof *askers);
    PV_TRY(pv_check_memory(askers != NULL, "a question", error));
    for (unsigned t = 0; t < n; t++) {
        askers[t].arena = pv_arena_create();
        PV_TRY(pv_check_memory(askers[t].arena != NULL, "a question", error));
        PV_TRY(pv_als_rows_create(&askers[t].rows, ranker->bound[PV_SIGNAL_ALS], error));
    }
    *out = askers;
    askers = NULL;
cleanup:
    pv_askers_free(askers, n);
    return status;
}

void pv_askers_free(pv_asker *askers, unsigned n)
{
    for (unsigned t = 0; askers && t < n; t++) {
        pv_als_rows_free(&askers[t].rows);
        pv_arena_free(askers[t].arena);
    }
    pv_release(askers);
}
