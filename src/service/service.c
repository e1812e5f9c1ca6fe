/* service.c - the life of a service: its model, its events, and another model in its place. */
#include "service/service_handle.h"

#include "base/failure.h"
#include "service/overlay.h"
#include "train/as_of.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- life --------------------------------------------------------------------------------------------------------- */

static pv_status copy_options(pv_service *service, const pv_service_options *options, pv_error *error)
{
    if (options->events && (options->journal || options->overlay.data))
        return pv_fail(error, PV_E_USAGE, "events: a folder, or a journal and an overlay, not both");
    const char *const given[] = {options->model, options->events, options->as_of};
    const char **const kept[] = {&service->options.model, &service->options.events, &service->options.as_of};
    for (size_t k = 0; k < sizeof given / sizeof *given; k++) {
        if (given[k] && !(*kept[k] = strdup(given[k]))) return pv_fail_memory(error, "the service", 0);
    }
    return PV_OK;
}

/* What of the log the model has; nothing when it was trained with another log. */
static pv_status find_taken(pv_events_taken *taken, pv_live_state *state, const pv_loaded_model *loaded,
                            pv_error *error)
{
    const pv_log_position position = pv_loaded_model_model(loaded)->events_taken;
    *taken = (pv_events_taken){0};
    if (pv_live_state_knows(state, &position))
        taken->position = position;
    else
        taken->is_other_log = pv_live_state_has_log(state);
    return pv_live_state_count_before(&taken->happenings, state, &taken->position, error);
}

pv_status pv_service_create(pv_service **out, const pv_service_options *options, pv_error *error)
{
    pv_status status;
    int64_t as_of;
    pv_events_taken taken;
    pv_service *service = calloc(1, sizeof *service);
    if (!service) return pv_fail_memory(error, "the service", sizeof *service);
    (void)pthread_mutex_init(&service->reload_lock, NULL);
    (void)pthread_mutex_init(&service->counters_lock, NULL);
    PV_TRY(copy_options(service, options, error));
    PV_TRY(pv_loaded_model_open(&service->current, options->model, error));
    const pv_model *model = pv_loaded_model_model(service->current);
    if (options->as_of) {
        if (!pv_model_has_time(model))
            PV_TRY(pv_fail_field(error, PV_E_USAGE, "/as_of", "as_of: the model's purchases have no time"));
        PV_TRY(pv_as_of_parse(&as_of, options->as_of, error));
    }
    PV_TRY(pv_live_state_create(&service->state, options->events, options->journal, error));
    if (options->overlay.data) PV_TRY(pv_overlay_read(service->state, options->overlay, error));
    PV_TRY(find_taken(&taken, service->state, service->current, error));
    PV_TRY(pv_loaded_model_see(service->current, service->state, &taken, error));
    *out = service;
    service = NULL;
cleanup:
    pv_service_free(service);
    return status;
}

void pv_service_free(pv_service *service)
{
    if (!service) return;
    pv_loaded_model_release(service->current);
    pv_live_state_free(service->state);
    (void)pthread_mutex_destroy(&service->reload_lock);
    (void)pthread_mutex_destroy(&service->counters_lock);
    free((char *)(uintptr_t)service->options.model);
    free((char *)(uintptr_t)service->options.events);
    free((char *)(uintptr_t)service->options.as_of);
    free(service);
}

/* --- reload ------------------------------------------------------------------------------------------------------- */

typedef struct exchange_of_models {
    pv_service *service;
    pv_loaded_model *loaded; /* the new one; then the old one */
} exchange_of_models;

static void exchange(void *context)
{
    exchange_of_models *models = context;
    pv_loaded_model *old = models->service->current;
    models->service->current = models->loaded;
    models->loaded = old;
}

/* Put *loaded in the place of the model in use, which *loaded becomes. */
static pv_status put_in_use(pv_service *service, pv_loaded_model **loaded, pv_error *error)
{
    pv_events_taken taken;
    pv_status status = find_taken(&taken, service->state, *loaded, error);
    if (status != PV_OK) return status;
    pv_live_state_hold_writers(service->state);
    status = pv_loaded_model_see(*loaded, service->state, &taken, error);
    if (status == PV_OK) {
        exchange_of_models models = {service, *loaded};
        pv_live_state_publish(service->state, exchange, &models);
        *loaded = models.loaded;
    }
    pv_live_state_release_writers(service->state);
    return status;
}

static void note_reload(pv_service *service, pv_status status, bool changed, const pv_error *error)
{
    (void)pthread_mutex_lock(&service->counters_lock);
    service->reloads += changed;
    service->failed_reloads += status != PV_OK;
    (void)snprintf(service->reload_failure, sizeof service->reload_failure, "%s",
                   status == PV_OK ? "" : error->message);
    (void)pthread_mutex_unlock(&service->counters_lock);
}

pv_status pv_service_reload(bool *changed, pv_service *service, pv_error *error)
{
    pv_error own_error;
    pv_error *told = error ? error : &own_error;
    pv_loaded_model *loaded = NULL;
    *changed = false;
    (void)pthread_mutex_lock(&service->reload_lock);
    pv_status status = pv_loaded_model_open(&loaded, service->options.model, told);
    if (status == PV_OK) {
        const char *in_use = pv_model_id(pv_loaded_model_model(service->current));
        *changed = strcmp(in_use, pv_model_id(pv_loaded_model_model(loaded))) != 0;
        if (*changed) status = put_in_use(service, &loaded, told);
        if (status != PV_OK) *changed = false;
    }
    note_reload(service, status, *changed, told);
    pv_loaded_model_release(loaded); /* the old one, or the one that was not wanted */
    (void)pthread_mutex_unlock(&service->reload_lock);
    return status;
}

void pv_service_state_get(pv_service_state *told, pv_service *service)
{
    pv_live_state_begin_reading(service->state);
    const pv_event_counts *counts = pv_event_store_counts(pv_live_state_store(service->state));
    const pv_model *model = pv_loaded_model_model(service->current);
    *told = (pv_service_state){.model_as_of = model->ranker->shop.as_of};
    memcpy(told->model, model->id, sizeof told->model);
    for (int type = 0; type < PV_EVENT_TYPE_COUNT; type++)
        *(pv_event_is_happening((pv_event_type)type) ? &told->events : &told->overlay_rows) += counts->happenings[type];
    told->events_pending = told->events - pv_loaded_model_taken(service->current)->happenings;
    pv_live_state_end_reading(service->state);
    told->log_bytes = pv_live_state_end(service->state).offset;
    (void)pthread_mutex_lock(&service->counters_lock);
    told->reloads = service->reloads;
    told->failed_reloads = service->failed_reloads;
    (void)pthread_mutex_unlock(&service->counters_lock);
}

void pv_service_reload_failure(char *out, size_t size, pv_service *service)
{
    (void)pthread_mutex_lock(&service->counters_lock);
    (void)snprintf(out, size, "%s", service->reload_failure);
    (void)pthread_mutex_unlock(&service->counters_lock);
}
