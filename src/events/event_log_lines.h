/* event_log_lines.h - the lines of an event log: their form, their digest, reading them one after the other in bounded
 * memory.
 *
 * Source:   event_log.h says what a line is.
 * Threads:  one at a time.
 */
#ifndef PV_EVENT_LOG_LINES_H
#define PV_EVENT_LOG_LINES_H

#include "base/text.h"
#include "events/event_log.h"

#define PV_EVENT_LOG_NAME "events.log"
#define PV_EVENT_LINE_BYTES_MAX ((size_t)16 << 20) /* with digits and newline */
#define PV_EVENT_LINE_DIGITS 16
#define PV_EVENT_LINE_PREFIX (PV_EVENT_LINE_DIGITS + 1) /* the digits and a space */

/* Append the line of `json` behind a line of digest `before`; the digest of the new line is returned. */
uint64_t pv_event_line_append(pv_buffer *out, pv_text json, uint64_t before);

/* Where a log is read. */
typedef struct pv_event_lines {
    const char *folder; /* for messages */
    int descriptor;     /* of the log, readable */
    int64_t until;      /* nothing at or behind this offset is looked at; INT64_MAX: the whole file */
    /* Position behind the last sound line: set it to where reading begins. */
    pv_log_position end;
    int64_t n_lines; /* read so far */
    pv_buffer bytes; /* what was read and is not used up: afterwards the line without a newline at the end of the log */
} pv_event_lines;
void pv_event_lines_deinit(pv_event_lines *lines);

/* Hand every line behind `lines->end` to `visit`. O(bytes); memory of the longest line.
 * Errors: PV_E_INPUT (damage, unreadable) with the number of the line, PV_E_MEMORY, those of `visit`. */
pv_status pv_event_lines_read(pv_event_lines *lines, pv_log_line *visit, void *context, pv_error *error) PV_CHECKED;

/* That `lines->end` is a position of this log: a line ends there, and its digits are the digest. O(its line).
 * Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_event_lines_check_start(const pv_event_lines *lines, pv_error *error) PV_CHECKED;

#endif
