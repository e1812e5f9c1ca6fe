/* window_scores.c - see window_scores.h. */
#include "train/window_scores.h"

#include "base/failure.h"
#include "base/sorted.h"
#include "ranker/gates.h"
#include "ranker/user_question.h"

enum { CUSTOMERS_MOST = 1024 };

typedef struct scoring {
    const pv_ranker *ranker;
    const pv_window_purchases *window;
    int64_t n_customers;
    pv_asker *askers;         /* [threads] */
    pv_score_counts **counts; /* [threads]: whole numbers, so that it does not matter which thread counts what */
    pv_status *status;        /* [n_customers] */
} scoring;

static pv_status count_customer(pv_score_counts *counts, const scoring *s, int64_t user, unsigned thread,
                                pv_error *error)
{
    pv_status status;
    const pv_shop *shop = &s->ranker->shop;
    pv_arena *arena = s->askers[thread].arena;
    const pv_request plain = {.n = 1};
    const int64_t first = s->window->offsets[user], n_bought = s->window->offsets[user + 1] - first;
    int64_t filtered[PV_GATE_COUNT] = {0};
    pv_user_question asked;
    pv_gates gates;
    PV_TRY(pv_user_question_make(&asked, s->ranker, user, &s->askers[thread], error));
    PV_TRY(pv_ranking_score(&asked.ranking, error));
    PV_TRY(
        pv_gates_make(&gates, shop, &asked.history, shop->as_of, (int32_t)user, PV_MODE_MIXED, &plain, arena, error));
    int32_t *open = pv_arena_allocate(arena, (size_t)shop->products.ids.n, sizeof *open);
    if (!open) PV_TRY(pv_fail_memory(error, "probabilities", 0));
    const int64_t n = pv_gates_collect(open, filtered, &gates);
    for (int64_t k = 0; k < n; k++)
        pv_score_counts_add(counts, asked.ranking.scores[open[k]],
                            pv_sorted_find(s->window->products + first, n_bought, open[k]) >= 0);
cleanup:
    return status;
}

static void count_task(void *context, size_t task, unsigned thread)
{
    scoring *s = context;
    pv_error error;
    pv_arena_reset(s->askers[thread].arena);
    const int64_t user = (int64_t)task * s->window->n_users / s->n_customers;
    s->status[task] = count_customer(s->counts[thread], s, user, thread, &error);
}

static void deinit(scoring *s, unsigned n_threads)
{
    for (unsigned t = 0; t < n_threads; t++) {
        if (s->counts) pv_release(s->counts[t]);
    }
    pv_askers_free(s->askers, n_threads);
    pv_release(s->counts);
    pv_release(s->status);
}

pv_status pv_window_scores_count(pv_score_counts **out, const pv_ranker *earlier, const pv_window_purchases *window,
                                 pv_threads *threads, pv_error *error)
{
    pv_status status = PV_OK;
    const unsigned n_threads = pv_threads_count(threads);
    scoring s = {.ranker = earlier, .window = window};
    s.n_customers = window->n_users < CUSTOMERS_MOST ? window->n_users : CUSTOMERS_MOST;
    s.counts = pv_allocate(n_threads, sizeof *s.counts);
    s.status = pv_allocate((size_t)s.n_customers, sizeof *s.status);
    if (!s.counts || !s.status) PV_TRY(pv_fail_memory(error, "probabilities", 0));
    for (unsigned t = 0; t < n_threads; t++) {
        s.counts[t] = pv_allocate(1, sizeof **s.counts);
        if (!s.counts[t]) PV_TRY(pv_fail_memory(error, "probabilities", 0));
    }
    PV_TRY(pv_askers_create(&s.askers, earlier, n_threads, error));
    pv_threads_run(threads, (size_t)s.n_customers, count_task, &s);
    for (int64_t k = 0; k < s.n_customers; k++)
        if (s.status[k] != PV_OK) PV_TRY(pv_fail_memory(error, "probabilities", 0));
    for (unsigned t = 1; t < n_threads; t++) {
        for (int bin = 0; bin < PV_SCORE_BINS; bin++) {
            s.counts[0]->shown[bin] += s.counts[t]->shown[bin];
            s.counts[0]->bought[bin] += s.counts[t]->bought[bin];
        }
    }
    *out = s.counts[0];
    s.counts[0] = NULL;
cleanup:
    deinit(&s, n_threads);
    return status;
}
