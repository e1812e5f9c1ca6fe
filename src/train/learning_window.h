/* learning_window.h - how many days at the end of the purchases are set apart: to learn weights from, to test on. */
#ifndef PV_LEARNING_WINDOW_H
#define PV_LEARNING_WINDOW_H

#include "base/timestamp.h"

/* 90 days, or a third of the time between the first and the last purchase; 0: that is fewer than 7 days. */
static inline int32_t pv_learning_window_days(int64_t first, int64_t last)
{
    const int64_t third = (last - first) / PV_SECONDS_PER_DAY / 3;
    if (third < 7) return 0;
    return third > 90 ? 90 : (int32_t)third;
}

#endif
