/* count_order.h - things by how often they were counted, so that those below the k rule are never looked at. */
#ifndef PV_COUNT_ORDER_H
#define PV_COUNT_ORDER_H

#include <purvey/status.h>
#include <stdint.h>

/* order [n] = 0 .. n - 1, the largest count first, equal ones rising. counts [n] >= 0. A counting sort, with memory for
 * the largest count. Errors: PV_E_MEMORY. */
pv_status pv_count_order(int32_t *order, const int32_t *counts, int64_t n, pv_error *error) PV_CHECKED;

#endif
