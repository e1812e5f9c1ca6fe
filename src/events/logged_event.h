/* logged_event.h - a line of the event log as an event.
 */
#ifndef PV_LOGGED_EVENT_H
#define PV_LOGGED_EVENT_H

#include "events/event.h"
#include "events/event_log.h"

/* Read the JSON of one line. Texts of `event` lie in *document, which the caller frees, arrays in the arena.
 *
 * folder, name, before  of what it stands in (FOLDER/NAME) and where, for messages
 * Errors: PV_E_INPUT (the line is whole, so another version wrote it), PV_E_MEMORY. */
pv_status pv_logged_event_read(pv_event *event, pv_json_document **document, pv_text json, const char *folder,
                               const char *name, const pv_log_position *before, pv_arena *arena,
                               pv_error *error) PV_CHECKED;

#endif
