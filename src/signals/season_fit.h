/* season_fit.h - orders and companies of each month of the year. Private to the season signal. */
#ifndef PV_SEASON_FIT_H
#define PV_SEASON_FIT_H

#include "signals/signal.h"

#define PV_MONTHS 12

/* 0 January .. 11 December. */
int pv_month_of(int64_t time);
/* The earliest time of the whole years before the shop's as-of date; PV_NO_TIME with less than 13 months. */
int64_t pv_season_start(const pv_shop *shop);
/* True at the last line of an order with a product: who counts orders counts there, once. */
bool pv_season_counts_line(const pv_lines *lines, int64_t line, int64_t start);

/* Add season.orders and season.companies [12 x n_warm products] and season.category_companies [12 x n_categories].
 * Nothing where the signal is silent. O(lines). Errors: PV_E_MEMORY. */
pv_status pv_season_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                        pv_error *error) PV_CHECKED;

#endif
