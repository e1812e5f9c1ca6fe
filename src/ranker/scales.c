/* scales.c - see scales.h. */
#include "ranker/scales.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "ranker/user_question.h"
#include "signals/als_signal.h"
#include <math.h>
#include <string.h>

enum { CUSTOMERS_MOST = 512, CUSTOMERS_FOR_POWER = 10 };
#define POWER_MOST 2.0

typedef struct thread_scratch {
    pv_arena *arena;
    pv_als_rows rows;
} thread_scratch;

typedef struct measuring {
    const pv_ranker *ranker;
    int64_t n_customers;             /* measured */
    thread_scratch *scratch;         /* [threads] */
    double (*size)[PV_SIGNAL_COUNT]; /* [n_customers] root mean square of phi, 0: none */
    double *log_products;            /* [n_customers] log n_u */
    pv_status *status;               /* [n_customers] */
} measuring;

static double root_mean_square(double sum, int64_t n)
{
    return n > 0 ? sqrt(sum / (double)n) : 0;
}

/* Over products never bought. */
static double size_of_new(double *phi, const pv_user_question *asked, int signal)
{
    const pv_history *history = &asked->history;
    const int64_t n = asked->question.shop->products.ids.n_warm;
    double sum = 0;
    pv_signals[signal]->score(phi, asked->ranking.prepared[signal]);
    for (int64_t k = 0; k < history->n_products; k++) phi[history->products[k]] = 0;
    for (int64_t i = 0; i < n; i++) sum += phi[i] * phi[i];
    return root_mean_square(sum, n - history->n_products);
}

static double size_of_own(const pv_user_question *asked, int signal)
{
    const pv_history *history = &asked->history;
    double sum = 0;
    for (int64_t k = 0; k < history->n_products; k++) {
        const double phi = pv_signals[signal]->score_one(asked->ranking.prepared[signal], history->products[k]);
        sum += phi * phi;
    }
    return root_mean_square(sum, history->n_products);
}

static void measure_customer(void *context, size_t task, unsigned thread)
{
    measuring *m = context;
    const pv_shop *shop = &m->ranker->shop;
    thread_scratch *scratch = &m->scratch[thread];
    const int64_t user = (int64_t)task * shop->users.ids.n_warm / m->n_customers;
    const size_t n = (size_t)shop->products.ids.n;
    pv_user_question asked;
    pv_error error;
    pv_arena_reset(scratch->arena);
    m->status[task] = pv_user_question_make(&asked, m->ranker, user, &scratch->rows, scratch->arena, &error);
    double *phi = pv_arena_allocate(scratch->arena, n, sizeof *phi);
    if (m->status[task] == PV_OK && !phi) m->status[task] = PV_E_MEMORY;
    if (m->status[task] != PV_OK) return;
    m->log_products[task] = asked.history.n_products > 0 ? pv_log((double)asked.history.n_products) : 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!asked.ranking.is_prepared[s]) continue;
        memset(phi, 0, n * sizeof *phi);
        m->size[task][s] = pv_signals[s]->score ? size_of_new(phi, &asked, s) : size_of_own(&asked, s);
    }
}

/* Least squares of log size on log n over the customers that have a size. */
static void fit_scale(double *scale, double *power, const measuring *m, int signal)
{
    double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (int64_t u = 0; u < m->n_customers; u++) {
        if (!(m->size[u][signal] > 0)) continue;
        const double x = m->log_products[u], y = pv_log(m->size[u][signal]);
        n++;
        sum_x += x;
        sum_y += y;
        sum_xx += x * x;
        sum_xy += x * y;
    }
    *scale = 1;
    *power = 0;
    if (n == 0) return;
    const double spread = sum_xx - sum_x * sum_x / n;
    if (n >= CUSTOMERS_FOR_POWER && spread > 1e-9 && pv_signals[signal]->level == PV_LEVEL_HISTORY &&
        pv_signals[signal]->score)
        *power = fmax(-POWER_MOST, fmin(POWER_MOST, (sum_xy - sum_x * sum_y / n) / spread));
    *scale = pv_exp2((sum_y - *power * sum_x) / n * 1.4426950408889634);
}

static void measuring_deinit(measuring *m, unsigned n_threads)
{
    for (unsigned t = 0; m->scratch && t < n_threads; t++) {
        pv_als_rows_free(&m->scratch[t].rows);
        pv_arena_free(m->scratch[t].arena);
    }
    pv_release(m->scratch);
    pv_release(m->size);
    pv_release(m->log_products);
    pv_release(m->status);
}

static pv_status measuring_init(measuring *m, const pv_ranker *ranker, unsigned n_threads, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_als_bound *als = ranker->bound[PV_SIGNAL_ALS];
    const int64_t n_warm = ranker->shop.users.ids.n_warm;
    *m = (measuring){.ranker = ranker, .n_customers = n_warm < CUSTOMERS_MOST ? n_warm : CUSTOMERS_MOST};
    const size_t n = (size_t)m->n_customers;
    m->scratch = pv_allocate(n_threads, sizeof *m->scratch);
    m->size = pv_allocate(n, sizeof *m->size);
    m->log_products = pv_allocate(n, sizeof *m->log_products);
    m->status = pv_allocate(n, sizeof *m->status);
    if (!m->scratch || !m->size || !m->log_products || !m->status)
        PV_TRY(pv_fail_memory(error, "scales", n * sizeof *m->size));
    for (unsigned t = 0; t < n_threads; t++) {
        if (!(m->scratch[t].arena = pv_arena_create())) PV_TRY(pv_fail_memory(error, "scales", 0));
        PV_TRY(pv_als_rows_create(&m->scratch[t].rows, als, error));
    }
cleanup:
    return status;
}

pv_status pv_scales_measure(pv_weights *weights, const pv_ranker *ranker, pv_threads *threads, pv_error *error)
{
    pv_status status;
    measuring m = {0};
    const unsigned n_threads = pv_threads_count(threads);
    if (pv_weights_is_als_alone(weights)) return PV_OK;
    PV_TRY(measuring_init(&m, ranker, n_threads, error));
    pv_threads_run(threads, (size_t)m.n_customers, measure_customer, &m);
    for (int64_t u = 0; u < m.n_customers; u++)
        if (m.status[u] != PV_OK) PV_TRY(pv_fail_memory(error, "scales", 0));
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (weights->is_used[s]) fit_scale(&weights->scale[s], &weights->power[s], &m, s);
cleanup:
    measuring_deinit(&m, n_threads);
    return status;
}
