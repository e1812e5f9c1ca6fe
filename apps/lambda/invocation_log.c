/* invocation_log.c - see invocation_log.h. */
#include "invocation_log.h"

#include "base/json_fields.h"
#include "wall_clock.h"
#include <math.h>
#include <purvey/status.h>
#include <stdio.h>

static log_level level_of(int status)
{
    return status >= 500 ? LOG_ERROR : status >= 400 ? LOG_WARN : LOG_INFO;
}

static void append_members(pv_json *json, const invocation_record *record)
{
    if (record->trace_id[0] != '\0') pv_json_string_field(json, "traceId", record->trace_id);
    pv_json_string_field(json, "model", record->model);
    pv_json_string_field(json, "version", pv_version());
    pv_json_string_field(json, "functionVersion", record->function_version);
    pv_json_boolean_field(json, "coldStart", record->is_cold);
    pv_json_number_field(json, "ms", round(record->milliseconds * 1000) / 1000);
    pv_json_string_field(json, "event", record->event);
    pv_json_string_field(json, "call", record->call);
    pv_json_integer_field(json, "status", record->status);
    if (record->user[0] != '\0') pv_json_string_field(json, "user", record->user);
}

static void log_text(const log_sink *sink, const invocation_record *record, const char *message, int64_t now)
{
    pv_buffer line = {0};
    log_begin_text(&line, now, level_of(record->status), message, record->request_id);
    log_write(sink, &line);
    pv_buffer_deinit(&line);
}

void invocation_log(const log_sink *sink, const emf_labels *labels, const invocation_record *record)
{
    char message[128];
    pv_buffer line = {0};
    pv_json json = {.out = &line};
    const int64_t now = wall_clock_milliseconds();
    const log_level level = level_of(record->status);
    const bool is_on = log_is_on(sink, level);
    (void)snprintf(message, sizeof message, "%s %s: %d in %.3f ms", record->event, record->call, record->status,
                   record->milliseconds);
    if (is_on && sink->format == LOG_TEXT) log_text(sink, record, message, now);
    pv_json_begin_object(&json);
    if (is_on && sink->format == LOG_JSON) {
        log_begin_members(&json, now, level, message, record->request_id);
        append_members(&json, record);
    }
    emf_append_members(&json, &record->metrics, labels, now);
    pv_json_end_object(&json);
    log_write(sink, &line);
    pv_buffer_deinit(&line);
}
