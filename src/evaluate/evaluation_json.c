/* evaluation_json.c - an evaluation as one JSON object: numbers unrounded, codes as keys, dates as ISO 8601. */
#include <purvey/evaluate.h>

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/timestamp.h"
#include "evaluate/faithfulness_json.h"

static const char *const headline_codes[PV_HEADLINE_COUNT] = {
    [PV_HEADLINE_RECALL] = "recall", [PV_HEADLINE_NDCG] = "ndcg"};

static void write_time(pv_json *json, const char *key, int64_t seconds)
{
    char text[PV_TIMESTAMP_SIZE];
    pv_timestamp_print(text, seconds);
    pv_json_string_field(json, key, text);
}

static void begin_object_field(pv_json *json, const char *key)
{
    pv_json_key(json, key);
    pv_json_begin_object(json);
}

static void begin_array_field(pv_json *json, const char *key)
{
    pv_json_key(json, key);
    pv_json_begin_array(json);
}

/* {"5": ..., "10": ..., "20": ...}; values are `stride` apart. */
static void write_by_length(pv_json *json, const char *key, const double *values, int stride)
{
    char length[PV_NUMBER_SIZE];
    begin_object_field(json, key);
    for (int k = 0; k < PV_LENGTH_COUNT; k++) {
        length[pv_integer_print(length, pv_list_length(k))] = '\0';
        pv_json_number_field(json, length, values[k * stride]);
    }
    pv_json_end_object(json);
}

static void write_interval(pv_json *json, const char *key, const pv_interval *interval)
{
    begin_object_field(json, key);
    pv_json_number_field(json, "value", interval->value);
    pv_json_number_field(json, "low", interval->low);
    pv_json_number_field(json, "high", interval->high);
    pv_json_end_object(json);
}

static void write_comparison(pv_json *json, const char *key, const pv_comparison *comparison)
{
    begin_object_field(json, key);
    write_interval(json, "difference", &comparison->difference);
    write_interval(json, "ratio", &comparison->ratio);
    pv_json_number_field(json, "p_value", comparison->p_value);
    pv_json_number_field(json, "p_adjusted", comparison->p_adjusted);
    pv_json_end_object(json);
}

static void write_score(pv_json *json, const char *code, const pv_contender_score *score)
{
    begin_object_field(json, code);
    begin_object_field(json, "metrics");
    for (int m = 0; m < PV_METRIC_COUNT; m++)
        write_by_length(json, pv_metric_code((pv_metric)m), &score->metrics[0][m], PV_METRIC_COUNT);
    pv_json_end_object(json);
    begin_object_field(json, "intervals");
    for (int h = 0; h < PV_HEADLINE_COUNT; h++) write_interval(json, headline_codes[h], &score->headline[h]);
    pv_json_end_object(json);
    begin_object_field(json, "against");
    for (int h = 0; h < PV_HEADLINE_COUNT; h++) write_comparison(json, headline_codes[h], &score->against[h]);
    pv_json_end_object(json);
    pv_json_end_object(json);
}

static void write_tasks(pv_json *json, const pv_task_result *tasks, const pv_evaluation *evaluation)
{
    begin_object_field(json, "tasks");
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const pv_task_result *task = &tasks[t];
        begin_object_field(json, pv_task_code((pv_rank_task)t));
        pv_json_integer_field(json, "users", task->users);
        pv_json_number_field(json, "truth_size", task->truth_size);
        pv_json_number_field(json, "repeat_share", task->repeat_share);
        pv_json_number_field(json, "reachable", task->reachable);
        write_by_length(json, "ceiling", task->ceiling, 1);
        begin_object_field(json, "contenders");
        for (int64_t c = 0; c < evaluation->n_contenders; c++)
            write_score(json, evaluation->contenders[c].code, &task->contenders[c]);
        pv_json_end_object(json);
        pv_json_end_object(json);
    }
    pv_json_end_object(json);
}

static void write_reliability(pv_json *json, const pv_reliability *reliability)
{
    begin_object_field(json, "reliability");
    pv_json_number_field(json, "brier", reliability->brier);
    begin_array_field(json, "bins");
    for (int k = 0; k < PV_RELIABILITY_BINS; k++) {
        pv_json_begin_object(json);
        pv_json_number_field(json, "from", (double)k / PV_RELIABILITY_BINS);
        pv_json_number_field(json, "to", (double)(k + 1) / PV_RELIABILITY_BINS);
        pv_json_integer_field(json, "pairs", reliability->bins[k].pairs);
        pv_json_number_field(json, "probability", reliability->bins[k].probability);
        pv_json_number_field(json, "bought", reliability->bins[k].bought);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
    pv_json_end_object(json);
}

static void write_window(pv_json *json, const pv_window *window, const pv_evaluation *evaluation)
{
    pv_json_begin_object(json);
    write_time(json, "cutoff", window->cutoff);
    write_time(json, "end", window->end);
    pv_json_integer_field(json, "users_known", window->users_known);
    pv_json_integer_field(json, "products_known", window->products_known);
    pv_json_integer_field(json, "users_scored", window->users_scored);
    pv_json_integer_field(json, "users_idle", window->users_idle);
    pv_json_integer_field(json, "users_unknown", window->users_unknown);
    pv_json_integer_field(json, "products_unknown", window->products_unknown);
    pv_json_integer_field(json, "pairs", window->pairs);
    pv_json_integer_field(json, "pairs_unknown", window->pairs_unknown);
    write_tasks(json, window->tasks, evaluation);
    write_reliability(json, &window->reliability);
    pv_json_end_object(json);
}

static void write_slice(pv_json *json, const pv_slice *slice, const pv_evaluation *evaluation)
{
    pv_json_begin_object(json);
    pv_json_string_field(json, "group", slice->group);
    pv_json_string_field(json, "value", slice->value);
    begin_object_field(json, "tasks");
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        begin_object_field(json, pv_task_code((pv_rank_task)t));
        pv_json_integer_field(json, "users", slice->users[t]);
        begin_object_field(json, "contenders");
        for (int64_t c = 0; c < evaluation->n_contenders; c++) {
            begin_object_field(json, evaluation->contenders[c].code);
            for (int h = 0; h < PV_HEADLINE_COUNT; h++)
                pv_json_number_field(
                    json, headline_codes[h],
                    pv_slice_score(slice, evaluation->n_contenders, (pv_rank_task)t, c, (pv_headline)h));
            pv_json_end_object(json);
        }
        pv_json_end_object(json);
        pv_json_end_object(json);
    }
    pv_json_end_object(json);
    pv_json_end_object(json);
}

static void write_contenders(pv_json *json, const pv_evaluation *evaluation)
{
    begin_array_field(json, "contenders");
    for (int64_t c = 0; c < evaluation->n_contenders; c++) {
        pv_json_begin_object(json);
        pv_json_string_field(json, "code", evaluation->contenders[c].code);
        pv_json_string_field(json, "title", evaluation->contenders[c].title);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
    begin_array_field(json, "absent");
    for (int64_t k = 0; k < evaluation->n_absent; k++) {
        const pv_absence *absence = &evaluation->absent[k];
        pv_json_begin_object(json);
        pv_json_string_field(json, "code", absence->contender.code);
        pv_json_string_field(json, "title", absence->contender.title);
        pv_json_string_field(json, "cause", absence->cause);
        write_time(json, "cutoff", absence->cutoff);
        pv_json_end_object(json);
    }
    pv_json_end_array(json);
}

static void write_evaluation(pv_json *json, const pv_evaluation *evaluation)
{
    pv_json_begin_object(json);
    pv_json_string_field(json, "data_hash", evaluation->data_hash);
    pv_json_integer_field(json, "horizon_days", evaluation->horizon_days);
    pv_json_integer_field(json, "step_days", evaluation->step_days);
    pv_json_integer_field(json, "cutoffs_wanted", evaluation->cutoffs_wanted);
    pv_json_integer_field(json, "draws", evaluation->draws);
    pv_json_integer_field(json, "companies", evaluation->companies);
    pv_json_string_field(json, "spend_basis", evaluation->spend_basis);
    write_contenders(json, evaluation);
    begin_array_field(json, "windows");
    for (int64_t w = 0; w < evaluation->n_windows; w++) write_window(json, &evaluation->windows[w], evaluation);
    pv_json_end_array(json);
    begin_object_field(json, "pooled");
    write_tasks(json, evaluation->pooled, evaluation);
    write_reliability(json, &evaluation->pooled_reliability);
    pv_json_end_object(json);
    begin_array_field(json, "slices");
    for (int64_t k = 0; k < evaluation->n_slices; k++) write_slice(json, &evaluation->slices[k], evaluation);
    pv_json_end_array(json);
    if (evaluation->faithfulness) {
        pv_json_key(json, "reasons");
        pv_faithfulness_write(json, evaluation->faithfulness);
    }
    pv_json_end_object(json);
}

pv_status pv_evaluation_json(char **text, const pv_evaluation *evaluation, pv_error *error)
{
    pv_buffer out = {0};
    pv_json json = {.out = &out};
    write_evaluation(&json, evaluation);
    return pv_buffer_hand_over(text, &out, "a report", error);
}
