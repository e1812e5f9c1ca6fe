/* window_scores.h - the scores of all products that customers could have been shown at an earlier date, counted beside
 * what they bought in the window after it: what probabilities are made of.
 */
#ifndef PV_WINDOW_SCORES_H
#define PV_WINDOW_SCORES_H

#include "ranker/ranker.h"
#include "train/choice_data.h"

/* Over at most 1,024 warm users, evenly spread, with or without a purchase in the window. *counts is freed with
 * pv_release(). Errors: PV_E_MEMORY. */
pv_status pv_window_scores_count(pv_score_counts **counts, const pv_ranker *earlier, const pv_window_purchases *window,
                                 pv_threads *threads, pv_error *error) PV_CHECKED;

#endif
