/* evaluation_slices.h - the same scores for parts of the customers: by history length, by money spent, by segment; and
 * for recent products alone. Over all cut-offs.
 */
#ifndef PV_EVALUATION_SLICES_H
#define PV_EVALUATION_SLICES_H

#include "evaluate/contest.h"

#define PV_SLICE_USERS_MIN 30 /* a segment's value with fewer scored customers is not shown */

typedef struct pv_slices pv_slices;

pv_status pv_slices_create(pv_slices **slices, int64_t n_contenders, pv_error *error) PV_CHECKED;
void pv_slices_free(pv_slices *slices); /* accepts NULL */

/* The thirds of spend among the customers of a cut-off that have a truth. */
typedef struct pv_spend_thirds {
    double low_end, middle_end;
} pv_spend_thirds;
pv_status pv_spend_thirds_find(pv_spend_thirds *thirds, const pv_truth *truth, pv_error *error) PV_CHECKED;

pv_status pv_slices_add(pv_slices *slices, const pv_contest *contest, const pv_spend_thirds *thirds,
                        const pv_user_outcome *outcome, pv_error *error) PV_CHECKED;
/* The slices of a report, fixed groups first, then segments by name and value. Memory from the arena. */
pv_status pv_slices_finish(pv_slice **items, int64_t *n_items, const pv_slices *slices, pv_arena *arena,
                           pv_error *error) PV_CHECKED;

#endif
