/* contest.h - one cut-off: purvey and the baselines side by side, each ranking the catalogue for one customer at a
 * time.
 *
 * Holds:    pv_contest (the contenders as of the cut-off, ready to score), pv_user_outcome (what came of one customer).
 * Threads:  a contest is read-only after creation; each thread has a pv_contest_worker.
 */
#ifndef PV_CONTEST_H
#define PV_CONTEST_H

#include "evaluate/baseline.h"
#include "evaluate/list_metrics.h"
#include "evaluate/truth.h"
#include "ranker/ranker.h"

/* Who takes part in all cut-offs: purvey first, then the baselines that the first cut-off could compute. */
typedef struct pv_contenders {
    int64_t n;
    const pv_baseline *const *baselines; /* [n]; NULL at 0 */
} pv_contenders;

typedef struct pv_contest {
    const pv_contenders *contenders;
    const pv_ranker *ranker;
    const pv_truth *truth;
    void **states;      /* [n contenders] of the baselines */
    bool is_predicting; /* purvey gives probabilities for as many days as the window has */
    bool *is_absent;    /* [n contenders] this cut-off cannot compute it */
    double *novelty;    /* [n products] */
    bool *is_recent;    /* [n products] first sold within PV_RECENT_DAYS before the cut-off */
    pv_arena *arena;    /* owns the arrays */
} pv_contest;

#define PV_RECENT_DAYS 30

/* Borrows everything but what it makes. horizon_days: of the window. Errors: PV_E_MEMORY and those of the baselines. */
pv_status pv_contest_create(pv_contest **contest, const pv_contenders *contenders, const pv_baseline_input *input,
                            const pv_truth *truth, int32_t horizon_days, pv_error *error) PV_CHECKED;
void pv_contest_free(pv_contest *contest); /* accepts NULL */

/* One contender's list for one task. */
typedef struct pv_list_outcome {
    pv_ranked_list list;
    double metrics[PV_LENGTH_COUNT][PV_USER_METRIC_COUNT];
    double recent[PV_HEADLINE_COUNT]; /* with the truth cut to recent products, where it has some */
} pv_list_outcome;

typedef struct pv_task_outcome {
    int64_t n_truth, n_reachable, n_repeat; /* 0 truth: the task does not count this customer */
    int64_t n_recent;                       /* of the truth: recent products */
} pv_task_outcome;

/* The first places of purvey's list of all products. */
typedef struct pv_predictions {
    int32_t n; /* 0: purvey gives no probabilities */
    double probability[PV_LENGTH_LONGEST];
    bool is_bought[PV_LENGTH_LONGEST];
} pv_predictions;

typedef struct pv_user_outcome {
    int64_t user;
    int64_t n_orders; /* before the cut-off */
    pv_task_outcome tasks[PV_TASK_COUNT];
    pv_list_outcome *lists; /* [PV_TASK_COUNT x n contenders] */
    pv_predictions predictions;
} pv_user_outcome;

/* Scratch of one thread. */
typedef struct pv_contest_worker pv_contest_worker;
pv_status pv_contest_worker_create(pv_contest_worker **worker, const pv_contest *contest, pv_error *error) PV_CHECKED;
void pv_contest_worker_free(pv_contest_worker *worker); /* accepts NULL */

/* Score the customer `outcome->user`; outcome->lists has room. Who bought nothing has predictions alone.
 * O(contenders x products). Errors: PV_E_MEMORY and those of the baselines. */
pv_status pv_contest_run(pv_user_outcome *outcome, const pv_contest *contest, pv_contest_worker *worker,
                         pv_error *error) PV_CHECKED;

#endif
