/* tuning_windows.c - see tuning_windows.h. */
#include "tune/tuning_windows.h"

#include "base/failure.h"
#include "evaluate/cutoffs.h"
#include "shop/tables.h"
#include "train/learning_window.h"
#include <string.h>

/* Half of the time before a test window that begins at a given date. */
static int32_t half_before(int64_t first, int64_t test_begin)
{
    const int64_t half = (test_begin - first) / PV_SECONDS_PER_DAY / 2;
    return pv_learning_window_days(0, 3 * half * PV_SECONDS_PER_DAY);
}

void pv_tuning_windows_plan(pv_tuning_windows *windows, int64_t first, int64_t last, int64_t test_begin)
{
    const bool is_given = test_begin != PV_NO_TIME;
    const int32_t days = is_given ? half_before(first, test_begin) : pv_learning_window_days(first, last);
    const int64_t horizon = (int64_t)days * PV_SECONDS_PER_DAY;
    *windows = (pv_tuning_windows){
        .horizon_days = days, .test_begin = is_given ? test_begin : last + 1 - horizon, .test_end = last + 1};
    if (windows->test_end < windows->test_begin) windows->test_end = windows->test_begin;
    for (int k = 0; days > 0 && k < PV_TUNE_WINDOWS_MAX; k++) {
        const int64_t cutoff = windows->test_begin - horizon - k * horizon / 3;
        if (k > 0 && cutoff - horizon < first) break;
        windows->cutoffs[windows->n++] = cutoff;
    }
}

static bool is_purchase(const pv_purchase_row *row)
{
    return !row->cancelled && !(row->quantity < 0) && !(row->purchase_count < 0);
}

/* Of the purchases; false when there is none. */
static bool find_range(int64_t *first, int64_t *last, const pv_tables *tables)
{
    *first = INT64_MAX;
    *last = INT64_MIN;
    for (int64_t r = 0; r < tables->purchases.n; r++) {
        const pv_purchase_row row = pv_purchase_table_row(&tables->purchases, r);
        if (!is_purchase(&row)) continue;
        if (row.time < *first) *first = row.time;
        if (row.time > *last) *last = row.time;
    }
    return *first <= *last;
}

static pv_status parse_test_begin(int64_t *test_begin, const char *text, pv_error *error)
{
    *test_begin = PV_NO_TIME;
    if (!text || pv_timestamp_parse(test_begin, pv_text_of(text))) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, "/test_begin",
                         "--test-begin: \"%.60s\" is no date (expected YYYY-MM-DD or ISO 8601)", text);
}

pv_status pv_tuning_windows_find(pv_tuning_windows *windows, char *data_hash, const char *shop,
                                 const pv_tune_options *options, pv_read_report *report, pv_error *error)
{
    pv_status status;
    pv_tables *tables = NULL;
    int64_t first, last, test_begin;
    const pv_train_options *train = &options->train;
    const pv_read_options reading = {.as_of = PV_NO_TIME,
                                     .max_bad_rows = train->max_bad_rows,
                                     .progress = train->progress,
                                     .progress_context = train->progress_context,
                                     .threads = train->threads};
    PV_TRY(parse_test_begin(&test_begin, options->test_begin, error));
    PV_TRY(pv_tables_read(&tables, shop, &reading, report, error));
    if (!tables->has_time) PV_TRY(pv_fail_no_time(shop, error));
    if (!find_range(&first, &last, tables)) PV_TRY(pv_fail(error, PV_E_INPUT, "%.300s: no purchase", shop));
    pv_tuning_windows_plan(windows, first, last, test_begin);
    if (windows->n == 0)
        PV_TRY(pv_fail(error, PV_E_INPUT,
                       "%.300s: the purchases span too few days to learn from, to judge by and to keep a test window "
                       "apart (21, or 14 before --test-begin)",
                       shop));
    memcpy(data_hash, tables->data_hash, sizeof tables->data_hash);
cleanup:
    pv_tables_free(tables);
    return status;
}
