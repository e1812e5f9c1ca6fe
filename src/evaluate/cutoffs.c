/* cutoffs.c - see cutoffs.h. */
#include "evaluate/cutoffs.h"

#include "base/failure.h"
#include "base/timestamp.h"
#include "shop/tables.h"
#include <stdlib.h>

pv_status pv_fail_no_time(const char *shop, pv_error *error)
{
    return pv_fail(error, PV_E_USAGE, "%.300s: the purchases have no time column, so nothing tells past from future",
                   shop);
}

static int compare_times(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static pv_status take_dates(pv_cutoffs *cutoffs, const pv_evaluate_options *options, pv_error *error)
{
    int64_t times[PV_CUTOFFS_MAX];
    if (options->n_dates > PV_CUTOFFS_MAX)
        return pv_fail_field(error, PV_E_USAGE, "/cutoff", "--cutoff: more than %d dates", PV_CUTOFFS_MAX);
    for (int64_t k = 0; k < options->n_dates; k++) {
        const char *text = options->dates[k];
        if (!pv_timestamp_parse(&times[k], pv_text_of(text)))
            return pv_fail_field(error, PV_E_USAGE, "/cutoff",
                                 "--cutoff: \"%.60s\" is no date (expected YYYY-MM-DD or ISO 8601)", text);
    }
    qsort(times, (size_t)options->n_dates, sizeof *times, compare_times);
    cutoffs->n = 0;
    for (int64_t k = 0; k < options->n_dates; k++)
        if (k == 0 || times[k] != times[k - 1]) cutoffs->at[cutoffs->n++] = times[k];
    return PV_OK;
}

void pv_cutoffs_roll(pv_cutoffs *cutoffs, int64_t first, int64_t last, const pv_evaluate_options *options)
{
    const int64_t day = PV_SECONDS_PER_DAY;
    const int64_t last_day = (last - PV_TIME_FIRST) / day; /* counted from a midnight before every time */
    const int64_t end = PV_TIME_FIRST + (last_day + 1) * day, horizon = options->horizon_days * day;
    int32_t n = 0;
    while (n < options->cutoffs && n < PV_CUTOFFS_MAX && end - 2 * horizon - n * options->step_days * day >= first) n++;
    cutoffs->n = n;
    for (int32_t k = 0; k < n; k++) cutoffs->at[n - 1 - k] = end - horizon - k * options->step_days * day;
}

static pv_status find_range(int64_t *first, int64_t *last, const char *shop, const pv_train_options *options,
                            pv_error *error)
{
    pv_status status;
    pv_tables *tables = NULL;
    pv_read_report report;
    const pv_read_options reading = {.as_of = PV_NO_TIME,
                                     .max_bad_rows = options->max_bad_rows,
                                     .progress = options->progress,
                                     .progress_context = options->progress_context,
                                     .threads = options->threads};
    PV_TRY(pv_tables_read(&tables, shop, &reading, &report, error));
    if (!tables->has_time) PV_TRY(pv_fail_no_time(shop, error));
    if (tables->purchases.n == 0) PV_TRY(pv_fail(error, PV_E_INPUT, "%.300s: no purchase", shop));
    *first = *last = tables->purchases.time[0];
    for (int64_t r = 1; r < tables->purchases.n; r++) {
        const int64_t time = tables->purchases.time[r];
        if (time < *first) *first = time;
        if (time > *last) *last = time;
    }
cleanup:
    pv_tables_free(tables);
    return status;
}

pv_status pv_cutoffs_choose(pv_cutoffs *cutoffs, const char *shop, const pv_evaluate_options *options, pv_error *error)
{
    if (options->n_dates > 0) return take_dates(cutoffs, options, error);
    int64_t first = 0, last = 0;
    const pv_status status = find_range(&first, &last, shop, &options->train, error);
    if (status != PV_OK) return status;
    pv_cutoffs_roll(cutoffs, first, last, options);
    if (cutoffs->n > 0) return PV_OK;
    char from[PV_TIMESTAMP_SIZE], to[PV_TIMESTAMP_SIZE];
    pv_date_print(from, first);
    pv_date_print(to, last);
    return pv_fail_field(error, PV_E_INPUT, "/horizon",
                         "the purchases from %s to %s are too short: one cut-off needs the horizon of %d days after it "
                         "and as many before it",
                         from, to, (int)options->horizon_days);
}
