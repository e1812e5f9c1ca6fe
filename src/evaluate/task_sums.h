/* task_sums.h - outcomes of many customers added up to the means of a report: of one cut-off, or of all. */
#ifndef PV_TASK_SUMS_H
#define PV_TASK_SUMS_H

#include "evaluate/contest.h"

/* Of one contender. Customers for whom a metric is not defined do not count in its mean. */
typedef struct pv_metric_sums {
    double sum[PV_LENGTH_COUNT][PV_USER_METRIC_COUNT];
    int64_t count[PV_LENGTH_COUNT][PV_USER_METRIC_COUNT];
} pv_metric_sums;

typedef struct pv_task_sums {
    int64_t users;
    double truth_size, repeat_share, reachable, ceiling[PV_LENGTH_COUNT];
    pv_metric_sums *contenders; /* [n_contenders] */
} pv_task_sums;

/* sums[PV_TASK_COUNT], zero. Memory from the arena. */
pv_status pv_task_sums_make(pv_task_sums *sums, int64_t n_contenders, pv_arena *arena, pv_error *error) PV_CHECKED;
/* is_absent [n_contenders]: their lists were not made. */
void pv_task_sums_add(pv_task_sums *sums, const pv_user_outcome *outcome, int64_t n_contenders, const bool *is_absent);
/* results[PV_TASK_COUNT]: everything but coverage, Gini (NaN) and intervals. Memory from the arena. */
pv_status pv_task_sums_finish(pv_task_result *results, const pv_task_sums *sums, int64_t n_contenders, pv_arena *arena,
                              pv_error *error) PV_CHECKED;

#endif
