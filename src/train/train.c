/* train.c - a shop as of a date to a model file: read, fit, signals, write. */
#include <purvey/train.h>

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/threads.h"
#include "base/timestamp.h"
#include "model/model.h"
#include "ranker/weights.h"
#include "shop/shop.h"
#include "shop/tables.h"
#include "signals/signal.h"
#include "train/as_of.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED_DEFAULT 42

void pv_train_options_init(pv_train_options *options)
{
    *options = (pv_train_options){.factors = 64,
                                  .iterations = 15,
                                  .loss = PV_LOSS_IALSPP,
                                  .regularization = 0.01,
                                  .unobserved_weight = (double)NAN,
                                  .alpha = 1.0,
                                  .weighting = PV_WEIGHT_LOG,
                                  .half_life_days = (double)NAN,
                                  .solver = PV_SOLVER_AUTO,
                                  .min_companies = 5,
                                  .seed = SEED_DEFAULT,
                                  .max_bad_rows = 0.01};
}

void pv_train_report_deinit(pv_train_report *report)
{
    free(report->iterations);
    report->iterations = NULL;
    report->n_iterations = 0;
}

/* A0 as it is used: given, or the loss's own. */
static double unobserved_weight(const pv_train_options *options)
{
    if (options->loss == PV_LOSS_HKV) return 1.0;
    return isnan(options->unobserved_weight) ? 0.2 : options->unobserved_weight;
}

static pv_status check_range(const char *option, const char *field, double value, double low, double high,
                             pv_error *error)
{
    if (value >= low && value <= high) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, field, "%s %g: expected %.10g to %.10g", option, value, low, high);
}

static pv_status check_options(const pv_train_options *options, pv_error *error)
{
    const double largest = 1e30; /* finite with room for sums */
    pv_status status;
    PV_TRY(check_range("--factors", "/factors", options->factors, 1, 1024, error));
    PV_TRY(check_range("--iterations", "/iterations", options->iterations, 0, 10000, error));
    PV_TRY(check_range("--regularization", "/regularization", options->regularization, 0, largest, error));
    if (!isnan(options->unobserved_weight))
        PV_TRY(check_range("--unobserved-weight", "/unobserved_weight", options->unobserved_weight, 0, largest, error));
    if (options->loss == PV_LOSS_HKV && !isnan(options->unobserved_weight) &&
        unobserved_weight(options) != options->unobserved_weight)
        PV_TRY(pv_fail_field(error, PV_E_USAGE, "/unobserved_weight",
                             "--unobserved-weight %g: hkv has 1, only ialspp takes another",
                             options->unobserved_weight));
    PV_TRY(check_range("--alpha", "/alpha", options->alpha, 0, largest, error));
    PV_TRY(check_range("--min-companies", "/min_companies", options->min_companies, 1, INT32_MAX, error));
    PV_TRY(check_range("--max-bad-rows", "/max_bad_rows", options->max_bad_rows, 0, 1, error));
    if (!isnan(options->half_life_days) && !(options->half_life_days > 0 && options->half_life_days <= largest))
        PV_TRY(pv_fail_field(error, PV_E_USAGE, "/half_life", "--half-life %g: expected more than 0 days",
                             options->half_life_days));
cleanup:
    return status;
}

/* --- one training run -------------------------------------------------------------------------------------------- */

typedef struct run {
    const pv_train_options *options;
    pv_train_report *report;
    int64_t as_of;       /* PV_NO_TIME: not given or the shop has no time */
    bool is_as_of_given; /* a date, not `now` */
    pv_weights weights;
    pv_tables *tables;
    pv_tensors tensors;
    pv_shop shop;
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
    r->as_of = PV_NO_TIME;
    r->is_as_of_given = text && strcmp(text, "now") != 0;
    return text ? pv_as_of_parse(&r->as_of, text, error) : PV_OK;
}

/* hkv with linear weights is implicit's objective, where a negative value dislikes. */
static bool negative_is_dislike(const pv_train_options *options)
{
    return options->loss == PV_LOSS_HKV && options->weighting == PV_WEIGHT_LINEAR;
}

static pv_status read_shop(run *r, const char *shop, const char *rejects_path, pv_error *error)
{
    pv_status status;
    pv_shop_build_report built = {0};
    const pv_read_options reading = {.as_of = r->as_of,
                                     .max_bad_rows = r->options->max_bad_rows,
                                     .keep_negative_count = negative_is_dislike(r->options),
                                     .rejects_path = rejects_path,
                                     .progress = r->options->progress,
                                     .progress_context = r->options->progress_context,
                                     .threads = pv_threads_count(r->threads)};
    begin_part(r);
    PV_TRY(pv_tables_read(&r->tables, shop, &reading, &r->report->read, error));
    if (!r->tables->has_time && r->options->as_of)
        PV_TRY(pv_fail_field(error, PV_E_USAGE, "/as_of", "--as-of: the purchases have no time column"));
    if (r->tables->has_time && r->as_of == PV_NO_TIME && r->tables->purchases.n > 0)
        r->as_of = r->tables->last_time + 1;
    status = pv_shop_build(&r->tensors, r->tables, r->as_of, r->is_as_of_given, negative_is_dislike(r->options),
                           r->threads, &built, error);
    if (status == PV_E_INPUT)
        status = pv_fail(error, PV_E_INPUT, "%s: %s", shop, error ? error->message : "no purchase");
    r->report->read.returns_unmatched = built.returns_unmatched;
    r->report->read.products_unlisted = built.products_unlisted;
    if (status == PV_OK) PV_TRY(pv_shop_bind(&r->shop, &r->tensors, error));
cleanup:
    end_part(r, &r->report->read_time);
    return status;
}

static int iteration_done(void *context, int32_t iteration, double loss, double seconds)
{
    run *r = context;
    if (r->report->n_iterations < r->options->iterations)
        r->report->iterations[r->report->n_iterations++] = (pv_iteration){loss, seconds};
    return report_progress(r, "fit", iteration, r->options->iterations, loss, NULL) != PV_OK;
}

static pv_status fit_signals(run *r, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_train_options *options = r->options;
    const pv_fit_settings settings = {.threads = r->threads,
                                      .min_companies = options->min_companies,
                                      .als = {.n_factors = options->factors,
                                              .iterations = options->iterations,
                                              .loss = options->loss,
                                              .regularization = options->regularization,
                                              .unobserved_weight = unobserved_weight(options),
                                              .solver = options->solver,
                                              .seed = options->seed},
                                      .alpha = options->alpha,
                                      .half_life_days = options->half_life_days,
                                      .weighting = options->weighting,
                                      .iteration_done = iteration_done,
                                      .context = r};
    begin_part(r);
    PV_TRY(report_progress(r, "fit", 0, options->iterations, (double)NAN, error));
    PV_TRY(pv_signals[PV_SIGNAL_ALS]->fit(&r->tensors, &r->shop, &settings, error));
    end_part(r, &r->report->fit_time);
    begin_part(r);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        const bool is_always = s == PV_SIGNAL_POPULARITY; /* the popular list serves companies without purchases */
        if (s == PV_SIGNAL_ALS || !pv_signals[s]->fit || !(r->weights.is_used[s] || is_always)) continue;
        PV_TRY(report_progress(r, "signals", s, PV_SIGNAL_COUNT, (double)NAN, error));
        PV_TRY(pv_signals[s]->fit(&r->tensors, &r->shop, &settings, error));
    }
    int64_t *min_companies = NULL;
    PV_TRY(pv_tensors_add(&min_companies, &r->tensors, "weights.min_companies", PV_I64, 1, 0, error));
    *min_companies = options->min_companies;
    PV_TRY(pv_weights_add(&r->tensors, &r->weights, error));
    end_part(r, &r->report->signals_time);
cleanup:
    return status;
}

/* --- what the file says of itself -------------------------------------------------------------------------------- */

static void write_options_json(pv_buffer *out, const pv_train_options *options, const char *as_of)
{
    static const char *const solvers[] = {"auto", "cg", "cholesky"};
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_integer_field(&json, "factors", options->factors);
    pv_json_integer_field(&json, "iterations", options->iterations);
    pv_json_string_field(&json, "loss", options->loss == PV_LOSS_HKV ? "hkv" : "ialspp");
    pv_json_number_field(&json, "regularization", options->regularization);
    pv_json_number_field(&json, "unobserved_weight", unobserved_weight(options));
    pv_json_number_field(&json, "alpha", options->alpha);
    pv_json_string_field(&json, "weight", options->weighting == PV_WEIGHT_LINEAR ? "linear" : "log");
    pv_json_number_field(&json, "half_life", options->half_life_days);
    pv_json_string_field(&json, "solver", solvers[options->solver]);
    pv_json_string_field(&json, "signals", options->signals);
    pv_json_integer_field(&json, "min_companies", options->min_companies);
    pv_json_string_field(&json, "as_of", as_of);
    pv_json_integer_field(&json, "seed", (int64_t)options->seed);
    pv_json_end_object(&json);
    pv_buffer_append(out, "", 1);
}

static void write_metrics_json(pv_buffer *out, const run *r)
{
    const pv_train_report *report = r->report;
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_key(&json, "loss");
    pv_json_begin_array(&json);
    for (int32_t i = 0; i < report->n_iterations; i++) pv_json_number(&json, report->iterations[i].loss);
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    pv_buffer_append(out, "", 1);
}

static void write_weights_json(pv_buffer *out, const pv_weights *weights)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!weights->is_used[s]) continue;
        pv_json_key(&json, pv_signals[s]->code);
        pv_json_begin_object(&json);
        pv_json_number_field(&json, "weight", weights->weight[s]);
        pv_json_number_field(&json, "scale", weights->scale[s]);
        pv_json_end_object(&json);
    }
    pv_json_end_object(&json);
    pv_buffer_append(out, "", 1);
}

static pv_status write_model(run *r, const char *output, pv_error *error)
{
    pv_status status = PV_OK;
    pv_buffer options = {0}, metrics = {0}, weights = {0};
    char as_of[PV_TIMESTAMP_SIZE] = "", checksum[PV_CHECKSUM_DIGITS + 1];
    begin_part(r);
    PV_TRY(report_progress(r, "write", 0, 0, (double)NAN, error));
    if (r->shop.has_time) pv_timestamp_print(as_of, r->shop.as_of);
    write_options_json(&options, r->options, r->is_as_of_given ? as_of : NULL);
    write_metrics_json(&metrics, r);
    write_weights_json(&weights, &r->weights);
    if (options.failed || metrics.failed || weights.failed) PV_TRY(pv_fail_memory(error, "metadata", 0));
    const pv_metadata_pair metadata[] = {{"format_version", PV_MODEL_FORMAT}, {"options", options.data},
                                         {"data_hash", r->tables->data_hash}, {"as_of", as_of},
                                         {"metrics", metrics.data},           {"weights", weights.data}};
    PV_TRY(pv_safetensors_write(output, &r->tensors, metadata, sizeof metadata / sizeof *metadata, checksum,
                                &r->report->model_bytes, error));
    memcpy(r->report->model_id, checksum, sizeof r->report->model_id - 1);
    end_part(r, &r->report->write_time);
cleanup:
    pv_buffer_deinit(&options);
    pv_buffer_deinit(&metrics);
    pv_buffer_deinit(&weights);
    return status;
}

static pv_status train(run *r, const char *shop, const char *output, pv_error *error)
{
    pv_status status = PV_OK;
    pv_buffer rejects = {0};
    PV_TRY(check_options(r->options, error));
    PV_TRY(pv_weights_default(&r->weights, r->options->signals, error));
    PV_TRY(decide_as_of(r, error));
    pv_buffer_print(&rejects, "%s.rejects.csv", output);
    pv_buffer_append(&rejects, "", 1);
    r->report->iterations = calloc((size_t)r->options->iterations + 1, sizeof *r->report->iterations);
    if (rejects.failed || !r->report->iterations) PV_TRY(pv_fail_memory(error, "a training run", 0));
    PV_TRY(pv_threads_create(&r->threads, r->options->threads, error));
    PV_TRY(read_shop(r, shop, rejects.data, error));
    r->report->users = r->shop.users.ids.n_warm;
    r->report->products = r->shop.products.ids.n_warm;
    r->report->purchases = r->shop.lines.n;
    r->report->pairs = pv_shop_count_pairs(&r->shop);
    PV_TRY(fit_signals(r, error));
    PV_TRY(write_model(r, output, error));
cleanup:
    pv_buffer_deinit(&rejects);
    return status;
}

pv_status pv_train(const char *shop, const char *output, const pv_train_options *options, pv_train_report *report,
                   pv_error *error)
{
    pv_train_report own_report = {0};
    pv_error own_error;
    run r = {.options = options, .report = report ? report : &own_report};
    const double seconds = pv_clock_seconds(), cpu_seconds = pv_clock_cpu_seconds();
    *r.report = (pv_train_report){0};
    const pv_status status = train(&r, shop, output, error ? error : &own_error);
    r.report->total_time = (pv_part_time){pv_clock_seconds() - seconds, pv_clock_cpu_seconds() - cpu_seconds};
    pv_tensors_deinit(&r.tensors);
    pv_tables_free(r.tables);
    pv_threads_free(r.threads);
    pv_train_report_deinit(&own_report);
    return status;
}
