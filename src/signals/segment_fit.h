/* segment_fit.h - who is in which segment, and what each segment bought.
 *
 * Tensors: segment.column I32 [n columns] column of the shop's segments, or PV_SEGMENT_ORDER_SIZE,
 * PV_SEGMENT_HISTORY_SIZE; segment.edge F64 [2 x 4] of the tiers of order size and history size; segment.tier I32
 * [2 x n_warm users]; segment.list I32 [n lists x 3] number of the column in segment.column, value, companies with
 * purchases, rising; segment.offset I64 [n lists + 1]; segment.product I32, rising within a list, segment.buyers I32
 * the companies of the list that bought it.
 */
#ifndef PV_SEGMENT_FIT_H
#define PV_SEGMENT_FIT_H

#include "signals/signal.h"

#define PV_SEGMENT_VALUES 64  /* a column with more is no segment */
#define PV_SEGMENT_COLUMNS 32 /* with the two that are made */
#define PV_SEGMENT_TIERS 5
enum { PV_SEGMENT_ORDER_SIZE = -1, PV_SEGMENT_HISTORY_SIZE = -2 };

/* Row of segment.edge and segment.tier. */
static inline int pv_segment_tier_row(int32_t column)
{
    return -1 - column;
}
/* Different products an order, or different products; NaN for an empty history. */
double pv_segment_size(const pv_history *history, int32_t column);
/* Number of the edges[4] that are at most `size`; -1 for NaN. */
int32_t pv_segment_tier(double size, const double *edges);

pv_status pv_segment_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                         pv_error *error) PV_CHECKED;

#endif
