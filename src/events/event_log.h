/* event_log.h - an append-only file of events: what was acknowledged is in it, whole, once.
 *
 * FOLDER/events.log, text, a line an event:
 *
 *   <16 hex digits> <JSON of the event>\n      digits = XXH3-64 of the JSON, seeded with the digits of the line before
 *                                              (the first line: with 0)
 *
 * Each line so vouches for all lines before it: an altered, missing or repeated line shows, and an offset with its
 * digits (pv_log_position) names a state of the log for ever. FOLDER/events.lock is held (flock) by the one process
 * that writes.
 *
 * A crash may leave the last line broken: no newline at its end. Nothing of it was acknowledged, so opening cuts it
 * off, keeps it beside the log (events.log.broken-<offset>) and reports it. A line that is broken anywhere else is
 * damage: PV_E_INPUT with file, line and what is wrong; nothing is changed.
 *
 * Threads:  one at a time.
 */
#ifndef PV_EVENT_LOG_H
#define PV_EVENT_LOG_H

#include "base/text.h"
#include <stdbool.h>

typedef struct pv_log_position {
    int64_t offset;  /* bytes of the log that come before; 0: its beginning */
    uint64_t digest; /* digits of the last line before it; 0 at the beginning */
} pv_log_position;

/* "1234:00000000000000ff", the form in which a model keeps it. */
#define PV_LOG_POSITION_SIZE 40
void pv_log_position_print(char out[PV_LOG_POSITION_SIZE], const pv_log_position *position);
bool pv_log_position_parse(pv_log_position *position, const char *text); /* false: it is none */

typedef struct pv_event_log pv_event_log;

/* One sound line, in order: its JSON and the position behind it. A failure ends the reading and is handed on. */
typedef pv_status pv_log_line(void *context, pv_text json, const pv_log_position *before, const pv_log_position *after,
                              pv_error *error);

typedef struct pv_log_report {
    int64_t lines;
    int64_t bytes_cut; /* of a broken last line */
} pv_log_report;

/* Open FOLDER for writing, creating it and the log when missing, and hand every line to `visit`.
 * Errors: PV_E_OUTPUT (cannot create, read-only, another process writes it), PV_E_INPUT (damage, a folder that cannot
 * be read), PV_E_MEMORY, and those of `visit`. */
pv_status pv_event_log_open(pv_event_log **log, const char *folder, pv_log_line *visit, void *context,
                            pv_log_report *report, pv_error *error) PV_CHECKED;
void pv_event_log_free(pv_event_log *log); /* accepts NULL */

/* Bytes of a line beside its JSON: digits, space, newline. */
#define PV_LOG_LINE_EXTRA 18
/* Append lines [n] in one write and bring them to the disk (fdatasync). When it returns PV_OK they outlive a crash. On
 * failure (PV_E_OUTPUT: disk full, read-only, ...) the file is as long as before, so a later append may succeed; if
 * even cutting it back fails, the log refuses all further appends. *end: position behind the last line. */
pv_status pv_event_log_append(pv_event_log *log, const pv_text *json, int64_t n, pv_log_position *end,
                              pv_error *error) PV_CHECKED;
pv_log_position pv_event_log_end(const pv_event_log *log);

/* Read FOLDER without writing and without the lock (training, `events pending`): the same checks; a broken last line is
 * left where it is and not visited. `from`: start behind that position, which is checked against the log (its offset
 * begins a line and its digest is that of the line before); NULL: at the beginning. `until` bytes at most, -1: all. A
 * folder without a log has no lines. Errors: PV_E_INPUT, PV_E_MEMORY, those of `visit`. */
pv_status pv_event_log_read(const char *folder, const pv_log_position *from, int64_t until, pv_log_line *visit,
                            void *context, pv_log_report *report, pv_error *error) PV_CHECKED;

#endif
