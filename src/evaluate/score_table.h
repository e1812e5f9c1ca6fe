/* score_table.h - recall and NDCG of every customer, task and contender, kept for the bootstrap.
 *
 * Memory:   48 bytes a scored customer, cut-off and contender.
 */
#ifndef PV_SCORE_TABLE_H
#define PV_SCORE_TABLE_H

#include "base/threads.h"
#include "evaluate/contest.h"

typedef struct pv_score_table {
    int64_t n_contenders, n_rows;
    int32_t *company; /* [n_rows] */
    double *values;   /* [n_rows x PV_TASK_COUNT x n_contenders x PV_HEADLINE_COUNT], NaN: not counted */
    size_t company_capacity, values_capacity;
} pv_score_table; /* init with {.n_contenders = } */

void pv_score_table_deinit(pv_score_table *table);
pv_status pv_score_table_add(pv_score_table *table, int32_t company, const pv_user_outcome *outcome,
                             const bool *is_absent, pv_error *error) PV_CHECKED;

/* Intervals and comparisons of the rows from first_row on into results[PV_TASK_COUNT]; *companies: how many there are.
 */
pv_status pv_score_table_judge(pv_task_result *results, int64_t *companies, const pv_score_table *table,
                               int64_t first_row, int32_t draws, uint64_t seed, pv_threads *threads,
                               pv_error *error) PV_CHECKED;

#endif
