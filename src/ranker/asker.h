/* asker.h - what a thread needs to ask a ranker: an arena for the question at hand and scratch for solving rows. */
#ifndef PV_ASKER_H
#define PV_ASKER_H

#include "ranker/ranker.h"

typedef struct pv_asker {
    pv_arena *arena;
    pv_als_rows rows;
} pv_asker;

/* `n` askers, one a thread. Errors: PV_E_MEMORY. */
pv_status pv_askers_create(pv_asker **askers, const pv_ranker *ranker, unsigned n, pv_error *error) PV_CHECKED;
void pv_askers_free(pv_asker *askers, unsigned n); /* accepts NULL */

#endif
