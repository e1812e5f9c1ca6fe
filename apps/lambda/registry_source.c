/* registry_source.c - see registry_source.h. */
#include "registry_source.h"

#include "base/failure.h"
#include "base/memory.h"
#include "remote/deadline.h"
#include "remote/s3_address.h"
#include <purvey/model.h>
#include <purvey/registry.h>
#include <string.h>
#include <unistd.h>

#define SECONDS_LEAST 0.01 /* 0 would stand for the registry's own limit */

struct registry_source {
    const lambda_settings *settings;
    pv_registry *registry;
    pv_s3_address address;
    pv_service_journal journal;
    char *path;          /* of the newest model that was fetched; NULL: none */
    char *accepted_path; /* of the one in use; NULL: none */
    char *overlay;       /* [overlay_size] newest; NULL: there is none */
    size_t overlay_size;
    bool is_overlay_new; /* it has not been accepted */
};

static pv_status keep_events(void *context, const char *lines, size_t size, pv_error *error)
{
    registry_source *source = context;
    return pv_registry_keep_events(source->registry, lines, size, error);
}

pv_status registry_source_open(registry_source **out, const lambda_settings *settings, pv_error *error)
{
    pv_status status;
    const pv_registry_options options = {.address = settings->registry, .authorities = settings->authorities};
    registry_source *source = pv_allocate(1, sizeof *source);
    if (source == NULL) return pv_fail_memory(error, "the registry", sizeof *source);
    source->settings = settings;
    source->journal = (pv_service_journal){.keep = keep_events, .context = source};
    PV_TRY(pv_s3_address_parse(&source->address, settings->registry, error));
    PV_TRY(pv_registry_open(&source->registry, &options, error));
    *out = source;
    source = NULL;
cleanup:
    registry_source_free(source);
    return status;
}

void registry_source_free(registry_source *source)
{
    if (source == NULL) return;
    pv_registry_free(source->registry);
    pv_s3_address_deinit(&source->address);
    pv_free(source->path);
    pv_free(source->accepted_path);
    pv_free(source->overlay);
    pv_release(source);
}

void registry_source_set_seconds(registry_source *source, double seconds)
{
    pv_registry_set_seconds(source->registry, seconds > SECONDS_LEAST ? seconds : SECONDS_LEAST);
}

static pv_status look_at_model(registry_source *source, pv_deadline deadline, pv_error *error)
{
    pv_status status;
    pv_published_model published;
    bool is_other = false; /* than at the last look, which may have failed to fetch it: paths are compared instead */
    char *path = NULL;
    PV_TRY(pv_registry_look(&published, &is_other, source->registry, error));
    registry_source_set_seconds(source, pv_deadline_left(deadline));
    PV_TRY(pv_registry_fetch(&path, source->registry, &published, source->settings->cache, error));
    pv_free(source->path);
    source->path = path;
cleanup:
    return status;
}

static pv_status look_at_overlay(registry_source *source, pv_error *error)
{
    pv_status status;
    char *json = NULL;
    size_t size = 0;
    bool exists = false, is_new = false;
    PV_TRY(pv_registry_read_overlay(&json, &size, &exists, &is_new, source->registry, error));
    if (!is_new) return PV_OK;
    pv_free(source->overlay);
    source->overlay = json;
    source->overlay_size = json != NULL ? size : 0;
    source->is_overlay_new = true;
cleanup:
    return status;
}

static bool is_other_model(const registry_source *source)
{
    if (source->path == NULL) return false;
    return source->accepted_path == NULL || strcmp(source->path, source->accepted_path) != 0;
}

pv_status registry_source_look(bool *is_new, registry_source *source, double seconds, pv_error *error)
{
    pv_status status;
    const pv_deadline deadline = pv_deadline_in(seconds);
    registry_source_set_seconds(source, seconds);
    if (source->settings->model == NULL) PV_TRY(look_at_model(source, deadline, error));
    registry_source_set_seconds(source, pv_deadline_left(deadline));
    PV_TRY(look_at_overlay(source, error));
    *is_new = is_other_model(source) || source->is_overlay_new;
cleanup:
    return status;
}

void registry_source_fill(pv_service_options *options, registry_source *source)
{
    if (options->model == NULL) options->model = source->path;
    options->journal = &source->journal;
    options->overlay = (pv_text){source->overlay, source->overlay_size};
}

void registry_source_accept(registry_source *source)
{
    source->is_overlay_new = false;
    if (!is_other_model(source)) return;
    if (source->accepted_path != NULL) (void)unlink(source->accepted_path); /* the folder would fill up otherwise */
    pv_free(source->accepted_path);
    source->accepted_path = source->path;
    source->path = NULL;
}

void registry_source_reject(registry_source *source)
{
    if (!is_other_model(source)) return;
    (void)unlink(source->path);
    pv_free(source->path);
    source->path = NULL;
}

static bool is_key_below(pv_text key, pv_text prefix, const char *name)
{
    const size_t size = strlen(name);
    const size_t slash = prefix.size > 0 ? 1 : 0;
    if (key.size != prefix.size + slash + size) return false;
    return memcmp(key.data, prefix.data, prefix.size) == 0 && (slash == 0 || key.data[prefix.size] == '/') &&
           memcmp(key.data + prefix.size + slash, name, size) == 0;
}

bool registry_source_is_told(const registry_source *source, const lambda_object *object)
{
    pv_text prefix = pv_text_of(source->address.key);
    if (!pv_text_equal(object->bucket, pv_text_of(source->address.bucket))) return false;
    while (prefix.size > 0 && prefix.data[prefix.size - 1] == '/') prefix.size--;
    return is_key_below(object->key, prefix, "current.json") || is_key_below(object->key, prefix, "overlay.json");
}
