/* evaluate.c - models of earlier dates against what was bought afterwards: cut-off by cut-off, then all together. */
#include <purvey/evaluate.h>

#include "base/failure.h"
#include "evaluate/evaluation_run.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- options ----------------------------------------------------------------------------------------------------- */

void pv_evaluate_options_init(pv_evaluate_options *options)
{
    *options = (pv_evaluate_options){.cutoffs = 4, .step_days = 30, .horizon_days = 90, .draws = 2000};
    pv_train_options_init(&options->train);
}

static pv_status check_count(const char *option, const char *field, int32_t value, int32_t low, int32_t high,
                             pv_error *error)
{
    if (value >= low && value <= high) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, field, "%s %d: expected %d to %d", option, (int)value, (int)low, (int)high);
}

static pv_status check_options(const pv_evaluate_options *options, pv_error *error)
{
    pv_status status;
    PV_TRY(check_count("--cutoffs", "/cutoffs", options->cutoffs, 1, PV_CUTOFFS_MAX, error));
    PV_TRY(check_count("--step", "/step", options->step_days, 1, 3650, error));
    PV_TRY(check_count("--horizon", "/horizon", options->horizon_days, 1, 3650, error));
    PV_TRY(check_count("--draws", "/draws", options->draws, 100, 100000, error));
    if (options->train.as_of)
        PV_TRY(pv_fail_field(error, PV_E_USAGE, "/as_of", "as_of: the cut-offs are the dates of an evaluation"));
cleanup:
    return status;
}

/* --- progress ---------------------------------------------------------------------------------------------------- */

int pv_evaluation_forward_progress(void *context, const pv_progress_state *state)
{
    pv_evaluation_run *r = context;
    pv_progress_state told = *state;
    snprintf(r->stage, sizeof r->stage, "%d of %d: %s", (int)r->window + 1, (int)r->cutoffs.n, state->stage);
    told.stage = r->stage;
    return r->options->train.progress(r->options->train.progress_context, &told);
}

pv_status pv_evaluation_report_progress(pv_evaluation_run *r, const char *stage, double done, double total,
                                        pv_error *error)
{
    if (!r->options->train.progress) return PV_OK;
    if (done <= 0) r->began = pv_clock_seconds();
    const pv_progress_state state = {stage, done, total, (double)NAN, pv_clock_seconds() - r->began};
    return pv_evaluation_forward_progress(r, &state) ? pv_fail(error, PV_E_INTERRUPTED, "interrupted") : PV_OK;
}

/* --- all of them ------------------------------------------------------------------------------------------------- */

/* An evaluation and the memory that everything of it lies in. */
typedef struct owned_evaluation {
    pv_evaluation evaluation; /* the first member: its address is that of the whole */
    pv_arena *arena;
} owned_evaluation;

/* Coverage and Gini are those of one catalogue: pooled, the mean over the cut-offs. */
static void pool_catalogue_metrics(pv_evaluation *evaluation)
{
    for (int t = 0; t < PV_TASK_COUNT; t++)
        for (int64_t c = 0; c < evaluation->n_contenders; c++)
            for (int k = 0; k < PV_LENGTH_COUNT; k++)
                for (int m = PV_USER_METRIC_COUNT; m < PV_METRIC_COUNT; m++) {
                    double sum = 0;
                    for (int64_t w = 0; w < evaluation->n_windows; w++)
                        sum += evaluation->windows[w].tasks[t].contenders[c].metrics[k][m];
                    evaluation->pooled[t].contenders[c].metrics[k][m] = sum / (double)evaluation->n_windows;
                }
}

/* A mean over some of the cut-offs is not comparable with means over all of them. */
static void silence_absent(pv_evaluation *evaluation)
{
    const pv_interval nothing = {(double)NAN, (double)NAN, (double)NAN};
    for (int64_t c = 1; c < evaluation->n_contenders; c++) {
        bool is_absent = false;
        for (int64_t k = 0; k < evaluation->n_absent; k++)
            is_absent |= evaluation->absent[k].contender.code == evaluation->contenders[c].code;
        for (int t = 0; is_absent && t < PV_TASK_COUNT; t++) {
            pv_contender_score *score = &evaluation->pooled[t].contenders[c];
            for (int k = 0; k < PV_LENGTH_COUNT; k++)
                for (int m = 0; m < PV_METRIC_COUNT; m++) score->metrics[k][m] = (double)NAN;
            for (int h = 0; h < PV_HEADLINE_COUNT; h++) {
                score->headline[h] = nothing;
                score->against[h] = (pv_comparison){nothing, nothing, (double)NAN, (double)NAN};
            }
        }
    }
}

static pv_status pool(pv_evaluation_run *r, pv_error *error)
{
    pv_status status;
    pv_evaluation *evaluation = r->evaluation;
    const pv_part_time since = pv_part_begin();
    PV_TRY(pv_evaluation_report_progress(r, "intervals", 0, 0, error));
    PV_TRY(pv_task_sums_finish(evaluation->pooled, r->pooled, r->contenders.n, r->arena, error));
    PV_TRY(pv_score_table_judge(evaluation->pooled, &evaluation->companies, &r->table, 0, r->options->draws,
                                r->options->train.seed, r->threads, error));
    pool_catalogue_metrics(evaluation);
    silence_absent(evaluation);
    evaluation->pooled_reliability = pv_reliability_finish(&r->predictions);
    PV_TRY(pv_slices_finish(&evaluation->slices, &evaluation->n_slices, r->slices, r->arena, error));
    pv_part_add(&evaluation->bootstrap_time, since);
cleanup:
    return status;
}

static pv_status begin(pv_evaluation_run *r, pv_error *error)
{
    pv_status status;
    pv_evaluation *evaluation = r->evaluation;
    const pv_evaluate_options *options = r->options;
    PV_TRY(check_options(options, error));
    PV_TRY(pv_threads_create(&r->threads, options->train.threads, error));
    r->companies = pv_interner_create();
    PV_TRY(pv_check_memory(r->companies != NULL, "companies", error));
    PV_TRY(pv_cutoffs_choose(&r->cutoffs, r->shop, options, error));
    evaluation->windows = pv_arena_allocate(r->arena, (size_t)r->cutoffs.n, sizeof *evaluation->windows);
    PV_TRY(pv_check_memory(evaluation->windows != NULL, "cut-offs", error));
    evaluation->n_windows = r->cutoffs.n;
    evaluation->horizon_days = options->horizon_days;
    evaluation->step_days = options->step_days;
    evaluation->draws = options->draws;
    evaluation->cutoffs_wanted = options->n_dates > 0 ? r->cutoffs.n : options->cutoffs;
    for (int32_t k = 0; k < r->cutoffs.n; k++) {
        evaluation->windows[k].cutoff = r->cutoffs.at[k];
        evaluation->windows[k].end = r->cutoffs.at[k] + (int64_t)options->horizon_days * PV_SECONDS_PER_DAY;
    }
cleanup:
    return status;
}

static pv_status measure_reasons(pv_evaluation_run *r, pv_error *error)
{
    pv_faithfulness_settings settings;
    if (!r->options->measures_reasons) return PV_OK;
    pv_faithfulness_settings_init(&settings);
    return pv_faithfulness_measure(&r->evaluation->faithfulness, r->shop, &r->options->train, &settings, error);
}

static pv_status evaluate(pv_evaluation_run *r, pv_error *error)
{
    pv_status status;
    const pv_part_time since = pv_part_begin();
    PV_TRY(begin(r, error));
    for (r->window = 0; r->window < r->cutoffs.n; r->window++)
        PV_TRY(pv_evaluation_run_window(r, &r->evaluation->windows[r->window], error));
    r->window--; /* what follows belongs to the last */
    PV_TRY(pool(r, error));
    PV_TRY(measure_reasons(r, error));
    pv_part_add(&r->evaluation->total_time, since);
cleanup:
    return status;
}

pv_status pv_evaluate(pv_evaluation **out, const char *shop, const pv_evaluate_options *options, pv_error *error)
{
    pv_status status;
    owned_evaluation *owned = calloc(1, sizeof *owned);
    if (!owned) return pv_fail_memory(error, "an evaluation", sizeof *owned);
    pv_evaluation_run r = {.shop = shop, .options = options, .train = options->train, .evaluation = &owned->evaluation};
    r.train.progress = options->train.progress ? pv_evaluation_forward_progress : NULL;
    r.train.progress_context = &r;
    r.arena = owned->arena = pv_arena_create();
    PV_TRY(pv_check_memory(r.arena != NULL, "an evaluation", error));
    PV_TRY(evaluate(&r, error));
    *out = &owned->evaluation;
    owned = NULL;
cleanup:
    pv_slices_free(r.slices);
    pv_score_table_deinit(&r.table);
    pv_interner_free(r.companies);
    pv_threads_free(r.threads);
    if (owned) pv_evaluation_free(&owned->evaluation);
    return status;
}

void pv_evaluation_free(pv_evaluation *evaluation)
{
    if (!evaluation) return;
    owned_evaluation *owned = (owned_evaluation *)(void *)evaluation;
    pv_faithfulness_free(evaluation->faithfulness);
    pv_arena_free(owned->arena);
    free(owned);
}
