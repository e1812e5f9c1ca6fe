/* loaded_model.h - a model in use by the service: mapped file, the view of events and overlay, sessions that wait for
 * work. It lives until the last request that uses it is answered.
 *
 * Threads:  shared; pv_loaded_model_retain(), _take_seat(), _leave_seat() and _release() may be called from any.
 */
#ifndef PV_LOADED_MODEL_H
#define PV_LOADED_MODEL_H

#include "service/live_state.h"
#include "service/live_view.h"
#include <purvey/answer.h>

typedef struct pv_loaded_model pv_loaded_model;

/* What one request works with. */
typedef struct pv_seat {
    pv_session *session;
    pv_arena *arena; /* for the request's own texts; empty when taken */
    struct pv_seat *next;
} pv_seat;

/* Open the file; the view is made by pv_loaded_model_see(). Referenced once. Errors: those of pv_model_open(). */
pv_status pv_loaded_model_open(pv_loaded_model **loaded, const char *path, pv_error *error) PV_CHECKED;
/* Which part of the log a model was trained with. */
typedef struct pv_events_taken {
    pv_log_position position; /* the beginning: nothing, or another log */
    int64_t happenings;       /* before it */
    bool is_other_log;        /* the model was trained with a log that this one does not continue */
} pv_events_taken;

/* Join the model to the events, with writers held. Errors: PV_E_MEMORY. */
pv_status pv_loaded_model_see(pv_loaded_model *loaded, pv_live_state *state, const pv_events_taken *taken,
                              pv_error *error) PV_CHECKED;
const pv_events_taken *pv_loaded_model_taken(const pv_loaded_model *loaded);
void pv_loaded_model_retain(pv_loaded_model *loaded);
void pv_loaded_model_release(pv_loaded_model *loaded); /* accepts NULL; frees it after the last */

const pv_model *pv_loaded_model_model(const pv_loaded_model *loaded);
pv_live_view *pv_loaded_model_view(const pv_loaded_model *loaded);

/* A session of this model. Errors: PV_E_MEMORY. */
pv_status pv_loaded_model_take_seat(pv_seat **seat, pv_loaded_model *loaded, pv_error *error) PV_CHECKED;
void pv_loaded_model_leave_seat(pv_loaded_model *loaded, pv_seat *seat);

#endif
