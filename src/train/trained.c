/* trained.c - a shop as of a date to everything learned from it: read, weights, fit, signals. */
#include "train/trained.h"

#include "base/failure.h"
#include "base/threads.h"
#include "base/timestamp.h"
#include "events/event_supplement.h"
#include "ranker/scales.h"
#include "shop/shop.h"
#include "signals/signal.h"
#include "train/as_of.h"
#include "train/learned_weights.h"
#include "train/learning_window.h"
#include "train/option_rules.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- one training run -------------------------------------------------------------------------------------------- */

/* What a model is made from. */
typedef struct training_input {
    const char *shop;
    const pv_event_intake *intake; /* NULL: without events */
} training_input;

typedef struct run {
    const training_input *input;
    const pv_train_options *options;
    pv_train_report *report;
    pv_trained *trained;
    pv_shop shop; /* of trained->tensors */
    pv_learned_weights learned;
    pv_threads *threads;
    double part_seconds, part_cpu_seconds; /* clocks at the beginning of the current part */
} run;

static void begin_part(run *r)
{
    r->part_seconds = pv_clock_seconds();
    r->part_cpu_seconds = pv_clock_cpu_seconds();
}

static void end_part(run *r, pv_part_time *part)
{
    part->seconds = pv_clock_seconds() - r->part_seconds;
    part->cpu_seconds = pv_clock_cpu_seconds() - r->part_cpu_seconds;
}

static pv_status report_progress(const run *r, const char *stage, double done, double total, double loss,
                                 pv_error *error)
{
    if (!r->options->progress) return PV_OK;
    const pv_progress_state state = {stage, done, total, loss, pv_clock_seconds() - r->part_seconds};
    return r->options->progress(r->options->progress_context, &state) ? pv_fail(error, PV_E_INTERRUPTED, "interrupted")
                                                                      : PV_OK;
}

static pv_status decide_as_of(run *r, pv_error *error)
{
    const char *text = r->options->as_of;
    r->trained->as_of = PV_NO_TIME;
    r->trained->is_as_of_given = text && strcmp(text, "now") != 0;
    return text ? pv_as_of_parse(&r->trained->as_of, text, error) : PV_OK;
}

/* hkv with linear weights is implicit's objective, where a negative value dislikes. */
static bool negative_is_dislike(const pv_train_options *options)
{
    return options->loss == PV_LOSS_HKV && options->weighting == PV_WEIGHT_LINEAR;
}

static pv_status build_shop(run *r, pv_tables *tables, pv_error *error)
{
    pv_status status;
    pv_shop_build_report built = {0};
    pv_trained *trained = r->trained;
    if (!tables->has_time && r->options->as_of)
        PV_TRY(pv_fail_field(error, PV_E_USAGE, "/as_of", "as_of: the purchases have no time column"));
    if (tables->has_time && trained->as_of == PV_NO_TIME && tables->purchases.n > 0)
        trained->as_of = tables->last_time + 1;
    status = pv_shop_build(&trained->tensors, tables, trained->as_of, trained->is_as_of_given,
                           negative_is_dislike(r->options), r->threads, &built, error);
    if (status == PV_E_INPUT)
        status = pv_fail(error, PV_E_INPUT, "%s: %s", r->input->shop, error ? error->message : "no purchase");
    r->report->read.returns_unmatched = built.returns_unmatched;
    r->report->read.products_unlisted = built.products_unlisted;
    if (status == PV_OK) PV_TRY(pv_shop_bind(&r->shop, &trained->tensors, error));
    memcpy(trained->data_hash, tables->data_hash, sizeof trained->data_hash);
cleanup:
    return status;
}

static pv_status read_shop(run *r, const char *rejects_path, pv_error *error)
{
    pv_status status;
    pv_tables *tables = NULL;
    const pv_event_intake *intake = r->input->intake;
    const pv_event_supplement events =
        pv_event_supplement_of(intake, !r->trained->is_as_of_given, &r->report->events, &r->trained->events_taken);
    const pv_read_options reading = {.as_of = r->trained->as_of,
                                     .max_bad_rows = r->options->max_bad_rows,
                                     .keep_negative_count = negative_is_dislike(r->options),
                                     .rejects_path = rejects_path,
                                     .progress = r->options->progress,
                                     .progress_context = r->options->progress_context,
                                     .threads = pv_threads_count(r->threads),
                                     .supplement = intake ? &events.base : NULL};
    begin_part(r);
    PV_TRY(pv_tables_read(&tables, r->input->shop, &reading, &r->report->read, error));
    PV_TRY(build_shop(r, tables, error));
    r->report->users = r->shop.users.ids.n_warm;
    r->report->products = r->shop.products.ids.n_warm;
    r->report->purchases = r->shop.lines.n;
    r->report->pairs = pv_shop_count_pairs(&r->shop);
cleanup:
    end_part(r, &r->report->read_time);
    pv_tables_free(tables);
    return status;
}

/* --- signals ----------------------------------------------------------------------------------------------------- */

static int iteration_done(void *context, int32_t iteration, double loss, double seconds)
{
    run *r = context;
    if (r->report->n_iterations < r->options->iterations)
        r->report->iterations[r->report->n_iterations++] = (pv_iteration){loss, seconds};
    return report_progress(r, "fit", iteration, r->options->iterations, loss, NULL) != PV_OK;
}

static pv_fit_settings fit_settings(run *r)
{
    const pv_train_options *options = r->options;
    return (pv_fit_settings){.threads = r->threads,
                             .min_companies = options->min_companies,
                             .als = {.n_factors = options->factors,
                                     .iterations = options->iterations,
                                     .loss = options->loss,
                                     .regularization = options->regularization,
                                     .unobserved_weight = pv_train_unobserved_weight(options),
                                     .solver = options->solver,
                                     .user_side_regularization = options->user_side_regularization,
                                     .product_side_regularization = options->product_side_regularization,
                                     .seed = options->seed},
                             .alpha = options->alpha,
                             .half_life_days = options->half_life_days,
                             .weighting = options->weighting,
                             .iteration_done = iteration_done,
                             .context = r};
}

static pv_status fit_signals(run *r, pv_error *error)
{
    pv_status status = PV_OK;
    pv_tensors *tensors = &r->trained->tensors;
    const pv_fit_settings settings = fit_settings(r);
    begin_part(r);
    PV_TRY(report_progress(r, "fit", 0, r->options->iterations, (double)NAN, error));
    PV_TRY(pv_signals[PV_SIGNAL_ALS]->fit(tensors, &r->shop, &settings, error));
    end_part(r, &r->report->fit_time);
    begin_part(r);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        const bool is_always = s == PV_SIGNAL_POPULARITY; /* the popular list serves companies without purchases */
        if (s == PV_SIGNAL_ALS || !pv_signals[s]->fit || !(r->learned.weights.is_used[s] || is_always)) continue;
        PV_TRY(report_progress(r, "signals", s, PV_SIGNAL_COUNT, (double)NAN, error));
        PV_TRY(pv_signals[s]->fit(tensors, &r->shop, &settings, error));
    }
cleanup:
    end_part(r, &r->report->signals_time);
    return status;
}

/* Store the weights and bind everything; scales are measured unless they were learned with the weights. */
static pv_status make_ranker(run *r, pv_error *error)
{
    pv_status status;
    pv_trained *trained = r->trained;
    int64_t *min_companies = NULL;
    double *rebuy = NULL, *means = NULL;
    PV_TRY(pv_tensors_add(&min_companies, &trained->tensors, "weights.min_companies", PV_I64, 1, 0, error));
    *min_companies = r->options->min_companies;
    if (r->learned.weights.is_used[PV_SIGNAL_REBUY]) {
        PV_TRY(
            pv_tensors_add(&rebuy, &trained->tensors, "rebuy.coefficient", PV_F64, PV_REBUY_FEATURE_COUNT, 0, error));
        memcpy(rebuy, r->learned.rebuy, sizeof r->learned.rebuy);
        PV_TRY(pv_tensors_add(&means, &trained->tensors, "rebuy.mean", PV_F64, PV_REBUY_FEATURE_COUNT, 0, error));
        memcpy(means, r->learned.means, sizeof r->learned.means);
    }
    PV_TRY(pv_weights_put(&trained->tensors, &r->learned.weights, error));
    if (r->learned.scores)
        PV_TRY(pv_calibration_add(&trained->tensors, r->learned.scores, r->learned.horizon_days, error));
    PV_TRY(pv_ranker_create(&trained->ranker, &trained->tensors, error));
    if (r->learned.weights.is_learned) return PV_OK;
    PV_TRY(pv_scales_measure(&trained->ranker->weights, trained->ranker, r->threads, error));
    PV_TRY(pv_weights_put(&trained->tensors, &trained->ranker->weights, error));
cleanup:
    return status;
}

/* --- weights ----------------------------------------------------------------------------------------------------- */

#define DAY 86400
enum { WINDOWS_MOST = 4, HORIZONS_BEFORE = 3, LINES_FOR_MORE = 2000000 };

/* The windows to learn from, one before the other, the last one ending with the last purchase. */
typedef struct windows {
    int64_t begin[WINDOWS_MOST]; /* latest first */
    int32_t n;
    int64_t days;
} windows;

/* A window is 90 days, or a third of the time that there is. One is enough where a year looks like the next; a shop
 * that renews its catalogue once a year needs all of it: up to four, while three windows' time lies before each and the
 * shop is not large. *why says why there can be none. */
static windows choose_windows(const char **why, const run *r)
{
    const pv_lines *lines = &r->shop.lines;
    windows chosen = {.n = 0};
    *why = NULL;
    if (pv_weights_is_als_alone(&r->learned.weights)) *why = "the factor model alone is served as it is";
    if (!r->shop.has_time) *why = "the purchases have no time";
    if (*why) return chosen;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (int64_t l = 0; l < lines->n; l++) {
        if (lines->time[l] < first) first = lines->time[l];
        if (lines->time[l] > last) last = lines->time[l];
    }
    chosen.days = pv_learning_window_days(first, last);
    if (chosen.days == 0) *why = "the purchases span fewer than 21 days";
    const int32_t most = lines->n > LINES_FOR_MORE ? 1 : WINDOWS_MOST;
    do {
        chosen.begin[chosen.n] = last + 1 - (chosen.n + 1) * chosen.days * DAY;
        chosen.n++;
    } while (chosen.n < most && last + 1 - (chosen.n + 1 + HORIZONS_BEFORE) * chosen.days * DAY >= first);
    return chosen;
}

static pv_status train_as_of(pv_trained **out, const training_input *input, const pv_train_options *options,
                             const char *rejects_path, pv_train_report *report, bool learns, pv_error *error);

/* The progress of the earlier model is not shown, but its caller can stop it. */
typedef struct quiet_progress {
    const run *run;
} quiet_progress;

static int keep_on(void *context, const pv_progress_state *state)
{
    (void)state;
    const quiet_progress *quiet = context;
    return report_progress(quiet->run, "weights", 0, 0, (double)NAN, NULL) != PV_OK;
}

static pv_status learn_from_windows(run *r, const windows *chosen, pv_error *error)
{
    pv_status status = PV_OK;
    pv_trained *models[WINDOWS_MOST] = {NULL};
    char as_of[PV_TIMESTAMP_SIZE];
    quiet_progress quiet = {r};
    pv_train_options options = *r->options;
    options.as_of = as_of;
    options.progress = keep_on;
    options.progress_context = &quiet;
    for (int32_t w = 0; w < chosen->n; w++) {
        pv_train_report report = {0};
        pv_timestamp_print(as_of, chosen->begin[w]);
        status = train_as_of(&models[w], r->input, &options, NULL, &report, false, error);
        pv_train_report_deinit(&report);
        if (status != PV_OK) goto cleanup;
    }
    const pv_earlier earlier = {models, chosen->n, chosen->days};
    PV_TRY(pv_weights_learn(&r->learned, &r->trained->weights_report, &earlier, &r->shop, r->options->seed, r->threads,
                            error));
cleanup:
    for (int32_t w = 0; w < chosen->n; w++) pv_trained_free(models[w]);
    return status;
}

static pv_status learn_weights(run *r, pv_error *error)
{
    pv_status status;
    pv_weights_report *report = &r->trained->weights_report;
    const windows chosen = choose_windows(&report->why_documented, r);
    if (report->why_documented) return PV_OK;
    begin_part(r);
    status = learn_from_windows(r, &chosen, error);
    if (status == PV_E_INPUT) { /* no purchase before that date */
        report->why_documented = "no purchase is early enough";
        if (error) *error = (pv_error){.message = ""};
        status = PV_OK;
    }
    end_part(r, &r->report->weights_time);
    return status;
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

static pv_status train_as_of(pv_trained **out, const training_input *input, const pv_train_options *options,
                             const char *rejects_path, pv_train_report *report, bool learns, pv_error *error)
{
    pv_status status;
    run r = {.input = input, .options = options, .report = report};
    r.trained = pv_allocate(1, sizeof *r.trained);
    report->iterations = calloc((size_t)options->iterations + 1, sizeof *report->iterations);
    if (!r.trained || !report->iterations) PV_TRY(pv_fail_memory(error, "a training run", 0));
    PV_TRY(pv_weights_default(&r.learned.weights, options->signals, error));
    PV_TRY(decide_as_of(&r, error));
    PV_TRY(pv_threads_create(&r.threads, options->threads, error));
    PV_TRY(read_shop(&r, rejects_path, error));
    if (learns) PV_TRY(learn_weights(&r, error));
    PV_TRY(fit_signals(&r, error));
    PV_TRY(make_ranker(&r, error));
    *out = r.trained;
    r.trained = NULL;
cleanup:
    pv_trained_free(r.trained);
    pv_threads_free(r.threads);
    pv_release(r.learned.scores);
    return status;
}

pv_status pv_trained_create(pv_trained **out, const char *shop, const pv_train_options *options,
                            const char *rejects_path, pv_train_report *report, pv_error *error)
{
    pv_error own_error;
    pv_event_intake *intake = NULL;
    pv_status status = pv_train_options_check(options, error);
    if (status == PV_OK && options->events) status = pv_event_intake_read(&intake, options->events, error);
    if (status != PV_OK) return status;
    const training_input input = {shop, intake};
    status = train_as_of(out, &input, options, rejects_path, report, true, error ? error : &own_error);
    pv_event_intake_free(intake);
    return status;
}

void pv_trained_free(pv_trained *trained)
{
    if (!trained) return;
    pv_ranker_free(trained->ranker);
    pv_tensors_deinit(&trained->tensors);
    pv_release(trained);
}
