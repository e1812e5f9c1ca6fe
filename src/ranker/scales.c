/* scales.c - see scales.h. */
#include "ranker/scales.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "ranker/user_question.h"
#include <math.h>
#include <string.h>

enum { CUSTOMERS_MOST = 512, CUSTOMERS_FOR_POWER = 10 };
#define POWER_MOST 2.0
#define SMALLEST_SPREAD 1e-9
#define LOG2_E 1.4426950408889634

/* Sums over the products of one customer. */
typedef struct moments {
    double n, sum, squares;
} moments;

typedef struct measuring {
    const pv_ranker *ranker;
    int64_t n_customers;             /* measured */
    pv_asker *askers;                /* [threads] */
    moments (*phi)[PV_SIGNAL_COUNT]; /* [n_customers] */
    double *log_products;            /* [n_customers] log n_u */
    pv_status *status;               /* [n_customers] */
} measuring;

static void add_phi(moments *m, double phi)
{
    m->n++;
    m->sum += phi;
    m->squares += phi * phi;
}

/* Over products never bought. */
static moments moments_of_new(double *phi, const pv_user_question *asked, int signal)
{
    const pv_history *history = &asked->history;
    const int64_t n = asked->question.shop->products.ids.n_warm;
    moments m = {0};
    pv_signals[signal]->score(phi, asked->ranking.prepared[signal]);
    for (int64_t i = 0, k = 0; i < n; i++) {
        while (k < history->n_products && history->products[k] < i) k++;
        if (k == history->n_products || history->products[k] != i) add_phi(&m, phi[i]);
    }
    return m;
}

static moments moments_of_own(const pv_user_question *asked, int signal)
{
    moments m = {0};
    for (int64_t k = 0; k < asked->history.n_products; k++)
        add_phi(&m, pv_signals[signal]->score_one(asked->ranking.prepared[signal], asked->history.products[k]));
    return m;
}

static void measure_customer(void *context, size_t task, unsigned thread)
{
    measuring *m = context;
    const pv_shop *shop = &m->ranker->shop;
    const pv_asker *asker = &m->askers[thread];
    const int64_t user = (int64_t)task * shop->users.ids.n_warm / m->n_customers;
    const size_t n = (size_t)shop->products.ids.n;
    pv_user_question asked;
    pv_error error;
    pv_arena_reset(asker->arena);
    m->status[task] = pv_user_question_make(&asked, m->ranker, user, asker, &error);
    double *phi = pv_arena_allocate(asker->arena, n, sizeof *phi);
    if (m->status[task] == PV_OK && !phi) m->status[task] = PV_E_MEMORY;
    if (m->status[task] != PV_OK) return;
    m->log_products[task] = asked.history.n_products > 0 ? pv_log((double)asked.history.n_products) : 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!asked.ranking.is_prepared[s]) continue;
        memset(phi, 0, n * sizeof *phi);
        m->phi[task][s] = pv_signals[s]->score ? moments_of_new(phi, &asked, s) : moments_of_own(&asked, s);
    }
}

/* Standard deviation over all customers and products. */
static double deviation(const measuring *m, int signal)
{
    moments all = {0};
    for (int64_t u = 0; u < m->n_customers; u++) {
        all.n += m->phi[u][signal].n;
        all.sum += m->phi[u][signal].sum;
        all.squares += m->phi[u][signal].squares;
    }
    const double mean = all.n > 0 ? all.sum / all.n : 0;
    const double variance = all.n > 0 ? all.squares / all.n - mean * mean : 0;
    return variance > SMALLEST_SPREAD * all.squares ? sqrt(variance) : 0;
}

/* Least squares of the log of the root mean square on log n over the customers that have a phi. */
static void fit_growth(double *scale, double *power, const measuring *m, int signal)
{
    double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (int64_t u = 0; u < m->n_customers; u++) {
        const moments *phi = &m->phi[u][signal];
        if (!(phi->squares > 0)) continue;
        const double x = m->log_products[u], y = pv_log(phi->squares / phi->n) / 2;
        n++;
        sum_x += x;
        sum_y += y;
        sum_xx += x * x;
        sum_xy += x * y;
    }
    if (n == 0) return;
    const double spread = sum_xx - sum_x * sum_x / n;
    if (n >= (double)CUSTOMERS_FOR_POWER && spread > SMALLEST_SPREAD)
        *power = fmax(-POWER_MOST, fmin(POWER_MOST, (sum_xy - sum_x * sum_y / n) / spread));
    *scale = pv_exp2((sum_y - *power * sum_x) / n * LOG2_E);
}

static void fit_scale(double *scale, double *power, const measuring *m, int signal)
{
    *scale = 1;
    *power = 0;
    if (pv_signals[signal]->level == PV_LEVEL_HISTORY) {
        fit_growth(scale, power, m, signal);
        return;
    }
    const double spread = deviation(m, signal);
    if (spread > 0) *scale = spread;
}

static void measuring_deinit(measuring *m, unsigned n_threads)
{
    pv_askers_free(m->askers, n_threads);
    pv_release(m->phi);
    pv_release(m->log_products);
    pv_release(m->status);
}

static pv_status measuring_init(measuring *m, const pv_ranker *ranker, unsigned n_threads, pv_error *error)
{
    const int64_t n_warm = ranker->shop.users.ids.n_warm;
    *m = (measuring){.ranker = ranker, .n_customers = n_warm < CUSTOMERS_MOST ? n_warm : CUSTOMERS_MOST};
    const size_t n = (size_t)m->n_customers;
    m->phi = pv_allocate(n, sizeof *m->phi);
    m->log_products = pv_allocate(n, sizeof *m->log_products);
    m->status = pv_allocate(n, sizeof *m->status);
    if (!m->phi || !m->log_products || !m->status) return pv_fail_memory(error, "scales", n * sizeof *m->phi);
    return pv_askers_create(&m->askers, ranker, n_threads, error);
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
