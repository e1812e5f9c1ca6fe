/* score_table.c - see score_table.h. */
#include "evaluate/score_table.h"

#include "base/failure.h"
#include "evaluate/bootstrap.h"
#include <math.h>
#include <stdlib.h>

static const pv_metric headline_metrics[PV_HEADLINE_COUNT] = {
    [PV_HEADLINE_RECALL] = PV_METRIC_RECALL, [PV_HEADLINE_NDCG] = PV_METRIC_NDCG};

static int64_t count_columns(int64_t n_contenders)
{
    return n_contenders * PV_TASK_COUNT * PV_HEADLINE_COUNT;
}

static int64_t column_of(int64_t n_contenders, int task, int64_t contender, int headline)
{
    return (task * n_contenders + contender) * PV_HEADLINE_COUNT + headline;
}

void pv_score_table_deinit(pv_score_table *table)
{
    free(table->company);
    free(table->values);
    *table = (pv_score_table){0};
}

pv_status pv_score_table_add(pv_score_table *table, int32_t company, const pv_user_outcome *outcome,
                             const bool *is_absent, pv_error *error)
{
    const int64_t n = table->n_contenders, n_columns = count_columns(n);
    const size_t rows = (size_t)table->n_rows + 1;
    if (!pv_reserve((void **)&table->company, &table->company_capacity, rows, sizeof *table->company) ||
        !pv_reserve((void **)&table->values, &table->values_capacity, rows, (size_t)n_columns * sizeof *table->values))
        return pv_fail_memory(error, "scores of customers", 0);
    double *values = table->values + table->n_rows * n_columns;
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        for (int64_t c = 0; c < n; c++) {
            const bool counts = outcome->tasks[t].n_truth > 0 && !is_absent[c];
            const double *metrics = outcome->lists[t * n + c].metrics[PV_LENGTH_COUNT - 1];
            for (int h = 0; h < PV_HEADLINE_COUNT; h++)
                values[column_of(n, t, c, h)] = counts ? metrics[headline_metrics[h]] : (double)NAN;
        }
    }
    table->company[table->n_rows++] = company;
    return PV_OK;
}

static pv_status judge_task(pv_task_result *result, const pv_bootstrap *bootstrap, int task, int64_t n, pv_error *error)
{
    pv_comparison **compared = pv_allocate((size_t)n, sizeof *compared);
    if (!compared) return pv_fail_memory(error, "comparisons", 0);
    for (int h = 0; h < PV_HEADLINE_COUNT; h++) {
        const int64_t ours = column_of(n, task, 0, h);
        for (int64_t c = 0; c < n; c++) {
            pv_contender_score *score = &result->contenders[c];
            const int64_t column = column_of(n, task, c, h);
            score->headline[h] = pv_bootstrap_interval(bootstrap, column);
            score->against[h] = pv_bootstrap_compare(bootstrap, ours, column);
            compared[c] = &score->against[h];
        }
        compared[0]->p_value = (double)NAN; /* nobody is compared with itself */
        pv_holm_adjust(compared, n);
    }
    pv_release(compared);
    return PV_OK;
}

pv_status pv_score_table_judge(pv_task_result *results, int64_t *companies, const pv_score_table *table,
                               int64_t first_row, int32_t draws, uint64_t seed, pv_threads *threads, pv_error *error)
{
    pv_status status;
    pv_bootstrap *bootstrap = NULL;
    const int64_t n_columns = count_columns(table->n_contenders);
    const pv_bootstrap_rows rows = {.n_rows = table->n_rows - first_row,
                                    .n_columns = n_columns,
                                    .company = table->company + first_row,
                                    .values = table->values + first_row * n_columns};
    PV_TRY(pv_bootstrap_create(&bootstrap, &rows, draws, seed, threads, error));
    *companies = pv_bootstrap_companies(bootstrap);
    for (int t = 0; t < PV_TASK_COUNT; t++) PV_TRY(judge_task(&results[t], bootstrap, t, table->n_contenders, error));
cleanup:
    pv_bootstrap_free(bootstrap);
    return status;
}
