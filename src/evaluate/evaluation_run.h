/* evaluation_run.h - the parts of pv_evaluate(): what they share, private to its files. */
#ifndef PV_EVALUATION_RUN_H
#define PV_EVALUATION_RUN_H

#include "base/timestamp.h"
#include "evaluate/contest.h"
#include "evaluate/cutoffs.h"
#include "evaluate/evaluation_slices.h"
#include "evaluate/reliability.h"
#include "evaluate/score_table.h"
#include "evaluate/task_sums.h"

typedef struct pv_evaluation_run {
    const char *shop;
    const pv_evaluate_options *options;
    pv_train_options train; /* of the cut-off at hand */
    pv_evaluation *evaluation;
    pv_arena *arena; /* of the evaluation */
    pv_threads *threads;
    pv_interner *companies;
    pv_cutoffs cutoffs;
    pv_contenders contenders; /* n is 0 before the first cut-off */
    pv_task_sums pooled[PV_TASK_COUNT];
    pv_reliability_sums predictions;
    pv_score_table table;
    pv_slices *slices;
    int32_t window; /* number of the cut-off at hand */
    char stage[64]; /* "2 of 4: fit" */
    double began;   /* clock at the beginning of the own stage at hand */
} pv_evaluation_run;

/* Tell progress of the run's own work. Errors: PV_E_INTERRUPTED. */
pv_status pv_evaluation_report_progress(pv_evaluation_run *run, const char *stage, double done, double total,
                                        pv_error *error) PV_CHECKED;
/* A pv_progress with the run as its context: what training and reading tell, with the cut-off that it is for. */
int pv_evaluation_forward_progress(void *run, const pv_progress_state *state);

/* Everything of cut-off `run->window`: its model, its truth, all contenders. */
pv_status pv_evaluation_run_window(pv_evaluation_run *run, pv_window *window, pv_error *error) PV_CHECKED;

static inline pv_part_time pv_part_begin(void)
{
    return (pv_part_time){pv_clock_seconds(), pv_clock_cpu_seconds()};
}

static inline void pv_part_add(pv_part_time *part, pv_part_time begin)
{
    part->seconds += pv_clock_seconds() - begin.seconds;
    part->cpu_seconds += pv_clock_cpu_seconds() - begin.cpu_seconds;
}

#endif
