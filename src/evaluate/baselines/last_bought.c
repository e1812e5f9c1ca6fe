/* last_bought.c - what the customer bought last, then what is popular. */
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/recent_buyers.h"
#include <string.h>

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)user, (void)arena, (void)error;
    const pv_recent_popularity *popularity = state;
    int64_t first = INT64_MAX;
    memcpy(scores, popularity->shares, (size_t)popularity->n_products * sizeof *scores);
    for (int64_t k = 0; k < history->n_products; k++) {
        const int64_t time = pv_history_last_time(history, k); /* PV_NO_TIME for all or none */
        if (time < first) first = time;
    }
    for (int64_t k = 0; k < history->n_products; k++)
        scores[history->products[k]] += 1.0 + (double)(pv_history_last_time(history, k) - first);
    return PV_OK;
}

const pv_baseline pv_last_bought = {.code = "last_bought",
                                    .title = "last bought, then popular",
                                    .create = pv_recent_popularity_state,
                                    .free = pv_release,
                                    .score = score};
