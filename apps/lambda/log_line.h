/* log_line.h - what the program says: a JSON object a line, or a line of text, each in one write().
 *
 * {"timestamp":"2026-01-02T03:04:05.678Z","level":"INFO","message":"...","requestId":"..."}; more members may follow.
 * Nothing of an event's body and no credential is ever logged; ids of users only as hashes.
 *
 * Source:   AWS Lambda Developer Guide, "Configuring JSON and plain text log formats".
 */
#ifndef PURVEY_LAMBDA_LOG_LINE_H
#define PURVEY_LAMBDA_LOG_LINE_H

#include "base/json_writer.h"
#include <purvey/status.h>

typedef enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL, LOG_LEVEL_COUNT } log_level;
extern const char *const log_level_names[LOG_LEVEL_COUNT];

typedef enum log_format { LOG_JSON, LOG_TEXT } log_format;

typedef struct log_sink {
    int file; /* descriptor that lines are written to */
    log_level level;
    log_format format;
} log_sink;

static inline bool log_is_on(const log_sink *sink, log_level level)
{
    return level >= sink->level;
}

/* The members that every object of the log begins with; request_id "": none. */
void log_begin_members(pv_json *json, int64_t milliseconds, log_level level, const char *message,
                       const char *request_id);
/* "2026-01-02T03:04:05.678Z INFO ID message" */
void log_begin_text(pv_buffer *line, int64_t milliseconds, log_level level, const char *message,
                    const char *request_id);
/* The line and its newline in one write(). What cannot be written is lost: logging is no reason not to answer. */
void log_write(const log_sink *sink, pv_buffer *line);

/* One line with nothing but a message. */
void log_message(const log_sink *sink, log_level level, const char *request_id, const char *format, ...)
    PV_PRINTF(4, 5);

#endif
