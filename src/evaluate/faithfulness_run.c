/* faithfulness_run.c - sampled customers on all threads, their counts taken in the order of the customers. */
#include "evaluate/faithfulness_run.h"

#include "base/failure.h"
#include "evaluate/faithfulness_verdicts.h"

enum { CUSTOMERS_PER_WAVE = 32 }; /* whose counts are held at once; between two waves a run can be stopped */

typedef struct wave {
    pv_sampled_customer **workers; /* [threads] */
    unsigned n_workers;
    int64_t first, n_sampled, n_users;
    pv_faithfulness_tally tallies[CUSTOMERS_PER_WAVE];
    pv_status statuses[CUSTOMERS_PER_WAVE];
    pv_error errors[CUSTOMERS_PER_WAVE];
} wave;

static void measure_customer(void *context, size_t task, unsigned thread)
{
    wave *w = context;
    pv_sampled_customer *customer = w->workers[thread];
    const int64_t user = (w->first + (int64_t)task) * w->n_users / w->n_sampled;
    w->statuses[task] = pv_sampled_customer_measure(customer, user, &w->errors[task]);
    w->tallies[task] = customer->tally;
}

static pv_status run_wave(pv_faithfulness_sums *sums, wave *w, int64_t n, pv_threads *threads, pv_error *error)
{
    pv_threads_run(threads, (size_t)n, measure_customer, w);
    for (int64_t k = 0; k < n; k++) {
        if (w->statuses[k] != PV_OK) {
            if (error) *error = w->errors[k];
            return w->statuses[k];
        }
        pv_faithfulness_sums_add(sums, &w->tallies[k]);
    }
    return PV_OK;
}

static pv_status run_waves(pv_faithfulness_sums *sums, wave *w, pv_threads *threads, pv_customers_done *done,
                           void *context, pv_error *error)
{
    pv_status status = PV_OK;
    for (w->first = 0; w->first < w->n_sampled; w->first += CUSTOMERS_PER_WAVE) {
        const int64_t left = w->n_sampled - w->first;
        if (done) PV_TRY(done(context, w->first, w->n_sampled, error));
        PV_TRY(run_wave(sums, w, left < CUSTOMERS_PER_WAVE ? left : CUSTOMERS_PER_WAVE, threads, error));
    }
    if (done) PV_TRY(done(context, w->n_sampled, w->n_sampled, error));
cleanup:
    return status;
}

static pv_status wave_create(wave **out, const pv_faithfulness_study *study, unsigned n_threads, pv_error *error)
{
    const int64_t n_users = study->served->shop.users.ids.n_warm;
    wave *w = pv_allocate(1, sizeof *w);
    if (!w) return pv_fail_memory(error, "customers", sizeof *w);
    *out = w;
    w->n_users = n_users;
    w->n_sampled = n_users < study->settings.customers ? n_users : study->settings.customers;
    w->workers = pv_allocate(n_threads, sizeof *w->workers);
    if (!w->workers) return pv_fail_memory(error, "customers", 0);
    for (; w->n_workers < n_threads; w->n_workers++) {
        const pv_status status = pv_sampled_customer_create(&w->workers[w->n_workers], study, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static void wave_free(wave *w)
{
    if (!w) return;
    for (unsigned t = 0; t < w->n_workers; t++) pv_sampled_customer_free(w->workers[t]);
    pv_release(w->workers);
    pv_release(w);
}

pv_status pv_faithfulness_run(pv_faithfulness *faithfulness, const pv_faithfulness_study *study, pv_threads *threads,
                              pv_customers_done *done, void *context, pv_error *error)
{
    pv_status status;
    const pv_faithfulness_settings *settings = &study->settings;
    pv_faithfulness_sums sums = {0};
    wave *w = NULL;
    PV_TRY(wave_create(&w, study, pv_threads_count(threads), error));
    sums.coverage = pv_allocate((size_t)w->n_sampled, (size_t)settings->n * sizeof *sums.coverage);
    PV_TRY(pv_check_memory(sums.coverage != NULL, "customers", error));
    PV_TRY(run_waves(&sums, w, threads, done, context, error));
    faithfulness->n = settings->n;
    faithfulness->purchases = settings->purchases;
    faithfulness->set_size = settings->set_size;
    faithfulness->min_companies = study->served->min_companies;
    faithfulness->customers = w->n_sampled;
    pv_faithfulness_conclude(faithfulness, &sums);
cleanup:
    wave_free(w);
    pv_release(sums.coverage);
    return status;
}
