/* exposure.c - see exposure.h. */
#include "evaluate/exposure.h"

#include "base/failure.h"
#include <math.h>
#include <stdlib.h>

pv_status pv_exposure_init(pv_exposure *exposure, int64_t n_contenders, int64_t n_products, pv_error *error)
{
    const size_t lists = (size_t)n_contenders * PV_TASK_COUNT * PV_LENGTH_COUNT;
    *exposure = (pv_exposure){.n_contenders = n_contenders, .n_products = n_products};
    exposure->counts = pv_allocate((size_t)n_products, lists * sizeof *exposure->counts);
    exposure->scratch = pv_allocate((size_t)n_products, sizeof *exposure->scratch);
    return pv_check_memory(exposure->counts && exposure->scratch, "lists", error);
}

void pv_exposure_deinit(pv_exposure *exposure)
{
    pv_release(exposure->counts);
    pv_release(exposure->scratch);
    *exposure = (pv_exposure){0};
}

/* Counts of one task and contender: [PV_LENGTH_COUNT x n_products]. */
static int32_t *counts_of(const pv_exposure *exposure, int task, int64_t contender)
{
    return exposure->counts + (task * exposure->n_contenders + contender) * PV_LENGTH_COUNT * exposure->n_products;
}

void pv_exposure_add(pv_exposure *exposure, const pv_user_outcome *outcome)
{
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        if (outcome->tasks[t].n_truth == 0) continue;
        for (int64_t c = 0; c < exposure->n_contenders; c++) {
            const pv_ranked_list *list = &outcome->lists[t * exposure->n_contenders + c].list;
            int32_t *counts = counts_of(exposure, t, c);
            for (int32_t place = 0, length = 0; place < list->n; place++) {
                if (place == pv_list_length(length)) length++;
                counts[length * exposure->n_products + list->products[place]]++;
            }
        }
    }
}

static int compare_counts(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

double pv_gini(int64_t *counts, int64_t n, int64_t n_total)
{
    double sum = 0, weighted = 0;
    if (n > 0) qsort(counts, (size_t)n, sizeof *counts, compare_counts);
    for (int64_t k = 0; k < n; k++) {
        const int64_t rank = n_total - n + k + 1;
        sum += (double)counts[k];
        weighted += (double)(2 * rank - n_total - 1) * (double)counts[k];
    }
    return sum > 0 ? weighted / ((double)n_total * sum) : (double)NAN;
}

void pv_exposure_finish(pv_task_result *results, pv_exposure *exposure, int64_t n_known)
{
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        for (int64_t c = 0; c < exposure->n_contenders; c++) {
            int32_t *counts = counts_of(exposure, t, c);
            for (int k = 0; k < PV_LENGTH_COUNT; k++, counts += exposure->n_products) {
                double *metrics = results[t].contenders[c].metrics[k];
                int64_t n_listed = 0;
                for (int64_t p = 0; p < exposure->n_products; p++) {
                    if (k > 0) counts[p] += counts[p - exposure->n_products]; /* the longer list has the shorter one */
                    if (counts[p] > 0) exposure->scratch[n_listed++] = counts[p];
                }
                metrics[PV_METRIC_COVERAGE] = n_listed > 0 ? (double)n_listed / (double)n_known : (double)NAN;
                metrics[PV_METRIC_GINI] = pv_gini(exposure->scratch, n_listed, n_known);
            }
        }
    }
}
