/* report_json.c - errors and the summary objects of import, train and bulk runs. */
#include <purvey/report.h>

#include "base/json_fields.h"
#include "service/answer_format.h"
#include "service/error_json.h"

/* The parts of any run, in the order of the contract; a command leaves out what it does not do (0). */
typedef struct run_times {
    pv_part_time read, fit, signals, weights, score, write, total;
} run_times;

static void write_times(pv_json *json, const run_times *times)
{
    const struct {
        const char *name;
        const pv_part_time *time;
    } parts[] = {{"read", &times->read},       {"fit", &times->fit},     {"signals", &times->signals},
                 {"weights", &times->weights}, {"score", &times->score}, {"write", &times->write},
                 {"total", &times->total}};
    const size_t n_parts = sizeof parts / sizeof parts[0];
    pv_json_key(json, "seconds");
    pv_json_begin_object(json);
    for (size_t k = 0; k < n_parts; k++) pv_json_number_field(json, parts[k].name, parts[k].time->seconds);
    pv_json_end_object(json);
    pv_json_key(json, "cpu_seconds");
    pv_json_begin_object(json);
    for (size_t k = 0; k < n_parts; k++) pv_json_number_field(json, parts[k].name, parts[k].time->cpu_seconds);
    pv_json_end_object(json);
}

static void write_read_rows(pv_json *json, const pv_read_report *report)
{
    pv_json_key(json, "rows");
    pv_json_begin_object(json);
    pv_json_integer_field(json, "read", report->rows_read);
    pv_json_integer_field(json, "bad", report->rows_bad);
    pv_json_integer_field(json, "skipped", report->rows_skipped);
    pv_json_integer_field(json, "returned", report->rows_returned);
    pv_json_integer_field(json, "cancelled", report->rows_cancelled);
    pv_json_integer_field(json, "zero", report->rows_zero);
    pv_json_integer_field(json, "later", report->rows_later);
    pv_json_end_object(json);
    pv_json_integer_field(json, "returns_unmatched", report->returns_unmatched);
    pv_json_integer_field(json, "products_unlisted", report->products_unlisted);
    pv_json_boolean_field(json, "rating_unused", report->rating_unused);
    if (report->first_bad[0] != '\0')
        pv_message_write(json, "first_bad", report->first_bad);
    else
        pv_json_string_field(json, "first_bad", NULL);
    pv_json_integer_field(json, "bytes_read", report->bytes_read);
}

static void write_events(pv_json *json, const pv_events_report *report)
{
    pv_json_key(json, "events");
    if (!report->is_given) {
        pv_json_null(json);
        return;
    }
    pv_json_begin_object(json);
    pv_json_integer_field(json, "in_log", report->in_log);
    pv_json_integer_field(json, "purchases", report->purchases);
    pv_json_integer_field(json, "returns", report->returns);
    pv_json_integer_field(json, "known", report->known);
    pv_json_integer_field(json, "skipped", report->skipped);
    pv_json_integer_field(json, "later", report->later);
    pv_json_integer_field(json, "overlay", report->overlay);
    pv_json_integer_field(json, "unknown", report->unknown);
    pv_json_end_object(json);
}

static void write_iterations(pv_json *json, const pv_train_report *report)
{
    pv_json_key(json, "iterations");
    pv_json_begin_array(json);
    for (int32_t k = 0; k < report->n_iterations; k++) {
        pv_json_begin_object(json);
        pv_json_number_field(json, "loss", report->iterations[k].loss);
        pv_json_number_field(json, "seconds", report->iterations[k].seconds);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

pv_status pv_error_json(char **text, const pv_error *what, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_error_write_answer(&json, pv_status_json_code(what->status), what);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}

pv_status pv_import_report_json(char **text, const pv_read_report *report, pv_part_time total_time,
                                int64_t peak_memory_bytes, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    write_read_rows(&json, report);
    write_times(&json, &(run_times){.total = total_time});
    pv_json_integer_field(&json, "peak_memory_bytes", peak_memory_bytes);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}

pv_status pv_train_report_json(char **text, const pv_train_report *report, int64_t peak_memory_bytes, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_string_field(&json, "model", report->model_id);
    pv_json_integer_field(&json, "model_bytes", report->model_bytes);
    pv_json_integer_field(&json, "users", report->users);
    pv_json_integer_field(&json, "products", report->products);
    pv_json_integer_field(&json, "pairs", report->pairs);
    pv_json_integer_field(&json, "purchases", report->purchases);
    write_read_rows(&json, &report->read);
    write_events(&json, &report->events);
    write_iterations(&json, report);
    write_times(&json, &(run_times){.read = report->read_time,
                                    .fit = report->fit_time,
                                    .signals = report->signals_time,
                                    .weights = report->weights_time,
                                    .write = report->write_time,
                                    .total = report->total_time});
    pv_json_integer_field(&json, "peak_memory_bytes", peak_memory_bytes);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}

pv_status pv_bulk_report_json(char **text, const char *model_id, const pv_bulk_report *report,
                              int64_t peak_memory_bytes, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    pv_json_begin_object(&json);
    pv_json_string_field(&json, "model", model_id);
    pv_json_integer_field(&json, "users", report->users);
    pv_json_key(&json, "rows");
    pv_json_begin_object(&json);
    pv_json_integer_field(&json, "read", report->read.rows_read);
    pv_json_integer_field(&json, "bad", report->read.rows_bad);
    pv_json_integer_field(&json, "skipped", report->read.rows_skipped);
    pv_json_integer_field(&json, "returned", report->rows_returned);
    pv_json_end_object(&json);
    pv_json_integer_field(&json, "pairs_unknown", report->pairs_unknown);
    write_times(&json, &(run_times){.read = report->read_time,
                                    .score = report->score_time,
                                    .write = report->write_time,
                                    .total = report->total_time});
    pv_json_integer_field(&json, "peak_memory_bytes", peak_memory_bytes);
    pv_json_end_object(&json);
    return pv_buffer_hand_over(text, &out, "an answer", error);
}
