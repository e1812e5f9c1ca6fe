/* recency.c - see recency.h. */
#include "signals/recency.h"

#include "base/elementary.h"

void pv_recency_fill(double *by_day, int64_t horizon)
{
    for (int64_t d = 0; d <= horizon; d++) by_day[d] = pv_log((1 + (double)horizon) / (1 + (double)d));
}
