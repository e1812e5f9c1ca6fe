/* log_line.c - see log_line.h. */
#include "log_line.h"

#include "base/json_fields.h"
#include "base/timestamp.h"
#include "wall_clock.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define MESSAGE_SIZE 1024
#define TIME_SIZE (PV_TIMESTAMP_SIZE + 4)

const char *const log_level_names[LOG_LEVEL_COUNT] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

/* RFC 3339, UTC, to the millisecond. */
static void print_time(char out[TIME_SIZE], int64_t milliseconds)
{
    char seconds[PV_TIMESTAMP_SIZE];
    pv_timestamp_print(seconds, milliseconds / 1000); /* ends with Z */
    (void)snprintf(out, TIME_SIZE, "%.19s.%03dZ", seconds, (int)(milliseconds % 1000));
}

void log_begin_members(pv_json *json, int64_t milliseconds, log_level level, const char *message,
                       const char *request_id)
{
    char time[TIME_SIZE];
    print_time(time, milliseconds);
    pv_json_string_field(json, "timestamp", time);
    pv_json_string_field(json, "level", log_level_names[level]);
    pv_json_string_field(json, "message", message);
    if (request_id[0] != '\0') pv_json_string_field(json, "requestId", request_id);
}

void log_begin_text(pv_buffer *line, int64_t milliseconds, log_level level, const char *message, const char *request_id)
{
    char time[TIME_SIZE];
    print_time(time, milliseconds);
    pv_buffer_print(line, "%s %s %s%s%s", time, log_level_names[level], request_id, request_id[0] != '\0' ? " " : "",
                    message);
}

void log_write(const log_sink *sink, pv_buffer *line)
{
    pv_buffer_append(line, "\n", 1);
    if (line->failed) return;
    for (size_t done = 0; done < line->size;) {
        const ssize_t written = write(sink->file, line->data + done, line->size - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return;
        done += (size_t)written;
    }
}

/* Texts from elsewhere may end up in a message: they stay one line of UTF-8. */
static void clean(char *message)
{
    for (unsigned char *c = (unsigned char *)message; *c != '\0'; c++)
        if (*c < 0x20 || *c >= 0x7f) *c = '?';
}

void log_message(const log_sink *sink, log_level level, const char *request_id, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    pv_buffer line = {0};
    pv_json json = {.out = &line};
    va_list arguments;
    if (!log_is_on(sink, level)) return;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    clean(message);
    if (sink->format == LOG_JSON) {
        pv_json_begin_object(&json);
        log_begin_members(&json, wall_clock_milliseconds(), level, message, request_id);
        pv_json_end_object(&json);
    } else {
        log_begin_text(&line, wall_clock_milliseconds(), level, message, request_id);
    }
    log_write(sink, &line);
    pv_buffer_deinit(&line);
}
