/* evaluate.h - how good are the recommendations? Models of earlier dates against what customers bought afterwards.
 *
 * Holds:    pv_evaluate(), its options, and pv_evaluation: everything that a report shows.
 * Protocol: docs/evaluation.md. At each cut-off T a model is made from what was known before T; each contender ranks
 *           the whole catalogue for each known customer; the truth is the set of products bought in [T, T + horizon).
 * Threads:  independent calls may run side by side; results do not depend on options.train.threads.
 */
#ifndef PURVEY_EVALUATE_H
#define PURVEY_EVALUATE_H

#include <purvey/faithfulness.h>
#include <purvey/status.h>
#include <purvey/text.h>
#include <purvey/train.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Three questions, never blended: all products; those the customer bought before; the others. A task counts the
 * customers who bought something of its kind, and its lists hold products of its kind alone. */
typedef enum pv_rank_task { PV_TASK_ALL, PV_TASK_REPEAT, PV_TASK_NEW, PV_TASK_COUNT } pv_rank_task;
PV_API const char *pv_task_code(pv_rank_task task); /* "all", "repeat", "new" */

/* Lists are judged at their first 5, 10 and 20 places. */
#define PV_LENGTH_COUNT 3
#define PV_LENGTH_LONGEST 20
PV_API int32_t pv_list_length(int index);

/* L the first n places of a list, R the truth, r a rank from 1. Those up to PV_METRIC_CATEGORY_DIVERGENCE are means
 * over customers, the last two belong to all lists together. NaN: not defined for this shop. */
typedef enum pv_metric {
    PV_METRIC_RECALL,              /* |L and R| / |R| */
    PV_METRIC_NDCG,                /* sum over hits of 1 / log2(1 + r), over the same of a list of hits alone */
    PV_METRIC_MAP,                 /* sum over hits of (hits up to r) / r, over min(n, |R|) */
    PV_METRIC_MRR,                 /* 1 / rank of the first hit, 0 without */
    PV_METRIC_HIT_RATE,            /* 1 with a hit, else 0 */
    PV_METRIC_SPEND_RECALL,        /* share of the money of R (pv_evaluation.spend_basis) that L holds */
    PV_METRIC_REPEAT_SHARE,        /* share of L that was bought before */
    PV_METRIC_TIE_SHARE,           /* share of places whose score is that of the next place: ids decided */
    PV_METRIC_NOVELTY,             /* mean of -log2((b + 1) / (N + 1)): b of N companies bought the product before T */
    PV_METRIC_CATEGORY_DIVERSITY,  /* share of pairs of L that are of different categories */
    PV_METRIC_CATEGORY_DIVERGENCE, /* Kullback-Leibler divergence of the categories of L from those of the history, in
                                      nats, L smoothed by 1 % of the history (Steck 2018); 0: the same mix */
    PV_METRIC_COVERAGE,            /* share of the products known at T that stand in any list */
    PV_METRIC_GINI,                /* Gini coefficient of how often products are listed; 1: always the same few */
    PV_METRIC_COUNT
} pv_metric;
#define PV_USER_METRIC_COUNT PV_METRIC_COVERAGE
PV_API const char *pv_metric_code(pv_metric metric); /* "recall", "hit_rate", ... */

/* 95 % percentile interval of the paired bootstrap over companies (a company drawn brings all its users, of all
 * cut-offs where they are pooled). NaN when there is nothing to draw from. */
typedef struct pv_interval {
    double value, low, high;
} pv_interval;

/* purvey against another contender. */
typedef struct pv_comparison {
    pv_interval difference; /* purvey minus the other */
    pv_interval ratio;      /* purvey over the other; NaN where the other is 0 */
    double p_value;         /* two-sided, from the draws on the other side of 0: at least 2 / (draws + 1) */
    double p_adjusted;      /* after Holm's correction over all baselines of the task */
} pv_comparison;

/* Metrics with an interval, both at PV_LENGTH_LONGEST. */
typedef enum pv_headline { PV_HEADLINE_RECALL, PV_HEADLINE_NDCG, PV_HEADLINE_COUNT } pv_headline;

typedef struct pv_contender_score {
    double metrics[PV_LENGTH_COUNT][PV_METRIC_COUNT];
    pv_interval headline[PV_HEADLINE_COUNT];
    pv_comparison against[PV_HEADLINE_COUNT]; /* purvey against this one; of purvey itself: 0 and 1 */
} pv_contender_score;

typedef struct pv_task_result {
    int64_t users;                   /* customers with a truth; pooled: over all cut-offs */
    double truth_size;               /* mean |R| */
    double repeat_share;             /* mean share of R that was bought before: what PV_METRIC_REPEAT_SHARE should be */
    double reachable;                /* mean share of R that may be shown at all (assortment) */
    double ceiling[PV_LENGTH_COUNT]; /* the best recall there is: mean of min(n, reachable of R) / |R| */
    pv_contender_score *contenders;  /* [n_contenders] */
} pv_task_result;

/* Predicted probabilities against what came true, in ten bins of equal width: the first 20 of ALL of every known
 * customer, also of those who bought nothing. The model predicts for a number of days of its own; where that is not the
 * horizon of the evaluation, there is nothing to compare. */
#define PV_RELIABILITY_BINS 10
typedef struct pv_reliability_bin {
    int64_t pairs;              /* listed products of this bin */
    double probability, bought; /* mean prediction, share that was bought; NaN when empty */
} pv_reliability_bin;
typedef struct pv_reliability {
    double brier; /* mean of (probability - bought)^2; NaN: nothing to compare */
    pv_reliability_bin bins[PV_RELIABILITY_BINS];
} pv_reliability;

/* One cut-off. */
typedef struct pv_window {
    int64_t cutoff, end; /* seconds since 1970, UTC; the truth is [cutoff, end) */
    int64_t users_known, products_known;
    int64_t users_scored;     /* known customers with a truth */
    int64_t users_idle;       /* known customers who bought nothing in the window: not scored */
    int64_t users_unknown;    /* bought in the window for the first time: not scored */
    int64_t products_unknown; /* distinct products bought by known customers that nobody could know at the cut-off */
    int64_t pairs, pairs_unknown; /* customer and product in the truth; the same of unknown products: left out */
    pv_task_result tasks[PV_TASK_COUNT];
    pv_reliability reliability;
} pv_window;

/* Some of the customers, or some of the products, over all cut-offs. At PV_LENGTH_LONGEST. */
typedef struct pv_slice {
    const char *group; /* "orders", "spend", "products", or the name of a segment column */
    const char *value; /* "under 3", "France", ... */
    int64_t users[PV_TASK_COUNT];
    double *scores; /* [PV_TASK_COUNT x n_contenders x PV_HEADLINE_COUNT]; NaN without customers */
} pv_slice;
static inline double pv_slice_score(const pv_slice *slice, int64_t n_contenders, pv_rank_task task, int64_t contender,
                                    pv_headline headline)
{
    return slice->scores[((int64_t)task * n_contenders + contender) * PV_HEADLINE_COUNT + (int64_t)headline];
}

typedef struct pv_contender {
    const char *code;  /* "purvey", "popular", ... */
    const char *title; /* for tables */
} pv_contender;

/* A baseline that could not be computed for this shop. */
typedef struct pv_absence {
    pv_contender contender;
    const char *cause;
    int64_t cutoff; /* the first at which it was absent */
} pv_absence;

typedef struct pv_evaluation {
    int64_t n_contenders;
    const pv_contender *contenders; /* [0] is purvey */
    int64_t n_absent;
    pv_absence *absent;
    int64_t n_windows;
    pv_window *windows; /* rising by cut-off */
    pv_task_result pooled[PV_TASK_COUNT];
    pv_reliability pooled_reliability;
    int64_t n_slices;
    pv_slice *slices;
    int64_t companies; /* distinct parents behind the scored users: what the bootstrap draws from */
    int32_t horizon_days, step_days, draws;
    int32_t cutoffs_wanted;  /* more than n_windows: the purchases do not reach back far enough */
    const char *spend_basis; /* what spend recall weighs by: "quantity x price", "lines x price", "quantity", "lines" */
    pv_faithfulness *faithfulness; /* of the reasons; NULL: not asked for */
    char data_hash[33];            /* of the last window's reading: files and settings */
    pv_read_report read;           /* of the same */
    pv_part_time read_time, train_time, baselines_time, score_time, bootstrap_time, total_time;
} pv_evaluation;

/* pv_evaluate_options_init() sets the documented defaults. */
typedef struct pv_evaluate_options {
    pv_train_options train;   /* how the model of each cut-off is made; as_of must be NULL. Its seed, threads,
                                 max_bad_rows and progress hold for the whole evaluation. */
    int32_t cutoffs;          /* 1 to 60; 4: the last window ends with the last day that has a purchase */
    int32_t step_days;        /* 1 to 3650; 30: from one cut-off to the next */
    int32_t horizon_days;     /* 1 to 3650; 90 */
    const char *const *dates; /* [n_dates] cut-offs as dates or times, in place of the three above */
    int64_t n_dates;
    int32_t draws;         /* 100 to 100000; 2000 draws of the bootstrap */
    bool measures_reasons; /* false; true: the faithfulness of the reasons as of the last purchase, too */
} pv_evaluate_options;
PV_API void pv_evaluate_options_init(pv_evaluate_options *options);

/* Evaluate the recommender and all baselines on `shop`.
 *
 * Cost:    one training run and one state of each baseline a cut-off; memory does not grow with users x products.
 * Errors:  PV_E_USAGE (option out of range; purchases without time), PV_E_INPUT (files; purchases too short for one
 *          cut-off), PV_E_MEMORY, PV_E_INTERRUPTED.
 */
PV_API pv_status pv_evaluate(pv_evaluation **evaluation, const char *shop, const pv_evaluate_options *options,
                             pv_error *error) PV_CHECKED;
PV_API void pv_evaluation_free(pv_evaluation *evaluation); /* accepts NULL */

/* One object without a newline, to be freed with pv_free(); no times, so that the same data gives the same bytes.
 * Errors: PV_E_MEMORY. */
PV_API pv_status pv_evaluation_json(char **json, const pv_evaluation *evaluation, pv_error *error) PV_CHECKED;

/* One page that asks for nothing from outside and needs no script, to be freed with pv_free(); no times, so that the
 * same data gives the same bytes. Errors: PV_E_MEMORY. */
PV_API pv_status pv_evaluation_html(char **html, const pv_evaluation *evaluation, pv_error *error) PV_CHECKED;

/* Write the report to `path` in the form that its suffix says (.json, .html), replaced only when complete.
 * Errors: PV_E_USAGE (another suffix), PV_E_OUTPUT, PV_E_MEMORY. */
PV_API pv_status pv_evaluation_write(const char *path, const pv_evaluation *evaluation, pv_error *error) PV_CHECKED;
/* The same complaint about the suffix, before the long work. */
PV_API pv_status pv_evaluation_check_path(const char *path, pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
