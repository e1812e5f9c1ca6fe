/* deadline.c - see deadline.h. */
#include "remote/deadline.h"

#include <math.h>
#include <time.h>

#define NANOSECONDS INT64_C(1000000000)
#define CENTURY 3155760000.0 /* seconds */

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * NANOSECONDS + time.tv_nsec;
}

pv_deadline pv_deadline_in(double seconds)
{
    if (seconds > CENTURY) return PV_NO_DEADLINE;
    if (!(seconds > 0)) return now();
    return now() + (int64_t)(seconds * (double)NANOSECONDS);
}

double pv_deadline_left(pv_deadline deadline)
{
    if (deadline == PV_NO_DEADLINE) return HUGE_VAL;
    const int64_t left = deadline - now();
    return left > 0 ? (double)left / (double)NANOSECONDS : 0;
}

pv_deadline pv_deadline_sooner(pv_deadline a, pv_deadline b)
{
    return a < b ? a : b;
}
