/* rate_limit.c - see rate_limit.h. */
#include "rate_limit.h"

#include "monotonic_clock.h"

void rate_limit_init(rate_limit *limit, double per_second)
{
    limit->interval = per_second > 0 ? (int64_t)((double)NANOSECONDS / per_second) : 0;
    limit->tolerance = limit->interval < NANOSECONDS ? NANOSECONDS - limit->interval : 0;
    atomic_init(&limit->full_at, 0);
}

int rate_limit_take(rate_limit *limit, int64_t now)
{
    if (limit->interval == 0) return 0;
    int64_t full_at = atomic_load_explicit(&limit->full_at, memory_order_relaxed);
    for (;;) {
        int64_t begin = full_at > now ? full_at : now;
        int64_t wait = begin - limit->tolerance - now;
        if (wait > 0) return (int)((wait + NANOSECONDS - 1) / NANOSECONDS);
        if (atomic_compare_exchange_weak_explicit(&limit->full_at, &full_at, begin + limit->interval,
                                                  memory_order_relaxed, memory_order_relaxed))
            return 0;
    }
}
