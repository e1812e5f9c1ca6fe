/* evaluate_window.c - one cut-off: the model of that date, the truth after it, and everybody's lists for each customer.
 */
#include "evaluate/evaluation_run.h"

#include "base/failure.h"
#include "evaluate/exposure.h"
#include "train/trained.h"
#include <string.h>

#define USERS_PER_WAVE 256 /* customers whose outcomes are held at once */

/* --- contenders -------------------------------------------------------------------------------------------------- */

static pv_contender contender_of(const pv_baseline *baseline)
{
    return (pv_contender){baseline->code, baseline->title};
}

static bool is_noted(const pv_evaluation *evaluation, const pv_baseline *baseline)
{
    for (int64_t k = 0; k < evaluation->n_absent; k++)
        if (evaluation->absent[k].contender.code == baseline->code) return true;
    return false;
}

/* Note the baselines that this cut-off is the first to lack. */
static pv_status note_absences(pv_evaluation_run *r, const pv_baseline_input *input, pv_error *error)
{
    pv_evaluation *evaluation = r->evaluation;
    int64_t n_baselines = 0;
    while (pv_baselines[n_baselines]) n_baselines++;
    if (!evaluation->absent)
        evaluation->absent = pv_arena_allocate(r->arena, (size_t)n_baselines, sizeof *evaluation->absent);
    if (!evaluation->absent) return pv_fail_memory(error, "the baselines", 0);
    for (int64_t k = 0; k < n_baselines; k++) {
        const pv_baseline *baseline = pv_baselines[k];
        const char *cause = baseline->absent ? baseline->absent(input) : NULL;
        if (!cause || is_noted(evaluation, baseline)) continue;
        evaluation->absent[evaluation->n_absent++] = (pv_absence){contender_of(baseline), cause, input->shop->as_of};
    }
    return PV_OK;
}

/* purvey and every baseline that the first cut-off has. */
static pv_status choose_contenders(pv_evaluation_run *r, pv_error *error)
{
    pv_status status;
    int64_t n = 1;
    for (int64_t k = 0; pv_baselines[k]; k++) n += !is_noted(r->evaluation, pv_baselines[k]);
    const pv_baseline **baselines = pv_arena_allocate(r->arena, (size_t)n, sizeof *baselines);
    pv_contender *contenders = pv_arena_allocate(r->arena, (size_t)n, sizeof *contenders);
    if (!baselines || !contenders) return pv_fail_memory(error, "the baselines", 0);
    contenders[0] = (pv_contender){"purvey", "purvey"};
    for (int64_t k = 0, c = 1; pv_baselines[k]; k++) {
        if (is_noted(r->evaluation, pv_baselines[k])) continue;
        baselines[c] = pv_baselines[k];
        contenders[c++] = contender_of(pv_baselines[k]);
    }
    r->contenders = (pv_contenders){n, baselines};
    r->table.n_contenders = n;
    r->evaluation->contenders = contenders;
    r->evaluation->n_contenders = n;
    PV_TRY(pv_task_sums_make(r->pooled, n, r->arena, error));
    PV_TRY(pv_slices_create(&r->slices, n, error));
cleanup:
    return status;
}

/* --- scoring the customers of a cut-off -------------------------------------------------------------------------- */

typedef struct wave {
    const pv_contest *contest;
    pv_contest_worker **workers; /* [threads] */
    pv_user_outcome *outcomes;   /* [USERS_PER_WAVE] */
    pv_status *statuses;         /* [USERS_PER_WAVE] */
    pv_error *errors;            /* [USERS_PER_WAVE] */
    int64_t n;
} wave;

static void run_customer(void *context, size_t number, unsigned thread)
{
    const wave *w = context;
    w->statuses[number] = pv_contest_run(&w->outcomes[number], w->contest, w->workers[thread], &w->errors[number]);
}

static pv_status wave_make(wave *w, const pv_contest *contest, unsigned n_threads, pv_arena *arena, pv_error *error)
{
    const size_t lists = (size_t)contest->contenders->n * PV_TASK_COUNT;
    *w = (wave){.contest = contest};
    w->workers = pv_arena_allocate(arena, n_threads, sizeof(pv_contest_worker *));
    w->outcomes = pv_arena_allocate(arena, USERS_PER_WAVE, sizeof *w->outcomes);
    w->statuses = pv_arena_allocate(arena, USERS_PER_WAVE, sizeof *w->statuses);
    w->errors = pv_arena_allocate(arena, USERS_PER_WAVE, sizeof *w->errors);
    if (!w->workers || !w->outcomes || !w->statuses || !w->errors) return pv_fail_memory(error, "customers", 0);
    for (int k = 0; k < USERS_PER_WAVE; k++) {
        w->outcomes[k].lists = pv_arena_allocate(arena, lists, sizeof *w->outcomes[k].lists);
        if (!w->outcomes[k].lists) return pv_fail_memory(error, "customers", 0);
    }
    for (unsigned t = 0; t < n_threads; t++) {
        const pv_status status = pv_contest_worker_create(&w->workers[t], contest, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

/* What a cut-off adds its outcomes to. */
typedef struct window_sums {
    pv_task_sums tasks[PV_TASK_COUNT];
    pv_exposure exposure;
    pv_reliability_sums predictions;
    pv_spend_thirds thirds;
} window_sums;

static pv_status take_outcome(pv_evaluation_run *r, window_sums *sums, const pv_contest *contest,
                              const pv_user_outcome *outcome, pv_error *error)
{
    pv_status status;
    const int64_t n = r->contenders.n;
    pv_reliability_add(&sums->predictions, &outcome->predictions);
    pv_reliability_add(&r->predictions, &outcome->predictions);
    if (outcome->tasks[PV_TASK_ALL].n_truth == 0) return PV_OK;
    pv_task_sums_add(sums->tasks, outcome, n, contest->is_absent);
    pv_task_sums_add(r->pooled, outcome, n, contest->is_absent);
    pv_exposure_add(&sums->exposure, outcome);
    PV_TRY(pv_score_table_add(&r->table, contest->truth->company[outcome->user], outcome, contest->is_absent, error));
    PV_TRY(pv_slices_add(r->slices, contest, &sums->thirds, outcome, error));
cleanup:
    return status;
}

/* Score the wave on all threads and take the outcomes in the order of the customers. */
static pv_status run_wave(pv_evaluation_run *r, wave *w, window_sums *sums, pv_error *error)
{
    pv_threads_run(r->threads, (size_t)w->n, run_customer, w);
    for (int64_t k = 0; k < w->n; k++) {
        if (w->statuses[k] != PV_OK) {
            if (error) *error = w->errors[k];
            return w->statuses[k];
        }
        const pv_status status = take_outcome(r, sums, w->contest, &w->outcomes[k], error);
        if (status != PV_OK) return status;
    }
    w->n = 0;
    return PV_OK;
}

static pv_status score_customers(pv_evaluation_run *r, window_sums *sums, const pv_contest *contest, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_truth *truth = contest->truth;
    const unsigned n_threads = pv_threads_count(r->threads);
    wave w = {0};
    pv_arena *arena = pv_arena_create();
    if (!arena) return pv_fail_memory(error, "customers", 0);
    PV_TRY(wave_make(&w, contest, n_threads, arena, error));
    PV_TRY(pv_evaluation_report_progress(r, "score", 0, (double)truth->n_users, error));
    for (int64_t u = 0; u < truth->n_users; u++) {
        const bool has_truth = truth->offsets[u + 1] > truth->offsets[u];
        if (has_truth || contest->is_predicting) w.outcomes[w.n++].user = u;
        if (w.n < USERS_PER_WAVE && u + 1 < truth->n_users) continue;
        PV_TRY(run_wave(r, &w, sums, error));
        PV_TRY(pv_evaluation_report_progress(r, "score", (double)(u + 1), (double)truth->n_users, error));
    }
cleanup:
    for (unsigned t = 0; w.workers && t < n_threads; t++) pv_contest_worker_free(w.workers[t]);
    pv_arena_free(arena);
    return status;
}

/* --- one cut-off ------------------------------------------------------------------------------------------------- */

static void describe_window(pv_window *window, const pv_shop *shop, const pv_truth *truth)
{
    window->users_known = shop->users.ids.n_warm;
    for (int64_t p = 0; p < shop->products.ids.n; p++) window->products_known += pv_product_was_known(shop, p);
    for (int64_t u = 0; u < truth->n_users; u++) window->users_scored += truth->offsets[u + 1] > truth->offsets[u];
    window->users_idle = window->users_known - window->users_scored;
    window->users_unknown = truth->users_unknown;
    window->products_unknown = truth->products_unknown;
    window->pairs = truth->offsets[truth->n_users];
    window->pairs_unknown = truth->pairs_unknown;
}

static pv_status judge_window(pv_evaluation_run *r, pv_window *window, const pv_contest *contest, pv_error *error)
{
    pv_status status;
    window_sums sums = {0};
    const int64_t n = r->contenders.n, first_row = r->table.n_rows;
    int64_t companies = 0;
    pv_arena *arena = pv_arena_create();
    if (!arena) return pv_fail_memory(error, "metrics", 0);
    PV_TRY(pv_task_sums_make(sums.tasks, n, arena, error));
    PV_TRY(pv_exposure_init(&sums.exposure, n, contest->ranker->shop.products.ids.n, error));
    PV_TRY(pv_spend_thirds_find(&sums.thirds, contest->truth, error));
    pv_part_time since = pv_part_begin();
    PV_TRY(score_customers(r, &sums, contest, error));
    PV_TRY(pv_task_sums_finish(window->tasks, sums.tasks, n, r->arena, error));
    window->reliability = pv_reliability_finish(&sums.predictions);
    pv_exposure_finish(window->tasks, &sums.exposure, window->products_known);
    pv_part_add(&r->evaluation->score_time, since);
    since = pv_part_begin();
    PV_TRY(pv_score_table_judge(window->tasks, &companies, &r->table, first_row, r->options->draws,
                                r->options->train.seed, r->threads, error));
    pv_part_add(&r->evaluation->bootstrap_time, since);
cleanup:
    pv_exposure_deinit(&sums.exposure);
    pv_arena_free(arena);
    return status;
}

static pv_status train_model(pv_evaluation_run *r, pv_trained **trained, pv_window *window, pv_error *error)
{
    char as_of[PV_TIMESTAMP_SIZE];
    pv_train_report report = {0};
    const pv_part_time since = pv_part_begin();
    pv_timestamp_print(as_of, window->cutoff);
    r->train.as_of = as_of;
    pv_error own;
    pv_error *told = error ? error : &own;
    pv_status status = pv_trained_create(trained, r->shop, &r->train, NULL, &report, told);
    if (status == PV_E_USAGE && strcmp(told->field, "/as_of") == 0) status = pv_fail_no_time(r->shop, error);
    pv_train_report_deinit(&report);
    pv_part_add(&r->evaluation->train_time, since);
    return status;
}

static pv_status read_truth(pv_evaluation_run *r, pv_truth **truth, const pv_window *window, const pv_shop *shop,
                            pv_error *error)
{
    const pv_part_time since = pv_part_begin();
    const pv_truth_reading reading = {.shop_path = r->shop,
                                      .shop = shop,
                                      .end = window->end,
                                      .negative_is_dislike = shop->negative_is_dislike,
                                      .options = &r->train,
                                      .threads = r->threads};
    pv_status status = pv_truth_read(truth, &reading, r->companies, &r->evaluation->read, error);
    pv_part_add(&r->evaluation->read_time, since);
    if (status != PV_OK) return status;
    memcpy(r->evaluation->data_hash, (*truth)->data_hash, sizeof r->evaluation->data_hash);
    r->evaluation->spend_basis = (*truth)->spend_basis;
    if ((*truth)->offsets[(*truth)->n_users] > 0) return PV_OK;
    char from[PV_TIMESTAMP_SIZE];
    pv_date_print(from, window->cutoff);
    return pv_fail_field(error, PV_E_INPUT, "/cutoff",
                         "the cut-off %s: no known customer bought a known product in the %d days after it", from,
                         (int)r->options->horizon_days);
}

pv_status pv_evaluation_run_window(pv_evaluation_run *r, pv_window *window, pv_error *error)
{
    pv_status status;
    pv_trained *trained = NULL;
    pv_truth *truth = NULL;
    pv_contest *contest = NULL;
    PV_TRY(train_model(r, &trained, window, error));
    const pv_shop *shop = &trained->ranker->shop;
    PV_TRY(read_truth(r, &truth, window, shop, error));
    describe_window(window, shop, truth);
    const pv_baseline_input input = {shop, trained->ranker, r->threads, r->options->train.seed};
    PV_TRY(pv_evaluation_report_progress(r, "baselines", 0, 0, error));
    const pv_part_time since = pv_part_begin();
    PV_TRY(note_absences(r, &input, error));
    if (r->contenders.n == 0) PV_TRY(choose_contenders(r, error));
    PV_TRY(pv_contest_create(&contest, &r->contenders, &input, truth, r->options->horizon_days, error));
    pv_part_add(&r->evaluation->baselines_time, since);
    PV_TRY(judge_window(r, window, contest, error));
cleanup:
    pv_contest_free(contest);
    pv_truth_free(truth);
    pv_trained_free(trained);
    return status;
}
