/* successive_halving.c - see successive_halving.h. */
#include "tune/successive_halving.h"

#include "base/failure.h"
#include "base/memory.h"
#include <math.h>
#include <stdlib.h>

typedef struct candidate {
    int64_t setting;
    pv_tune_recall recall;
    double gain;
} candidate;

int64_t pv_halving_width(int64_t n, int32_t rung)
{
    for (; rung > 0 && n > 2; rung--) n = (n + 1) / 2;
    return n;
}

/* Ratio less 1; NaN: nobody to count. */
static double gain_of_task(double recall, double given)
{
    if (isnan(recall) || isnan(given)) return (double)NAN;
    return given > 0 ? recall / given - 1 : recall;
}

double pv_halving_gain(const pv_tune_recall *recall, const pv_tune_recall *given)
{
    const double gains[] = {gain_of_task(recall->new_products, given->new_products),
                            gain_of_task(recall->all_products, given->all_products)};
    double sum = 0;
    int n = 0;
    for (int t = 0; t < 2; t++) {
        if (isnan(gains[t])) continue;
        sum += gains[t];
        n++;
    }
    return n > 0 ? sum / n : 0;
}

static int compare_candidates(const void *left, const void *right)
{
    const candidate *a = left, *b = right;
    if (a->gain != b->gain) return a->gain > b->gain ? -1 : 1;
    return (a->setting > b->setting) - (a->setting < b->setting);
}

static int64_t find_given(const candidate *candidates)
{
    int64_t k = 0;
    while (candidates[k].setting != 0) k++;
    return k;
}

/* Setting 0 to the front: first it survives, then it is the first to be tried. */
static void lead_with_given(candidate *candidates, int64_t n_kept)
{
    const int64_t place = find_given(candidates);
    const candidate given = candidates[place];
    for (int64_t k = place < n_kept ? place : n_kept - 1; k > 0; k--) candidates[k] = candidates[k - 1];
    candidates[0] = given;
}

/* Try the first n; *n_tried < n: the time was over. */
static pv_status run_rung(int64_t *n_tried, candidate *candidates, int64_t n, int32_t rung, pv_halving_trial *trial,
                          void *context, pv_error *error)
{
    for (*n_tried = 0; *n_tried < n; ++*n_tried) {
        candidate *tried = &candidates[*n_tried];
        bool is_over = false;
        pv_tune_recall recall;
        const pv_status status = trial(context, &recall, &is_over, rung, tried->setting, error);
        if (status != PV_OK) return status;
        if (is_over) return PV_OK;
        tried->recall = recall;
        tried->gain = pv_halving_gain(&recall, &candidates[0].recall);
    }
    return PV_OK;
}

static void take_outcome(pv_halving_outcome *outcome, candidate *candidates, int64_t n)
{
    qsort(candidates, (size_t)n, sizeof *candidates, compare_candidates);
    outcome->best = candidates[0].setting;
    outcome->best_recall = candidates[0].recall;
    outcome->gain = candidates[0].gain;
    outcome->given_recall = candidates[find_given(candidates)].recall;
}

pv_status pv_halving_run(pv_halving_outcome *outcome, int64_t n_settings, int32_t n_rungs, pv_halving_trial *trial,
                         void *context, pv_error *error)
{
    pv_status status = PV_OK;
    candidate *candidates = pv_allocate((size_t)n_settings, sizeof *candidates);
    *outcome = (pv_halving_outcome){0};
    if (!candidates) return pv_fail_memory(error, "settings", (uint64_t)n_settings);
    for (int64_t k = 0; k < n_settings; k++) candidates[k].setting = k;
    for (int32_t rung = 0; rung < n_rungs; rung++) {
        const int64_t n = pv_halving_width(n_settings, rung);
        int64_t n_tried = 0;
        lead_with_given(candidates, n);
        PV_TRY(run_rung(&n_tried, candidates, n, rung, trial, context, error));
        if (n_tried == n || rung == 0) take_outcome(outcome, candidates, n_tried);
        if (n_tried < n) break;
        outcome->rungs_done++;
    }
cleanup:
    pv_release(candidates);
    return status;
}
