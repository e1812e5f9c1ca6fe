/* model_metadata.c - see model_metadata.h. */
#include "train/model_metadata.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/timestamp.h"
#include "model/model.h"
#include "train/option_rules.h"
#include <math.h>

static void write_options_json(pv_buffer *out, const pv_train_options *options, const char *as_of)
{
    static const char *const solvers[] = {"auto", "cg", "cholesky"};
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_integer_field(&json, "factors", options->factors);
    pv_json_integer_field(&json, "iterations", options->iterations);
    pv_json_string_field(&json, "loss", options->loss == PV_LOSS_HKV ? "hkv" : "ialspp");
    pv_json_number_field(&json, "regularization", options->regularization);
    pv_json_number_field(&json, "unobserved_weight", pv_train_unobserved_weight(options));
    pv_json_number_field(&json, "user_side_regularization", options->user_side_regularization);
    pv_json_number_field(&json, "product_side_regularization", options->product_side_regularization);
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

static void write_metrics_json(pv_buffer *out, const pv_train_report *report)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_key(&json, "loss");
    pv_json_begin_array(&json);
    for (int32_t i = 0; i < report->n_iterations; i++) pv_json_number(&json, report->iterations[i].loss);
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    pv_buffer_append(out, "", 1);
}

/* The signal with which this one goes together most, in size. */
static void write_closest(pv_json *json, const pv_weights *weights, const pv_weights_report *report, int kind,
                          int signal)
{
    int closest = -1;
    const double *row = report->correlation[kind][signal];
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (s != signal && weights->is_used[s] && !isnan(row[s]) && (closest < 0 || fabs(row[s]) > fabs(row[closest])))
            closest = s;
    pv_json_string_field(json, "closest", closest >= 0 ? pv_signals[closest]->code : NULL);
    pv_json_number_field(json, "correlation", closest >= 0 ? row[closest] : (double)NAN);
}

static void write_signal(pv_json *json, const pv_weights *weights, const pv_weights_report *report, int kind,
                         int signal)
{
    /* the coefficients of rebuy are learned with the constants, without an interval */
    const bool is_rule = pv_signals[signal]->is_rule;
    const bool is_inferred = !report->why_documented && signal != PV_SIGNAL_REBUY && !is_rule;
    pv_json_begin_object(json);
    pv_json_string_field(json, "code", pv_signals[signal]->code);
    pv_json_number_field(json, "weight", weights->weight[kind][signal]);
    if (is_rule) pv_json_string_field(json, "why_documented", "a rule: purchases do not tell what was shown");
    if (is_inferred) {
        pv_json_number_field(json, "low", report->low[kind][signal]);
        pv_json_number_field(json, "high", report->high[kind][signal]);
        pv_json_number_field(json, "loss_without", report->loss_without[kind][signal]);
        write_closest(json, weights, report, kind, signal);
    }
    pv_json_end_object(json);
}

/* The signals that speak for a kind. */
static void write_kind(pv_buffer *out, const pv_weights *weights, const pv_weights_report *report, pv_kind kind)
{
    pv_json json = {.out = out};
    pv_json_begin_array(&json);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (weights->is_used[s] && (pv_signals[s]->kinds & (1 << kind)))
            write_signal(&json, weights, report, (int)kind, s);
    pv_json_end_array(&json);
    pv_buffer_append(out, "", 1);
}

static void write_source(pv_json *json, const pv_weights_report *report)
{
    char date[PV_TIMESTAMP_SIZE];
    pv_json_string_field(json, "source", report->why_documented ? "documented" : "learned");
    pv_json_string_field(json, "why_documented", report->why_documented);
    if (report->why_documented) return;
    pv_timestamp_print(date, report->cutoff);
    pv_json_string_field(json, "window_from", date);
    pv_timestamp_print(date, report->end);
    pv_json_string_field(json, "window_to", date);
    pv_json_integer_field(json, "windows", report->windows);
    pv_json_integer_field(json, "customers", report->customers);
    pv_json_integer_field(json, "choices_new", report->choices[PV_KIND_NEW]);
    pv_json_integer_field(json, "choices_reorder", report->choices[PV_KIND_REORDER]);
    pv_json_number_field(json, "loss_new", report->loss[PV_KIND_NEW]);
    pv_json_number_field(json, "loss_reorder", report->loss[PV_KIND_REORDER]);
}

static void write_weights_json(pv_buffer *out, const pv_weights *weights, const pv_weights_report *report)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    write_source(&json, report);
    pv_json_number_field(&json, "base_new", weights->base[PV_KIND_NEW]);
    pv_json_number_field(&json, "base_reorder", weights->base[PV_KIND_REORDER]);
    pv_json_end_object(&json);
    pv_buffer_append(out, "", 1);
}

pv_status pv_model_metadata_make(pv_model_metadata *metadata, const pv_trained *trained,
                                 const pv_train_options *options, const pv_train_report *report, pv_error *error)
{
    *metadata = (pv_model_metadata){.as_of = ""};
    if (trained->ranker->shop.has_time) pv_timestamp_print(metadata->as_of, trained->ranker->shop.as_of);
    write_options_json(&metadata->options, options, trained->is_as_of_given ? metadata->as_of : NULL);
    write_metrics_json(&metadata->metrics, report);
    write_weights_json(&metadata->weights, &trained->ranker->weights, &trained->weights_report);
    for (int kind = 0; kind < PV_KIND_COUNT; kind++)
        write_kind(&metadata->kinds[kind], &trained->ranker->weights, &trained->weights_report, (pv_kind)kind);
    if (metadata->options.failed || metadata->metrics.failed || metadata->weights.failed || metadata->kinds[0].failed ||
        metadata->kinds[1].failed)
        return pv_fail_memory(error, "metadata", 0);
    const pv_metadata_pair pairs[PV_METADATA_PAIRS] = {{"format_version", PV_MODEL_FORMAT},
                                                       {"options", metadata->options.data},
                                                       {"data_hash", trained->data_hash},
                                                       {"as_of", metadata->as_of},
                                                       {"metrics", metadata->metrics.data},
                                                       {"weights", metadata->weights.data},
                                                       {"weights_new", metadata->kinds[PV_KIND_NEW].data},
                                                       {"weights_reorder", metadata->kinds[PV_KIND_REORDER].data},
                                                       {"events_taken", metadata->events_taken}};
    pv_log_position_print(metadata->events_taken, &trained->events_taken);
    metadata->n_pairs = options->events ? PV_METADATA_PAIRS : PV_METADATA_PAIRS - 1;
    for (int32_t k = 0; k < metadata->n_pairs; k++) metadata->pairs[k] = pairs[k];
    return PV_OK;
}

void pv_model_metadata_deinit(pv_model_metadata *metadata)
{
    pv_buffer_deinit(&metadata->options);
    pv_buffer_deinit(&metadata->metrics);
    pv_buffer_deinit(&metadata->weights);
    for (int kind = 0; kind < PV_KIND_COUNT; kind++) pv_buffer_deinit(&metadata->kinds[kind]);
}
