/* task_sums.c - see task_sums.h. */
#include "evaluate/task_sums.h"

#include "base/failure.h"
#include <math.h>

pv_status pv_task_sums_make(pv_task_sums *sums, int64_t n_contenders, pv_arena *arena, pv_error *error)
{
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        sums[t] = (pv_task_sums){0};
        sums[t].contenders = pv_arena_allocate(arena, (size_t)n_contenders, sizeof *sums[t].contenders);
        if (!sums[t].contenders) return pv_fail_memory(error, "metrics", 0);
    }
    return PV_OK;
}

static void add_metrics(pv_metric_sums *sums, const pv_list_outcome *list)
{
    for (int k = 0; k < PV_LENGTH_COUNT; k++) {
        for (int m = 0; m < PV_USER_METRIC_COUNT; m++) {
            const double value = list->metrics[k][m];
            if (isnan(value)) continue;
            sums->sum[k][m] += value;
            sums->count[k][m]++;
        }
    }
}

static void add_truth(pv_task_sums *sums, const pv_task_outcome *task)
{
    const double n = (double)task->n_truth;
    sums->users++;
    sums->truth_size += n;
    sums->repeat_share += (double)task->n_repeat / n;
    sums->reachable += (double)task->n_reachable / n;
    for (int k = 0; k < PV_LENGTH_COUNT; k++) {
        const int64_t length = pv_list_length(k);
        sums->ceiling[k] += (double)(length < task->n_reachable ? length : task->n_reachable) / n;
    }
}

void pv_task_sums_add(pv_task_sums *sums, const pv_user_outcome *outcome, int64_t n_contenders, const bool *is_absent)
{
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        if (outcome->tasks[t].n_truth == 0) continue;
        add_truth(&sums[t], &outcome->tasks[t]);
        for (int64_t c = 0; c < n_contenders; c++)
            if (!is_absent[c]) add_metrics(&sums[t].contenders[c], &outcome->lists[t * n_contenders + c]);
    }
}

/* NaN when nobody counted. */
static double mean(double sum, int64_t count)
{
    return count > 0 ? sum / (double)count : (double)NAN;
}

static void finish_contender(pv_contender_score *score, const pv_metric_sums *sums)
{
    for (int k = 0; k < PV_LENGTH_COUNT; k++) {
        for (int m = 0; m < PV_METRIC_COUNT; m++) score->metrics[k][m] = (double)NAN;
        for (int m = 0; m < PV_USER_METRIC_COUNT; m++) score->metrics[k][m] = mean(sums->sum[k][m], sums->count[k][m]);
    }
}

pv_status pv_task_sums_finish(pv_task_result *results, const pv_task_sums *sums, int64_t n_contenders, pv_arena *arena,
                              pv_error *error)
{
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const pv_task_sums *from = &sums[t];
        pv_task_result *result = &results[t];
        *result = (pv_task_result){.users = from->users,
                                   .truth_size = mean(from->truth_size, from->users),
                                   .repeat_share = mean(from->repeat_share, from->users),
                                   .reachable = mean(from->reachable, from->users)};
        for (int k = 0; k < PV_LENGTH_COUNT; k++) result->ceiling[k] = mean(from->ceiling[k], from->users);
        result->contenders = pv_arena_allocate(arena, (size_t)n_contenders, sizeof *result->contenders);
        if (!result->contenders) return pv_fail_memory(error, "metrics", 0);
        for (int64_t c = 0; c < n_contenders; c++) finish_contender(&result->contenders[c], &from->contenders[c]);
    }
    return PV_OK;
}
