/* policy.c - see policy.h. */
#include "ranker/policy.h"

#include "base/failure.h"
#include <stdlib.h>
#include <string.h>

bool pv_policy_applies(const pv_shop *shop)
{
    for (int64_t i = 0; i < shop->products.ids.n; i++)
        if (shop->products.promotion[i] > 0) return true;
    return false;
}

static int compare_falling(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a < b) - (a > b);
}

/* The number of scores above `score` in a falling list. */
static int64_t count_above(const double *falling, int64_t n, double score)
{
    int64_t low = 0, high = n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (falling[middle] > score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

pv_status pv_policy_add(double **out, double *scores, const pv_shop *shop, pv_arena *arena, pv_error *error)
{
    const int64_t n = shop->products.ids.n;
    double *falling = pv_arena_allocate(arena, (size_t)n, sizeof *falling);
    double *policy = pv_arena_allocate(arena, (size_t)n, sizeof *policy);
    if (!falling || !policy) return pv_fail_memory(error, "promotions", (uint64_t)n * sizeof *policy);
    memcpy(falling, scores, (size_t)n * sizeof *falling);
    qsort(falling, (size_t)n, sizeof *falling, compare_falling);
    for (int64_t i = 0; i < n; i++) {
        const double promotion = shop->products.promotion[i];
        if (!(promotion > 0)) continue;
        const int64_t above = count_above(falling, n, scores[i]);
        const double most = falling[above > PV_PROMOTION_RANKS ? above - PV_PROMOTION_RANKS : 0] - scores[i];
        policy[i] = promotion < most ? promotion : most;
    }
    for (int64_t i = 0; i < n; i++) scores[i] += policy[i];
    *out = policy;
    return PV_OK;
}
