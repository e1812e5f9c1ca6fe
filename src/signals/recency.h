/* recency.h - how recent a day is, against a horizon.
 *
 *   r(d) = max(0, log((1 + horizon) / (1 + d))),   d whole days ago; 0 for a day to come
 *
 * One logarithm a day instead of one a product.
 */
#ifndef PV_RECENCY_H
#define PV_RECENCY_H

#include "base/timestamp.h"
#include <stdint.h>

/* by_day[horizon + 1] = r(0), r(1), ... */
void pv_recency_fill(double *by_day, int64_t horizon);

static inline double pv_recency_at(const double *by_day, int64_t horizon, int64_t time, int64_t as_of)
{
    if (time == PV_NO_TIME || as_of == PV_NO_TIME || time > as_of) return 0;
    const int64_t days = (as_of - time) / PV_SECONDS_PER_DAY;
    return days <= horizon ? by_day[days] : 0;
}

#endif
