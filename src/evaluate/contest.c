/* contest.c - see contest.h. */
#include "evaluate/contest.h"

#include "base/failure.h"
#include "base/sorted.h"
#include "ranker/gates.h"
#include "ranker/user_question.h"
#include "reasons/reasons.h"
#include "signals/als_signal.h"
#include "topk/topk.h"
#include <math.h>
#include <stdlib.h>

/* --- the contenders of a cut-off --------------------------------------------------------------------------------- */

static void mark_recent(bool *is_recent, const pv_shop *shop)
{
    const int64_t since = shop->as_of - (int64_t)PV_RECENT_DAYS * PV_SECONDS_PER_DAY;
    for (int64_t p = 0; p < shop->products.ids.n_warm; p++) is_recent[p] = shop->products.first_sold[p] >= since;
}

static pv_status create_states(pv_contest *contest, const pv_baseline_input *input, pv_error *error)
{
    for (int64_t c = 1; c < contest->contenders->n; c++) {
        const pv_baseline *baseline = contest->contenders->baselines[c];
        contest->is_absent[c] = baseline->absent && baseline->absent(input) != NULL;
        if (contest->is_absent[c]) continue;
        const pv_status status = baseline->create(&contest->states[c], input, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

pv_status pv_contest_create(pv_contest **out, const pv_contenders *contenders, const pv_baseline_input *input,
                            const pv_truth *truth, int32_t horizon_days, pv_error *error)
{
    pv_status status;
    const size_t n = (size_t)contenders->n, n_products = (size_t)input->shop->products.ids.n;
    pv_contest *contest = calloc(1, sizeof *contest);
    if (!contest) return pv_fail_memory(error, "the contenders", sizeof *contest);
    const pv_calibration *calibration = &input->ranker->calibration;
    *contest = (pv_contest){.contenders = contenders,
                            .ranker = input->ranker,
                            .truth = truth,
                            .is_predicting = calibration->n_knots > 0 && calibration->horizon_days == horizon_days};
    contest->arena = pv_arena_create();
    PV_TRY(pv_check_memory(contest->arena != NULL, "the contenders", error));
    contest->states = pv_arena_allocate(contest->arena, n, sizeof *contest->states);
    contest->is_absent = pv_arena_allocate(contest->arena, n, sizeof *contest->is_absent);
    contest->novelty = pv_arena_allocate(contest->arena, n_products, sizeof *contest->novelty);
    contest->is_recent = pv_arena_allocate(contest->arena, n_products, sizeof *contest->is_recent);
    const bool is_whole = contest->states && contest->is_absent && contest->novelty && contest->is_recent;
    PV_TRY(pv_check_memory(is_whole, "the contenders", error));
    pv_novelty_fill(contest->novelty, input->shop);
    mark_recent(contest->is_recent, input->shop);
    PV_TRY(create_states(contest, input, error));
    *out = contest;
    contest = NULL;
cleanup:
    pv_contest_free(contest);
    return status;
}

void pv_contest_free(pv_contest *contest)
{
    if (!contest) return;
    for (int64_t c = 1; contest->states && c < contest->contenders->n; c++)
        contest->contenders->baselines[c]->free(contest->states[c]);
    pv_arena_free(contest->arena);
    free(contest);
}

/* --- one customer ------------------------------------------------------------------------------------------------ */

/* What one task ranks and what it looks for. */
typedef struct task_question {
    int32_t *candidates; /* [n_candidates], rising */
    int64_t n_candidates;
    pv_truth_set truth;
    pv_truth_set recent; /* those of the truth that are recent products */
} task_question;

struct pv_contest_worker {
    const pv_contest *contest;
    pv_asker *asker; /* its arena holds the customer at hand */
    pv_user_question asked;
    double *scores; /* [n products] of one contender */
    pv_category_mix mix;
    task_question tasks[PV_TASK_COUNT];
};

pv_status pv_contest_worker_create(pv_contest_worker **out, const pv_contest *contest, pv_error *error)
{
    pv_status status;
    pv_contest_worker *worker = calloc(1, sizeof *worker);
    if (!worker) return pv_fail_memory(error, "a customer's lists", sizeof *worker);
    worker->contest = contest;
    PV_TRY(pv_askers_create(&worker->asker, contest->ranker, 1, error));
    *out = worker;
    worker = NULL;
cleanup:
    pv_contest_worker_free(worker);
    return status;
}

void pv_contest_worker_free(pv_contest_worker *worker)
{
    if (!worker) return;
    pv_askers_free(worker->asker, 1);
    free(worker);
}

static bool was_bought(const pv_contest_worker *worker, int32_t product)
{
    return pv_history_find(&worker->asked.history, product) >= 0;
}

/* Products that may be shown, and those of them that were bought before or not. */
static pv_status collect_candidates(pv_contest_worker *worker, int64_t user, pv_error *error)
{
    pv_status status;
    const pv_shop *shop = &worker->contest->ranker->shop;
    const pv_request request = {0};
    int64_t filtered[PV_GATE_COUNT] = {0};
    pv_gates gates;
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        worker->tasks[t] = (task_question){0};
        int32_t **candidates = &worker->tasks[t].candidates;
        *candidates = pv_arena_allocate(worker->asker->arena, (size_t)shop->products.ids.n, sizeof **candidates);
        if (!*candidates) return pv_fail_memory(error, "candidates", (uint64_t)shop->products.ids.n);
    }
    PV_TRY(pv_gates_make(&gates, shop, &worker->asked.history, shop->as_of, (int32_t)user, PV_MODE_MIXED, &request,
                         worker->asker->arena, error));
    task_question *all = &worker->tasks[PV_TASK_ALL];
    all->n_candidates = pv_gates_collect(all->candidates, filtered, &gates);
    for (int64_t k = 0; k < all->n_candidates; k++) {
        const int32_t product = all->candidates[k];
        task_question *kind = &worker->tasks[was_bought(worker, product) ? PV_TASK_REPEAT : PV_TASK_NEW];
        kind->candidates[kind->n_candidates++] = product;
    }
cleanup:
    return status;
}

/* Copy those of `from` that `keeps` says yes to. */
static pv_status filter_truth(pv_truth_set *out, const pv_truth_set *from, const pv_contest_worker *worker,
                              bool (*keeps)(const pv_contest_worker *, int32_t), pv_error *error)
{
    int32_t *products = pv_arena_allocate(worker->asker->arena, (size_t)from->n, sizeof *products);
    double *spend = pv_arena_allocate(worker->asker->arena, (size_t)from->n, sizeof *spend);
    if (!products || !spend) return pv_fail_memory(error, "a customer's purchases", (uint64_t)from->n);
    int64_t n = 0;
    for (int64_t k = 0; k < from->n; k++) {
        if (!keeps(worker, from->products[k])) continue;
        products[n] = from->products[k];
        spend[n++] = from->spend[k];
    }
    *out = (pv_truth_set){n, products, spend};
    return PV_OK;
}

static bool was_not_bought(const pv_contest_worker *worker, int32_t product)
{
    return !was_bought(worker, product);
}

static bool is_recent(const pv_contest_worker *worker, int32_t product)
{
    return worker->contest->is_recent[product];
}

static pv_status divide_truth(pv_contest_worker *worker, int64_t user, pv_error *error)
{
    pv_status status;
    const pv_truth *truth = worker->contest->truth;
    const int64_t first = truth->offsets[user];
    const pv_truth_set all = {truth->offsets[user + 1] - first, truth->products + first, truth->spend + first};
    task_question *tasks = worker->tasks;
    tasks[PV_TASK_ALL].truth = all;
    PV_TRY(filter_truth(&tasks[PV_TASK_REPEAT].truth, &all, worker, was_bought, error));
    PV_TRY(filter_truth(&tasks[PV_TASK_NEW].truth, &all, worker, was_not_bought, error));
    for (int t = 0; t < PV_TASK_COUNT; t++)
        PV_TRY(filter_truth(&tasks[t].recent, &tasks[t].truth, worker, is_recent, error));
cleanup:
    return status;
}

static pv_task_outcome count_truth(const pv_contest_worker *worker, const task_question *task)
{
    pv_task_outcome counts = {.n_truth = task->truth.n, .n_recent = task->recent.n};
    for (int64_t k = 0; k < task->truth.n; k++) {
        const int32_t product = task->truth.products[k];
        counts.n_reachable += pv_sorted_find(task->candidates, task->n_candidates, product) >= 0;
        counts.n_repeat += was_bought(worker, product);
    }
    return counts;
}

static pv_status score_contender(const double **scores, pv_contest_worker *worker, int64_t contender, int64_t user,
                                 pv_error *error)
{
    const pv_contest *contest = worker->contest;
    if (contender == 0) {
        const pv_status status = pv_ranking_score(&worker->asked.ranking, error);
        *scores = worker->asked.ranking.scores;
        return status;
    }
    *scores = worker->scores;
    return contest->contenders->baselines[contender]->score(worker->scores, contest->states[contender], user,
                                                            &worker->asked.history, worker->asker->arena, error);
}

/* The best products; one place more is chosen so that the last knows whether it is tied. */
static void rank(pv_ranked_list *list, const double *scores, const task_question *task, const pv_shop *shop)
{
    int32_t best[PV_LENGTH_LONGEST + 1];
    const int64_t n = pv_topk_select(best, PV_LENGTH_LONGEST + 1, scores, task->candidates, task->n_candidates,
                                     pv_product_order, shop);
    *list = (pv_ranked_list){.n = (int32_t)(n < PV_LENGTH_LONGEST ? n : PV_LENGTH_LONGEST)};
    for (int32_t k = 0; k < list->n; k++) {
        list->products[k] = best[k];
        list->is_tied[k] = k + 1 < n && scores[best[k]] == scores[best[k + 1]];
    }
}

static void judge_lists(pv_user_outcome *outcome, const pv_contest_worker *worker, int64_t contender,
                        const double *scores)
{
    const pv_contest *contest = worker->contest;
    const pv_list_judge judge = {&contest->ranker->shop, &worker->asked.history, &worker->mix, contest->novelty};
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const task_question *task = &worker->tasks[t];
        pv_list_outcome *made = &outcome->lists[t * contest->contenders->n + contender];
        if (task->truth.n == 0) continue;
        rank(&made->list, scores, task, judge.shop);
        pv_list_measure(made->metrics, &made->list, &task->truth, &judge);
        if (task->recent.n > 0) pv_list_headlines(made->recent, &made->list, &task->recent);
    }
}

static void predict(pv_predictions *predictions, const pv_contest_worker *worker, const double *scores)
{
    const task_question *all = &worker->tasks[PV_TASK_ALL];
    const pv_ranker *ranker = worker->contest->ranker;
    pv_ranked_list list;
    rank(&list, scores, all, &ranker->shop);
    predictions->n = list.n;
    for (int32_t k = 0; k < list.n; k++) {
        const int32_t product = list.products[k];
        predictions->probability[k] = pv_calibration_probability(&ranker->calibration, scores[product]);
        predictions->is_bought[k] = pv_sorted_find(all->truth.products, all->truth.n, product) >= 0;
    }
}

/* Everybody's lists; of a customer without a truth purvey's predictions alone. */
static pv_status run_contenders(pv_user_outcome *outcome, pv_contest_worker *worker, pv_error *error)
{
    const pv_contest *contest = worker->contest;
    const bool is_idle = outcome->tasks[PV_TASK_ALL].n_truth == 0;
    for (int64_t c = 0; c < (is_idle ? 1 : contest->contenders->n); c++) {
        const double *scores = NULL;
        if (contest->is_absent[c]) continue;
        const pv_status status = score_contender(&scores, worker, c, outcome->user, error);
        if (status != PV_OK) return status;
        judge_lists(outcome, worker, c, scores);
        if (c == 0 && contest->is_predicting) predict(&outcome->predictions, worker, scores);
    }
    return PV_OK;
}

pv_status pv_contest_run(pv_user_outcome *outcome, const pv_contest *contest, pv_contest_worker *worker,
                         pv_error *error)
{
    pv_status status;
    const int64_t user = outcome->user;
    const pv_shop *shop = &contest->ranker->shop;
    pv_arena_reset(worker->asker->arena);
    PV_TRY(pv_user_question_make(&worker->asked, contest->ranker, user, worker->asker, error));
    outcome->n_orders = (int64_t)worker->asked.history.n_orders;
    PV_TRY(collect_candidates(worker, user, error));
    PV_TRY(divide_truth(worker, user, error));
    PV_TRY(pv_category_mix_make(&worker->mix, shop, &worker->asked.history, worker->asker->arena, error));
    worker->scores = pv_arena_allocate(worker->asker->arena, (size_t)shop->products.ids.n, sizeof *worker->scores);
    PV_TRY(pv_check_memory(worker->scores != NULL, "scores", error));
    for (int t = 0; t < PV_TASK_COUNT; t++) outcome->tasks[t] = count_truth(worker, &worker->tasks[t]);
    outcome->predictions.n = 0;
    PV_TRY(run_contenders(outcome, worker, error));
cleanup:
    return status;
}
