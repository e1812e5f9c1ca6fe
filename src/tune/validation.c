/* validation.c - see validation.h. */
#include "tune/validation.h"

#include "base/failure.h"
#include "base/random.h"
#include "evaluate/contest.h"
#include "train/trained.h"
#include <math.h>
#include <stdlib.h>

#define USERS_LEAST 200.0
#define SAMPLE_STREAM 77             /* of the random numbers, apart from those of training */
#define LENGTH (PV_LENGTH_COUNT - 1) /* lists of 20 */

struct pv_validation {
    const char *shop;
    const pv_tuning_windows *windows;
    pv_threads *threads;
    pv_interner *companies;
    pv_truth *truths[PV_TUNE_WINDOWS_MAX]; /* read when first asked for: ids have the same numbers in every model */
};

pv_status pv_validation_create(pv_validation **out, const char *shop, const pv_tuning_windows *windows,
                               unsigned threads, pv_error *error)
{
    pv_status status;
    pv_validation *validation = calloc(1, sizeof *validation);
    if (!validation) return pv_fail_memory(error, "validation", sizeof *validation);
    validation->shop = shop;
    validation->windows = windows;
    validation->companies = pv_interner_create();
    PV_TRY(pv_check_memory(validation->companies != NULL, "companies", error));
    PV_TRY(pv_threads_create(&validation->threads, threads, error));
    *out = validation;
    validation = NULL;
cleanup:
    pv_validation_free(validation);
    return status;
}

void pv_validation_free(pv_validation *validation)
{
    if (!validation) return;
    for (int w = 0; w < PV_TUNE_WINDOWS_MAX; w++) pv_truth_free(validation->truths[w]);
    pv_threads_free(validation->threads);
    pv_interner_free(validation->companies);
    free(validation);
}

/* --- the customers of a window ----------------------------------------------------------------------------------- */

typedef struct user_recalls {
    double of_task[PV_TASK_COUNT]; /* NaN: not counted */
} user_recalls;

typedef struct judged_window {
    const pv_contest *contest;
    int64_t *users; /* [n] who is judged */
    int64_t n;
    user_recalls *recalls;       /* [n] */
    pv_contest_worker **workers; /* [threads] */
    pv_list_outcome *lists;      /* [threads x PV_TASK_COUNT] */
    pv_status *statuses;         /* [threads] */
    pv_error *errors;            /* [threads] */
} judged_window;

static bool has_truth(const pv_truth *truth, int64_t user)
{
    return truth->offsets[user + 1] > truth->offsets[user];
}

static void sample_users(judged_window *w, const pv_truth *truth, double share, uint64_t seed)
{
    double n_all = 0;
    for (int64_t u = 0; u < truth->n_users; u++) n_all += has_truth(truth, u);
    const double kept = fmax(share, USERS_LEAST / fmax(n_all, 1));
    for (int64_t u = 0; u < truth->n_users; u++)
        if (has_truth(truth, u) && pv_random_uniform(seed, SAMPLE_STREAM, (uint64_t)u) < kept) w->users[w->n++] = u;
}

static void judge_user(void *context, size_t number, unsigned thread)
{
    judged_window *w = context;
    pv_user_outcome outcome = {.user = w->users[number], .lists = w->lists + (size_t)thread * PV_TASK_COUNT};
    if (w->statuses[thread] != PV_OK) return;
    w->statuses[thread] = pv_contest_run(&outcome, w->contest, w->workers[thread], &w->errors[thread]);
    if (w->statuses[thread] != PV_OK) return;
    for (int t = 0; t < PV_TASK_COUNT; t++)
        w->recalls[number].of_task[t] =
            outcome.tasks[t].n_truth > 0 ? outcome.lists[t].metrics[LENGTH][PV_METRIC_RECALL] : (double)NAN;
}

static pv_status judged_window_make(judged_window *w, const pv_contest *contest, unsigned n_threads, pv_arena *arena,
                                    pv_error *error)
{
    const size_t n_users = (size_t)contest->truth->n_users;
    *w = (judged_window){.contest = contest};
    w->users = pv_arena_allocate(arena, n_users, sizeof *w->users);
    w->recalls = pv_arena_allocate(arena, n_users, sizeof *w->recalls);
    w->workers = pv_arena_allocate(arena, n_threads, sizeof(pv_contest_worker *));
    w->lists = pv_arena_allocate(arena, (size_t)n_threads * PV_TASK_COUNT, sizeof *w->lists);
    w->statuses = pv_arena_allocate(arena, n_threads, sizeof *w->statuses);
    w->errors = pv_arena_allocate(arena, n_threads, sizeof *w->errors);
    const bool is_whole = w->users && w->recalls && w->workers && w->lists && w->statuses && w->errors;
    pv_status status = pv_check_memory(is_whole, "customers", error);
    for (unsigned t = 0; status == PV_OK && t < n_threads; t++)
        status = pv_contest_worker_create(&w->workers[t], contest, error);
    return status;
}

/* Mean over the customers that the task counts, in their order. */
static void add_task(double *sum, int64_t *n_windows, int64_t *n_users, const judged_window *w, pv_rank_task task)
{
    double recalls = 0;
    int64_t n = 0;
    for (int64_t k = 0; k < w->n; k++) {
        const double recall = w->recalls[k].of_task[task];
        if (isnan(recall)) continue;
        recalls += recall;
        n++;
    }
    if (n == 0) return;
    *sum += recalls / (double)n;
    *n_windows += 1;
    *n_users += n;
}

/* Sums over windows; divided at the end by how many counted somebody. */
typedef struct recall_sums {
    double new_products, all_products;
    int64_t new_windows, all_windows, new_users, all_users;
} recall_sums;

static pv_status judge_users(recall_sums *sums, pv_validation *validation, const pv_contest *contest, double share,
                             uint64_t seed, pv_error *error)
{
    pv_status status;
    judged_window w = {0};
    const unsigned n_threads = pv_threads_count(validation->threads);
    pv_arena *arena = pv_arena_create();
    if (!arena) return pv_fail_memory(error, "customers", 0);
    PV_TRY(judged_window_make(&w, contest, n_threads, arena, error));
    sample_users(&w, contest->truth, share, seed);
    pv_threads_run(validation->threads, (size_t)w.n, judge_user, &w);
    for (unsigned t = 0; t < n_threads; t++) {
        if (w.statuses[t] != PV_OK && error) *error = w.errors[t];
        PV_TRY(w.statuses[t]);
    }
    add_task(&sums->new_products, &sums->new_windows, &sums->new_users, &w, PV_TASK_NEW);
    add_task(&sums->all_products, &sums->all_windows, &sums->all_users, &w, PV_TASK_ALL);
cleanup:
    for (unsigned t = 0; w.workers && t < n_threads; t++) pv_contest_worker_free(w.workers[t]);
    pv_arena_free(arena);
    return status;
}

/* --- a window ---------------------------------------------------------------------------------------------------- */

static pv_status find_truth(const pv_truth **truth, pv_validation *validation, int32_t window, const pv_shop *shop,
                            const pv_train_options *options, pv_error *error)
{
    pv_status status = PV_OK;
    pv_read_report report = {0};
    const int64_t horizon = (int64_t)validation->windows->horizon_days * PV_SECONDS_PER_DAY;
    const pv_truth_reading reading = {.shop_path = validation->shop,
                                      .shop = shop,
                                      .end = validation->windows->cutoffs[window] + horizon,
                                      .negative_is_dislike = shop->negative_is_dislike,
                                      .options = options,
                                      .threads = validation->threads};
    if (!validation->truths[window])
        PV_TRY(pv_truth_read(&validation->truths[window], &reading, validation->companies, &report, error));
    *truth = validation->truths[window];
cleanup:
    return status;
}

static pv_status judge_window(recall_sums *sums, pv_validation *validation, int32_t window,
                              const pv_train_options *given, double share, pv_error *error)
{
    static const pv_baseline *const purvey_alone[] = {NULL};
    static const pv_contenders contenders = {1, purvey_alone};
    pv_status status;
    char as_of[PV_TIMESTAMP_SIZE];
    pv_trained *trained = NULL;
    const pv_truth *truth = NULL;
    pv_contest *contest = NULL;
    pv_train_report report = {0};
    pv_train_options options = *given;
    pv_timestamp_print(as_of, validation->windows->cutoffs[window]);
    options.as_of = as_of;
    PV_TRY(pv_trained_create(&trained, validation->shop, &options, NULL, &report, error));
    const pv_shop *shop = &trained->ranker->shop;
    PV_TRY(find_truth(&truth, validation, window, shop, &options, error));
    const pv_baseline_input input = {shop, trained->ranker, validation->threads, options.seed};
    PV_TRY(pv_contest_create(&contest, &contenders, &input, truth, validation->windows->horizon_days, error));
    PV_TRY(judge_users(sums, validation, contest, share, options.seed, error));
cleanup:
    pv_contest_free(contest);
    pv_trained_free(trained);
    pv_train_report_deinit(&report);
    return status;
}

static double mean(double sum, int64_t n)
{
    return n > 0 ? sum / (double)n : (double)NAN;
}

pv_status pv_validation_measure(pv_tune_recall *recall, pv_validation *validation, const pv_train_options *options,
                                int32_t n_windows, double share, pv_error *error)
{
    pv_status status = PV_OK;
    recall_sums sums = {0};
    for (int32_t w = 0; w < n_windows && w < validation->windows->n; w++)
        PV_TRY(judge_window(&sums, validation, w, options, share, error));
    *recall = (pv_tune_recall){mean(sums.new_products, sums.new_windows), mean(sums.all_products, sums.all_windows),
                               sums.new_users, sums.all_users};
cleanup:
    return status;
}
