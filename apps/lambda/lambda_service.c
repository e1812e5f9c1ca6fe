/* lambda_service.c - see lambda_service.h. */
#include "lambda_service.h"

#include "base/failure.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "registry_source.h"
#include "wall_clock.h"
#include <purvey/model.h>
#include <string.h>
#include <sys/stat.h>

#define START_SECONDS 8 /* of the ten that Lambda gives a start */

struct lambda_service {
    const lambda_settings *settings;
    registry_source *registry; /* NULL: none */
    pv_service *current;
    int64_t model_bytes;
    int64_t looked_at; /* milliseconds since 1970 */
};

static int64_t size_of(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 ? (int64_t)file.st_size : 0;
}

/* Of what a service is made of, only as_of is a setting that can be wrong by itself: its name here is another one. */
static pv_status create(pv_service **made, const pv_service_options *options, pv_error *error)
{
    pv_error fault = {.position = -1};
    const pv_status status = pv_service_create(made, options, &fault);
    if (status == PV_E_USAGE && options->as_of != NULL)
        return pv_fail(error, status, "PURVEY_AS_OF %.40s: %s", options->as_of, fault.message);
    if (status != PV_OK) *error = fault;
    return status;
}

/* Put a new service of what the registry and the settings name by now in place of the one in use. */
static pv_status replace(lambda_service *service, lambda_look *look, pv_error *error)
{
    pv_status status;
    pv_service *made = NULL;
    pv_service_options options = {.model = service->settings->model, .as_of = service->settings->as_of};
    const double began = pv_clock_seconds();
    if (service->registry != NULL) registry_source_fill(&options, service->registry);
    PV_TRY(create(&made, &options, error));
    look->load_seconds = pv_clock_seconds() - began;
    look->is_changed = true;
    pv_service_free(service->current);
    service->current = made;
    service->model_bytes = size_of(options.model);
    if (service->registry != NULL) registry_source_accept(service->registry);
cleanup:
    if (status != PV_OK && service->registry != NULL) registry_source_reject(service->registry);
    return status;
}

/* The file of the settings may be another one by now: on a file system that is shared, or in a test. */
static pv_status reload_file(lambda_service *service, lambda_look *look, pv_error *error)
{
    pv_status status;
    const double began = pv_clock_seconds();
    PV_TRY(pv_service_reload(&look->is_changed, service->current, error));
    if (!look->is_changed) return PV_OK;
    look->load_seconds = pv_clock_seconds() - began;
    service->model_bytes = size_of(service->settings->model);
cleanup:
    return status;
}

static pv_status look_at_registry(bool *is_new, lambda_service *service, lambda_look *look, double seconds,
                                  pv_error *error)
{
    if (service->registry == NULL) return PV_OK;
    const double began = pv_clock_seconds();
    const pv_status status = registry_source_look(is_new, service->registry, seconds, error);
    look->registry_seconds = pv_clock_seconds() - began;
    return status;
}

pv_status lambda_service_create(lambda_service **out, lambda_look *look, const lambda_settings *settings,
                                pv_error *error)
{
    pv_status status;
    bool is_new = false; /* everything is, at the start */
    *look = (lambda_look){0};
    lambda_service *service = pv_allocate(1, sizeof *service);
    if (service == NULL) return pv_fail_memory(error, "the service", sizeof *service);
    service->settings = settings;
    service->looked_at = wall_clock_milliseconds();
    if (settings->registry != NULL) PV_TRY(registry_source_open(&service->registry, settings, error));
    PV_TRY(look_at_registry(&is_new, service, look, START_SECONDS, error));
    PV_TRY(replace(service, look, error));
    *out = service;
    service = NULL;
cleanup:
    lambda_service_free(service);
    return status;
}

void lambda_service_free(lambda_service *service)
{
    if (service == NULL) return;
    pv_service_free(service->current);
    registry_source_free(service->registry);
    pv_release(service);
}

void lambda_service_look(lambda_look *look, lambda_service *service, bool is_told, double seconds)
{
    pv_status status;
    bool is_new = false;
    *look = (lambda_look){0};
    service->looked_at = wall_clock_milliseconds();
    PV_TRY(look_at_registry(&is_new, service, look, seconds, &look->error));
    if (is_new)
        status = replace(service, look, &look->error);
    else if (is_told && service->settings->model != NULL)
        status = reload_file(service, look, &look->error);
cleanup:
    look->is_failed = status != PV_OK;
}

bool lambda_service_is_due(const lambda_service *service, int64_t now)
{
    const double waited = (double)(now - service->looked_at) * 1e-3;
    const double every = service->settings->reload_seconds;
    return service->registry != NULL && every > 0 &&
           (waited >= every || waited < 0); /* a clock that was set back says nothing */
}

bool lambda_service_is_told(const lambda_service *service, const lambda_event *event)
{
    if (event->kind != EVENT_S3) return event->kind == EVENT_RELOAD || event->kind == EVENT_RULE;
    for (int64_t k = 0; service->registry != NULL && k < event->n_objects; k++)
        if (registry_source_is_told(service->registry, &event->objects[k])) return true;
    return false;
}

void lambda_service_answer(pv_service_response *response, lambda_service *service, const pv_service_request *request,
                           double seconds)
{
    if (service->registry != NULL) registry_source_set_seconds(service->registry, seconds);
    pv_service_answer(response, service->current, request);
}

void lambda_service_state_get(lambda_service_state *out, const lambda_service *service)
{
    pv_service_state state;
    pv_service_state_get(&state, service->current);
    *out = (lambda_service_state){.model_as_of = state.model_as_of, .model_bytes = service->model_bytes};
    memcpy(out->model, state.model, sizeof out->model);
}
