/* monotonic_clock.h - time that never goes back, for deadlines and durations. */
#ifndef PURVEY_MONOTONIC_CLOCK_H
#define PURVEY_MONOTONIC_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NANOSECONDS INT64_C(1000000000)

/* Nanoseconds since some moment in the past. */
static inline int64_t monotonic_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

#endif
