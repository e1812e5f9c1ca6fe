/* popular.c - what most companies bought lately. */
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/recent_buyers.h"
#include <string.h>

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)user, (void)history, (void)arena, (void)error;
    const pv_recent_popularity *popularity = state;
    memcpy(scores, popularity->shares, (size_t)popularity->n_products * sizeof *scores);
    return PV_OK;
}

const pv_baseline pv_popular = {.code = "popular",
                                .title = "popular, 30 days",
                                .create = pv_recent_popularity_state,
                                .free = pv_release,
                                .score = score};
