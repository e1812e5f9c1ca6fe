/* rate_limit.h - a token bucket without a lock.
 *
 * Kept as the one number of the generic cell rate algorithm (ITU-T I.371): the time at which the bucket will be full
 * again. A request moves it on by the interval between two; one that would move it further ahead than a burst is
 * refused.
 */
#ifndef PURVEY_RATE_LIMIT_H
#define PURVEY_RATE_LIMIT_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct rate_limit {
    int64_t interval;  /* nanoseconds between two requests; 0: no limit */
    int64_t tolerance; /* how far ahead `full_at` may be */
    _Atomic int64_t full_at;
} rate_limit;

/* `per_second` requests on average, a burst of one second's worth, at least one. 0: no limit. */
void rate_limit_init(rate_limit *limit, double per_second);

/* 0: go on. Otherwise the whole seconds to wait for the next one, at least 1. */
int rate_limit_take(rate_limit *limit, int64_t now);

#endif
