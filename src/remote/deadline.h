/* deadline.h - a moment by which something must be done, on the clock that nobody sets. */
#ifndef PV_DEADLINE_H
#define PV_DEADLINE_H

#include <stdint.h>

typedef int64_t pv_deadline; /* nanoseconds of CLOCK_MONOTONIC, never negative */
#define PV_NO_DEADLINE INT64_MAX

pv_deadline pv_deadline_in(double seconds);    /* from now; INFINITY or more than a century: PV_NO_DEADLINE */
double pv_deadline_left(pv_deadline deadline); /* seconds, 0 when it has passed, INFINITY for none */
pv_deadline pv_deadline_sooner(pv_deadline a, pv_deadline b);

#endif
