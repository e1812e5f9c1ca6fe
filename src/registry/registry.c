/* registry.c - a registry's life, and current.json read, changed and looked at. */
#include "registry/registry_handle.h"

#include "base/failure.h"
#include "remote/retry.h"
#include "remote/s3_address.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_DEFAULT 300.
#define POINTER_MAX ((size_t)1 << 20) /* bytes */

/* --- life --------------------------------------------------------------------------------------------------------- */

pv_status pv_registry_open(pv_registry **out, const pv_registry_options *options, pv_error *error)
{
    pv_status status;
    pv_s3_address address = {.key = NULL};
    pv_registry *registry = calloc(1, sizeof *registry);
    PV_TRY(pv_check_memory(registry != NULL, "a registry", error));
    registry->seconds = options->seconds > 0 ? options->seconds : SECONDS_DEFAULT;
    PV_TRY(pv_s3_address_parse(&address, options->address, error));
    size_t size = strlen(address.key);
    while (size > 0 && address.key[size - 1] == '/') size--;
    registry->prefix = calloc(1, size + 2);
    registry->bucket = strdup(address.bucket);
    PV_TRY(pv_check_memory(registry->prefix && registry->bucket, "a registry", error));
    memcpy(registry->prefix, address.key, size);
    if (size > 0) registry->prefix[size] = '/';
    PV_TRY(pv_s3_client_create(&registry->client, registry->bucket, options->authorities,
                               pv_deadline_in(registry->seconds), error));
    *out = registry;
    registry = NULL;
cleanup:
    pv_s3_address_deinit(&address);
    pv_registry_free(registry);
    return status;
}

void pv_registry_free(pv_registry *registry)
{
    if (!registry) return;
    pv_s3_client_free(registry->client);
    free(registry->bucket);
    free(registry->prefix);
    free(registry);
}

void pv_registry_set_seconds(pv_registry *registry, double seconds)
{
    registry->seconds = seconds;
}

pv_deadline pv_registry_deadline(const pv_registry_options *options)
{
    return pv_deadline_in(options->seconds > 0 ? options->seconds : SECONDS_DEFAULT);
}

pv_deadline pv_registry_begin(pv_registry *registry)
{
    const pv_deadline deadline = pv_deadline_in(registry->seconds);
    pv_s3_set_deadline(registry->client, deadline);
    return deadline;
}

pv_status pv_registry_key(char **key, const pv_registry *registry, const char *name, pv_error *error)
{
    if (asprintf(key, "%s%s", registry->prefix, name) < 0) *key = NULL;
    return pv_check_memory(*key != NULL, "the name of an object", error);
}

/* --- current.json ------------------------------------------------------------------------------------------------- */

static pv_status read_pointer(pv_model_pointer *pointer, pv_s3_object *object, pv_s3_outcome *outcome,
                              pv_registry *registry, const char *known, pv_error *error)
{
    pv_status status;
    char *key = NULL;
    pv_buffer body = {0};
    *pointer = (pv_model_pointer){0};
    PV_TRY(pv_registry_key(&key, registry, "current.json", error));
    PV_TRY(pv_s3_read(outcome, object, &body, POINTER_MAX, registry->client, key, known, error));
    if (*outcome == PV_S3_DONE) PV_TRY(pv_model_pointer_read(pointer, (pv_text){body.data, body.size}, error));
cleanup:
    pv_buffer_deinit(&body);
    free(key);
    return status;
}

pv_status pv_registry_read_pointer(pv_model_pointer *pointer, pv_s3_object *object, pv_s3_outcome *outcome,
                                   pv_registry *registry, pv_error *error)
{
    return read_pointer(pointer, object, outcome, registry, NULL, error);
}

static pv_status write_pointer(pv_s3_outcome *outcome, pv_registry *registry, const pv_model_pointer *pointer,
                               const pv_s3_condition *condition, pv_error *error)
{
    pv_status status;
    char *key = NULL;
    pv_buffer json = {0};
    pv_s3_object object;
    PV_TRY(pv_registry_key(&key, registry, "current.json", error));
    pv_model_pointer_print(&json, pointer);
    PV_TRY(pv_check_memory(!json.failed, "current.json", error));
    PV_TRY(pv_s3_write(outcome, &object, registry->client, key, (pv_text){json.data, json.size}, "application/json",
                       condition, error));
cleanup:
    pv_buffer_deinit(&json);
    free(key);
    return status;
}

/* One round: *is_done when it was won, or an earlier one turns out to have been. */
static pv_status try_swap(bool *is_done, pv_registry *registry, const pv_pointer_change *change, bool is_again,
                          pv_error *error)
{
    pv_status status;
    pv_s3_outcome outcome;
    pv_s3_object object;
    pv_model_pointer pointer = {0};
    PV_TRY(pv_registry_read_pointer(&pointer, &object, &outcome, registry, error));
    const bool is_there = outcome == PV_S3_DONE;
    *is_done = is_again && is_there && change->is_done(change->context, &pointer);
    if (*is_done) goto cleanup;
    PV_TRY(change->change(change->context, &pointer, is_there, error));
    if (is_there && !object.etag[0])
        PV_TRY(pv_fail(error, PV_E_INPUT, "current.json: the server gives no ETag, so it cannot be changed safely"));
    const pv_s3_condition condition = {is_there ? object.etag : NULL, is_there ? NULL : "*"};
    PV_TRY(write_pointer(&outcome, registry, &pointer, &condition, error));
    *is_done = outcome == PV_S3_DONE;
cleanup:
    pv_model_pointer_deinit(&pointer);
    return status;
}

pv_status pv_registry_swap(pv_registry *registry, pv_deadline deadline, const pv_pointer_change *change,
                           pv_error *error)
{
    bool is_done = false;
    pv_retry retry;
    pv_retry_begin(&retry);
    pv_status status = try_swap(&is_done, registry, change, false, error);
    while (status == PV_OK && !is_done) {
        if (!pv_retry_wait(&retry, deadline))
            return pv_fail(error, PV_E_OUTPUT,
                           "current.json: other publishers were quicker until the time was up; nothing was moved");
        status = try_swap(&is_done, registry, change, true, error);
    }
    return status;
}

pv_status pv_registry_look_at_object(bool *is_whole, pv_s3_object *object, pv_registry *registry,
                                     const pv_published_model *model, pv_error *error)
{
    pv_status status;
    char *key = NULL;
    pv_s3_outcome outcome;
    PV_TRY(pv_registry_key(&key, registry, model->key, error));
    PV_TRY(pv_s3_look(&outcome, object, registry->client, key, error));
    if (outcome != PV_S3_DONE) PV_TRY(pv_fail(error, PV_E_INPUT, "s3://%s/%s: no such object", registry->bucket, key));
    *is_whole = object->size == model->size && (!object->sha256[0] || strcmp(object->sha256, model->sha256) == 0);
cleanup:
    free(key);
    return status;
}

pv_status pv_registry_check_object(pv_registry *registry, const pv_published_model *model, pv_s3_object *object,
                                   pv_error *error)
{
    bool is_whole = false;
    const pv_status status = pv_registry_look_at_object(&is_whole, object, registry, model, error);
    if (status != PV_OK || is_whole) return status;
    return pv_fail(
        error, PV_E_INPUT,
        "s3://%s/%s%s: its %lld bytes are not the published ones (%lld, by their SHA-256): publish the model "
        "again",
        registry->bucket, registry->prefix, model->key, (long long)object->size, (long long)model->size);
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

static pv_status nothing_published(const pv_registry *registry, pv_error *error)
{
    return pv_fail(error, PV_E_NOT_FOUND,
                   "s3://%s/%scurrent.json: nothing is published there: purvey publish MODEL s3://%s/%.*s",
                   registry->bucket, registry->prefix, registry->bucket,
                   registry->prefix[0] ? (int)strlen(registry->prefix) - 1 : 0, registry->prefix);
}

pv_status pv_registry_list(pv_published_model **models, int64_t *count, int64_t *current, pv_registry *registry,
                           pv_error *error)
{
    pv_s3_outcome outcome;
    pv_s3_object object;
    pv_model_pointer pointer;
    (void)pv_registry_begin(registry);
    const pv_status status = pv_registry_read_pointer(&pointer, &object, &outcome, registry, error);
    if (status != PV_OK) return status;
    if (outcome == PV_S3_NO_OBJECT) return nothing_published(registry, error);
    *models = pointer.published;
    *count = (int64_t)pointer.count;
    *current = -1;
    for (int64_t k = 0; k < *count; k++)
        if (strcmp((*models)[k].sha256, pointer.current.sha256) == 0) *current = k;
    return PV_OK;
}

pv_status pv_registry_look(pv_published_model *in_use, bool *is_new, pv_registry *registry, pv_error *error)
{
    pv_status status;
    pv_s3_outcome outcome;
    pv_s3_object object;
    pv_model_pointer pointer = {0};
    (void)pv_registry_begin(registry);
    *is_new = false;
    const char *known = registry->has_looked && registry->pointer_etag[0] ? registry->pointer_etag : NULL;
    PV_TRY(read_pointer(&pointer, &object, &outcome, registry, known, error));
    if (outcome == PV_S3_NO_OBJECT) PV_TRY(nothing_published(registry, error));
    if (outcome == PV_S3_DONE) {
        *is_new = !registry->has_looked || strcmp(registry->in_use.sha256, pointer.current.sha256) != 0;
        registry->has_looked = true;
        registry->in_use = pointer.current;
        memcpy(registry->pointer_etag, object.etag, sizeof object.etag);
    }
    *in_use = registry->in_use;
cleanup:
    pv_model_pointer_deinit(&pointer);
    return status;
}

/* --- going back --------------------------------------------------------------------------------------------------- */

typedef struct going_back {
    pv_registry *registry;
    const char *wanted; /* NULL: the one before */
    pv_published_model chosen, before;
} going_back;

static pv_status choose(void *context, pv_model_pointer *pointer, bool is_there, pv_error *error)
{
    going_back *back = context;
    const pv_published_model *found;
    pv_s3_object object;
    if (!is_there) return nothing_published(back->registry, error);
    pv_status status = pv_model_pointer_find(&found, pointer, back->wanted, error);
    if (status != PV_OK) return status;
    back->before = pointer->current;
    back->chosen = pointer->current = *found;
    return pv_registry_check_object(back->registry, found, &object, error);
}

/* Whoever moved it there: it is what was asked for. */
static bool has_gone_back(const void *context, const pv_model_pointer *pointer)
{
    const going_back *back = context;
    return strcmp(pointer->current.sha256, back->chosen.sha256) == 0;
}

pv_status pv_registry_rollback(pv_published_model *in_use, pv_published_model *before, pv_registry *registry,
                               const char *model, pv_error *error)
{
    going_back back = {.registry = registry, .wanted = model};
    const pv_pointer_change change = {choose, has_gone_back, &back};
    const pv_status status = pv_registry_swap(registry, pv_registry_begin(registry), &change, error);
    if (status != PV_OK) return status;
    *in_use = back.chosen;
    *before = back.before;
    return PV_OK;
}
