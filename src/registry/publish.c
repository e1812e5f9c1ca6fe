/* publish.c - a model file becomes an object named by its hash, and the one in use. */
#include "base/failure.h"
#include "base/timestamp.h"
#include "model/model.h"
#include "registry/registry_handle.h"
#include "remote/digest.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static pv_status map_file(pv_text *bytes, const char *path, pv_error *error)
{
    struct stat info;
    void *mapped = MAP_FAILED;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && fstat(file, &info) == 0)
        mapped = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    const int cause = errno;
    if (file >= 0) (void)close(file);
    if (mapped == MAP_FAILED) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(cause));
    *bytes = (pv_text){mapped, (size_t)info.st_size};
    return PV_OK;
}

/* Map the model and fill in what current.json will say of it. It is opened as a model first, so that only a sound one
 * is published; its own checksum tells whether a training put another file in its place meanwhile. */
static pv_status describe(pv_published_model *model, pv_text *bytes, const char *path, pv_error *error)
{
    pv_status status;
    unsigned char digest[PV_SHA256_SIZE];
    pv_model *opened = NULL;
    PV_TRY(pv_model_open(&opened, path, error));
    PV_TRY(map_file(bytes, path, error));
    const char *checksum = pv_safetensors_checksum(opened->file);
    if (!memmem(bytes->data, bytes->size, checksum, strlen(checksum)))
        PV_TRY(pv_fail(error, PV_E_INPUT, "%s: was replaced while it was read: publish it again", path));
    *model = (pv_published_model){.size = (int64_t)bytes->size, .as_of = opened->ranker->shop.as_of};
    memcpy(model->model, opened->id, sizeof model->model);
    PV_TRY(pv_sha256_of(digest, *bytes, error));
    pv_sha256_print(model->sha256, digest);
    pv_model_key(model);
cleanup:
    pv_model_free(opened);
    return status;
}

/* Have the object. What is sent carries its SHA-256, and the server refuses altered bytes; what was there before, under
 * this hash, is written again only where it is not what its name says. */
static pv_status store(pv_registry *registry, pv_published_model *model, pv_text bytes, pv_error *error)
{
    static const pv_s3_condition is_new = {.if_none_match = "*"}, any = {NULL, NULL};
    static const char type[] = "application/octet-stream";
    pv_status status;
    bool is_whole;
    char *key = NULL;
    pv_s3_outcome outcome;
    pv_s3_object object;
    PV_TRY(pv_registry_key(&key, registry, model->key, error));
    PV_TRY(pv_s3_write(&outcome, &object, registry->client, key, bytes, type, &is_new, error));
    if (outcome == PV_S3_PRECONDITION) {
        PV_TRY(pv_registry_look_at_object(&is_whole, &object, registry, model, error));
        if (!is_whole) PV_TRY(pv_s3_write(&outcome, &object, registry->client, key, bytes, type, &any, error));
    }
    PV_TRY(pv_registry_check_object(registry, model, &object, error));
    memcpy(model->version_id, object.version_id, sizeof model->version_id);
cleanup:
    free(key);
    return status;
}

typedef struct publication {
    pv_published_model *model;
    pv_published_model *before;
    const char *expected;
} publication;

static bool is_same(const pv_published_model *a, const pv_published_model *b)
{
    return strcmp(a->sha256, b->sha256) == 0;
}

/* A time that the model was not published at before, so that it tells this publication from earlier ones. */
static int64_t new_time(const pv_model_pointer *pointer, const pv_published_model *model)
{
    int64_t time = pv_clock_now();
    for (size_t k = 0; k < pointer->count; k++) {
        const pv_published_model *earlier = &pointer->published[k];
        if (is_same(earlier, model) && earlier->published_at >= time) time = earlier->published_at + 1;
    }
    return time;
}

static pv_status put_on_top(void *context, pv_model_pointer *pointer, bool is_there, pv_error *error)
{
    const publication *p = context;
    (void)is_there;
    *p->before = pointer->current;
    if (p->expected && strcmp(p->expected, pointer->current.model) != 0)
        return pv_fail(error, PV_E_OUTPUT, "in use is %s: expected %s; nothing was moved",
                       pointer->current.model[0] ? pointer->current.model : "no model",
                       p->expected[0] ? p->expected : "none");
    p->model->published_at = new_time(pointer, p->model);
    return pv_model_pointer_push(pointer, p->model, error);
}

static bool is_published(const void *context, const pv_model_pointer *pointer)
{
    const publication *p = context;
    for (size_t k = 0; k < pointer->count; k++)
        if (is_same(&pointer->published[k], p->model) && pointer->published[k].published_at == p->model->published_at)
            return true;
    return false;
}

pv_status pv_registry_publish(pv_published_model *published, pv_published_model *before, pv_registry *registry,
                              const char *path, const char *expected, pv_error *error)
{
    pv_status status;
    pv_text bytes = {NULL, 0};
    publication p = {published, before, expected};
    const pv_deadline deadline = pv_registry_begin(registry);
    const pv_pointer_change change = {put_on_top, is_published, &p};
    PV_TRY(describe(published, &bytes, path, error));
    PV_TRY(store(registry, published, bytes, error));
    PV_TRY(pv_registry_swap(registry, deadline, &change, error));
cleanup:
    if (bytes.data) (void)munmap((void *)(uintptr_t)bytes.data, bytes.size);
    return status;
}
