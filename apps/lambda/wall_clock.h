/* wall_clock.h - the time that Lambda's deadlines and logs are in. A sandbox is frozen between invocations, and a
 * monotonic clock may not run meanwhile. */
#ifndef PURVEY_LAMBDA_WALL_CLOCK_H
#define PURVEY_LAMBDA_WALL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since 1970. */
static inline int64_t wall_clock_milliseconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
