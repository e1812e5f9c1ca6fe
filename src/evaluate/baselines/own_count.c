/* own_count.c - what the customer orders most often, then what is popular. */
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/recent_buyers.h"
#include <math.h>
#include <string.h>

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)user, (void)arena, (void)error;
    const pv_recent_popularity *popularity = state;
    memcpy(scores, popularity->shares, (size_t)popularity->n_products * sizeof *scores);
    for (int64_t k = 0; k < history->n_products; k++)
        scores[history->products[k]] += pv_history_orders_with(history, k, (double)NAN);
    return PV_OK;
}

const pv_baseline pv_own_count = {.code = "own_count",
                                  .title = "own count, then popular",
                                  .create = pv_recent_popularity_state,
                                  .free = pv_release,
                                  .score = score};
