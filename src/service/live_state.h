/* live_state.h - events and overlay of a running service: the log on the disk, the store in memory, and the lock under
 * which answers look at both.
 *
 * A question is understood inside pv_live_state_begin_reading() and _end_reading() and so sees one state; the answer is
 * made outside of it (session.c). A batch is written and synced outside of the lock and applied under it. So neither a
 * long answer nor a slow disk holds up anybody.
 *
 * Threads:  shared by all.
 */
#ifndef PV_LIVE_STATE_H
#define PV_LIVE_STATE_H

#include "events/event_log.h"
#include "events/event_store.h"
#include <purvey/service.h>

typedef struct pv_live_state pv_live_state;

/* Open the log in `folder` and take in what it holds; folder NULL: no log, an empty store. journal: where accepted
 * events go in place of a log, borrowed; NULL: nowhere. Errors: those of pv_event_log_open(). */
pv_status pv_live_state_create(pv_live_state **state, const char *folder, const pv_service_journal *journal,
                               pv_error *error) PV_CHECKED;
void pv_live_state_free(pv_live_state *state); /* accepts NULL */

bool pv_live_state_has_log(const pv_live_state *state);
bool pv_live_state_has_journal(const pv_live_state *state);
/* A row of the overlay that holds from the start: before anybody reads, in a state without a log. `mark`, not negative,
 * tells overlays apart where a log would by its offset. Errors: PV_E_MEMORY. */
pv_status pv_live_state_admit(pv_live_state *state, const pv_event *event, int64_t mark, pv_error *error) PV_CHECKED;
void pv_live_state_begin_reading(pv_live_state *state);
void pv_live_state_end_reading(pv_live_state *state);
/* The store, for who is reading or holds the writers off. */
const pv_event_store *pv_live_state_store(const pv_live_state *state);

/* Keep writers away, so that what is made from the store stays true until it is published. */
void pv_live_state_hold_writers(pv_live_state *state);
void pv_live_state_release_writers(pv_live_state *state);
/* With writers held: nobody reads while `publish` runs. */
void pv_live_state_publish(pv_live_state *state, void (*publish)(void *context), void *context);

typedef enum pv_row_status { PV_ROW_ACCEPTED, PV_ROW_DUPLICATE, PV_ROW_REJECTED } pv_row_status;
/* One row of a batch; `event` is not looked at where the row is rejected already. */
typedef struct pv_batch_row {
    pv_event event;
    pv_row_status status;
} pv_batch_row;

/* Whoever looks at the store from outside keeps up with it by these. */
typedef struct pv_live_observer {
    pv_status (*prepare)(void *context, pv_error *error);  /* once, before anything is written; may fail */
    void (*applied)(void *context, const pv_event *event); /* for each accepted row, while nobody reads */
    void *context;
} pv_live_observer;

/* Write the rows that are neither rejected nor known to the log, sync it and apply them. When it returns PV_OK every
 * accepted row outlives a crash. On failure nothing was taken in. Errors: PV_E_OUTPUT (disk full, ...), PV_E_MEMORY. */
pv_status pv_live_state_take(pv_live_state *state, pv_batch_row *rows, int64_t n, const pv_live_observer *observer,
                             pv_error *error) PV_CHECKED;

/* Keep the rows that are not rejected in the journal, as one batch; the store stays as it is. An event_id that comes
 * twice in the batch is a duplicate the second time. When it returns PV_OK every accepted row is kept. Errors: those of
 * the journal, PV_E_MEMORY. */
pv_status pv_live_state_keep(pv_live_state *state, pv_batch_row *rows, int64_t n, pv_error *error) PV_CHECKED;

/* True when the position is a state of this log. The beginning always is. */
bool pv_live_state_knows(pv_live_state *state, const pv_log_position *position);
/* Number of happenings before the position. Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_live_state_count_before(int64_t *n, pv_live_state *state, const pv_log_position *position,
                                     pv_error *error) PV_CHECKED;
/* Append the JSON of at most `limit` happenings behind *position, comma between them, and move the position; none after
 * `out` has PV_SERVICE_BODY_MAX bytes. *has_more: others follow. Errors: PV_E_USAGE (no position of this log),
 * PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_live_state_list_behind(pv_buffer *out, pv_log_position *position, bool *has_more, int64_t limit,
                                    pv_live_state *state, pv_error *error) PV_CHECKED;
/* Behind the last acknowledged event. */
pv_log_position pv_live_state_end(pv_live_state *state);

#endif
