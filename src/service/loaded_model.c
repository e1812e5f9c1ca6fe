/* loaded_model.c - a model with its view and a stack of idle sessions. */
#include "service/loaded_model.h"

#include "base/failure.h"
#include "service/session.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct pv_loaded_model {
    pv_model *model;
    pv_live_state *state; /* of which `view` is one */
    pv_live_view *view;
    pv_events_taken taken;
    atomic_int references;
    pthread_mutex_t seats_lock;
    pv_seat *idle; /* as many as were ever busy at a time */
};

pv_status pv_loaded_model_open(pv_loaded_model **out, const char *path, pv_error *error)
{
    pv_loaded_model *loaded = calloc(1, sizeof *loaded);
    if (!loaded) return pv_fail_memory(error, "the model", sizeof *loaded);
    const pv_status status = pv_model_open(&loaded->model, path, error);
    if (status != PV_OK) {
        free(loaded);
        return status;
    }
    atomic_init(&loaded->references, 1);
    (void)pthread_mutex_init(&loaded->seats_lock, NULL);
    *out = loaded;
    return PV_OK;
}

pv_status pv_loaded_model_see(pv_loaded_model *loaded, pv_live_state *state, const pv_events_taken *taken,
                              pv_error *error)
{
    loaded->state = state;
    loaded->taken = *taken;
    return pv_live_view_create(&loaded->view, loaded->model, pv_live_state_store(state), taken->position.offset, error);
}

const pv_events_taken *pv_loaded_model_taken(const pv_loaded_model *loaded)
{
    return &loaded->taken;
}

static void free_seat(pv_seat *seat)
{
    pv_session_free(seat->session);
    pv_arena_free(seat->arena);
    free(seat);
}

void pv_loaded_model_retain(pv_loaded_model *loaded)
{
    atomic_fetch_add_explicit(&loaded->references, 1, memory_order_relaxed);
}

void pv_loaded_model_release(pv_loaded_model *loaded)
{
    if (!loaded || atomic_fetch_sub_explicit(&loaded->references, 1, memory_order_acq_rel) != 1) return;
    while (loaded->idle) {
        pv_seat *next = loaded->idle->next;
        free_seat(loaded->idle);
        loaded->idle = next;
    }
    pv_live_view_free(loaded->view);
    pv_model_free(loaded->model);
    (void)pthread_mutex_destroy(&loaded->seats_lock);
    free(loaded);
}

const pv_model *pv_loaded_model_model(const pv_loaded_model *loaded)
{
    return loaded->model;
}

pv_live_view *pv_loaded_model_view(const pv_loaded_model *loaded)
{
    return loaded->view;
}

static pv_status create_seat(pv_seat **out, const pv_loaded_model *loaded, pv_error *error)
{
    pv_status status;
    pv_seat *seat = calloc(1, sizeof *seat);
    if (!seat) return pv_fail_memory(error, "a session", sizeof *seat);
    seat->arena = pv_arena_create();
    PV_TRY(pv_check_memory(seat->arena != NULL, "a session", error));
    PV_TRY(pv_session_create(&seat->session, loaded->model, error));
    seat->session->live = loaded->view;
    seat->session->state = loaded->state;
    *out = seat;
    return PV_OK;
cleanup:
    free_seat(seat);
    return status;
}

pv_status pv_loaded_model_take_seat(pv_seat **seat, pv_loaded_model *loaded, pv_error *error)
{
    (void)pthread_mutex_lock(&loaded->seats_lock);
    *seat = loaded->idle;
    if (*seat) loaded->idle = (*seat)->next;
    (void)pthread_mutex_unlock(&loaded->seats_lock);
    if (!*seat) return create_seat(seat, loaded, error);
    pv_arena_reset((*seat)->arena);
    return PV_OK;
}

void pv_loaded_model_leave_seat(pv_loaded_model *loaded, pv_seat *seat)
{
    if (!seat) return;
    pv_session_rest(seat->session); /* what one request asked is not asked again by another */
    (void)pthread_mutex_lock(&loaded->seats_lock);
    seat->next = loaded->idle;
    loaded->idle = seat;
    (void)pthread_mutex_unlock(&loaded->seats_lock);
}
