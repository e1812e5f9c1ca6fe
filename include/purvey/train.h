/* train.h - from a shop's tables to a model file; from a folder to a SQLite store.
 *
 * Holds:    pv_train(), pv_import(), their options and reports.
 * Threads:  independent calls may run side by side; options are read only.
 */
#ifndef PURVEY_TRAIN_H
#define PURVEY_TRAIN_H

#include <purvey/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pv_loss { PV_LOSS_IALSPP, PV_LOSS_HKV } pv_loss;
typedef enum pv_solver { PV_SOLVER_AUTO, PV_SOLVER_CG, PV_SOLVER_CHOLESKY } pv_solver;
typedef enum pv_weighting { PV_WEIGHT_LOG, PV_WEIGHT_LINEAR } pv_weighting;

/* Where long work stands. */
typedef struct pv_progress_state {
    const char *stage;  /* "read", "fit", "signals", "write", "score" */
    double done, total; /* in units of the stage (bytes, iterations, users); total 0 = unknown */
    double loss;        /* NaN outside "fit" */
    double seconds;     /* since the stage began */
} pv_progress_state;
/* Called from the calling thread, at most some times a second. Return nonzero to stop with PV_E_INTERRUPTED. */
typedef int pv_progress(void *context, const pv_progress_state *state);

/* What reading counted, over all files of the shop. */
typedef struct pv_read_report {
    int64_t rows_read;                     /* data rows, header lines not counted */
    int64_t rows_bad;                      /* contract 1; they stand in the rejects file */
    int64_t rows_skipped;                  /* by `skip` of shop.yaml */
    int64_t rows_cancelled, rows_returned; /* by `cancelled`, by a negative quantity or count */
    int64_t rows_zero;                     /* count or quantity 0: no purchase */
    int64_t rows_later;                    /* at or after the as-of date */
    int64_t returns_unmatched;             /* returns with something left over that was bought nowhere */
    int64_t products_unlisted;             /* bought but not in products.csv (when there is one) */
    int64_t bytes_read;                    /* of text after decompression */
    bool rating_unused;                    /* there is a rating column and no dislike_at */
    char first_bad[512];                   /* "user_purchases.csv:17: column time: ...", empty when none */
} pv_read_report;

/* What was taken from an event log (`events` of pv_train_options). */
typedef struct pv_events_report {
    bool is_given;              /* a log was named; all others are 0 without */
    int64_t in_log;             /* events of all types */
    int64_t purchases, returns; /* taken in */
    int64_t known;              /* the shop's tables or an earlier event have this product of this order */
    int64_t skipped;            /* by `skip` of shop.yaml */
    int64_t later;              /* at or after the as-of date */
    int64_t overlay;            /* values and lists in place of those of the shop's tables */
    int64_t unknown;            /* values and entries of lists about products that nobody knows */
} pv_events_report;

typedef struct pv_iteration {
    double loss, seconds;
} pv_iteration;

/* Seconds of one part of the work. */
typedef struct pv_part_time {
    double seconds, cpu_seconds;
} pv_part_time;

/* pv_train_options_init() sets the documented defaults. */
typedef struct pv_train_options {
    int32_t factors;          /* 1 to 1024, 64 */
    int32_t iterations;       /* 0 to 10000, 15 */
    pv_loss loss;             /* PV_LOSS_IALSPP */
    double regularization;    /* finite, >= 0; 0.01. ialspp: scaled per row by (n + A0 m) */
    double unobserved_weight; /* finite, >= 0; NaN: 0.2, hkv 1 (and takes no other) */
    double user_side_regularization, product_side_regularization; /* finite, >= 0; 0: features are not used */
    double alpha;                                                 /* finite, >= 0; 1 */
    pv_weighting weighting;                                       /* PV_WEIGHT_LOG */
    double half_life_days;                                        /* > 0, or NaN: none */
    pv_solver solver;                                             /* PV_SOLVER_AUTO */
    const char *signals;                                          /* comma-separated codes, or NULL for all */
    int32_t min_companies;                                        /* >= 1; 5: the k rule */
    const char *as_of;     /* date, time or "now"; NULL: just after the last row */
    const char *events;    /* folder of an event log to take in with the shop; NULL: none */
    uint64_t seed;         /* 42 */
    unsigned threads;      /* 0: the cores this process may use */
    double max_bad_rows;   /* 0 to 1; 0.01 */
    pv_progress *progress; /* nullable */
    void *progress_context;
} pv_train_options;
PV_API void pv_train_options_init(pv_train_options *options);

/* What training did. pv_train_report_deinit() frees `iterations`. */
typedef struct pv_train_report {
    pv_read_report read;
    pv_events_report events;
    int64_t users, products, pairs; /* of the factor model */
    int64_t purchases;              /* lines kept */
    pv_iteration *iterations;       /* [n_iterations] */
    int32_t n_iterations;
    pv_part_time read_time, fit_time, signals_time, weights_time, write_time, total_time;
    int64_t model_bytes;
    char model_id[9]; /* start of the content hash */
} pv_train_report;
PV_API void pv_train_report_deinit(pv_train_report *report);

/* Train a model from `shop` and write it to `output` (replaced only when complete).
 *
 * report   nullable; filled as far as the work came, also on failure.
 * Repeat:  same shop and options: same bytes, whatever `threads` is.
 * Errors:  PV_E_USAGE (option out of range), PV_E_INPUT (files), PV_E_OUTPUT, PV_E_MEMORY, PV_E_INTERRUPTED.
 */
PV_API pv_status pv_train(const char *shop, const char *output, const pv_train_options *options,
                          pv_train_report *report, pv_error *error) PV_CHECKED;

/* Store a shop's folder in one SQLite file, rows and columns as they are; training from either gives the same bits.
 *
 * max_bad_rows  as in training; bad rows go to OUTPUT.rejects.csv.
 * Errors:  PV_E_INPUT, PV_E_OUTPUT, PV_E_MEMORY, PV_E_INTERRUPTED. `output` is replaced only when complete.
 */
PV_API pv_status pv_import(const char *shop, const char *output, double max_bad_rows, pv_progress *progress,
                           void *progress_context, pv_read_report *report, pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
