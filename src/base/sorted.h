/* sorted.h - looking a number up in a rising list. */
#ifndef PV_SORTED_H
#define PV_SORTED_H

#include <stdint.h>

/* Position of `value` in values[n], distinct and rising; -1 when absent. O(log n). */
static inline int64_t pv_sorted_find(const int32_t *values, int64_t n, int32_t value)
{
    int64_t low = 0, high = n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (values[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && values[low] == value ? low : -1;
}

#endif
