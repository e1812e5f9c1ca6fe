/* baselines.c - the list of them. */
#include "evaluate/baselines/baselines.h"

const pv_baseline *const pv_baselines[] = {
    &pv_popular, &pv_popular_in_segment, &pv_own_count,     &pv_last_bought,  &pv_item_knn,
    &pv_ease,    &pv_tifu_knn,           &pv_factors_alone, &pv_random_order, NULL};
