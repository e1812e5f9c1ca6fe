/* publish.c - a model file becomes an object named by its hash, and the one in use. */
#include "base/failure.h"
#include "base/timestamp.h"
#include "model/model.h"
#include "registry/registry_handle.h"
#include "remote/digest.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static pv_status map_file(pv_text *bytes, const char *path, pv_error *error)
{
    struct stat info;
    void *mapped = MAP_FAILED;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && fstat(file, &info) == 0 && info.st_size > 0)
        mapped = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    const int cause = errno;
    if (file >= 0) (void)close(file);
    if (mapped == MAP_FAILED) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(cause));
    *bytes = (pv_text){mapped, (size_t)info.st_size};
    return PV_OK;
}

/* What current.json will say. The file is opened as a model first, so only a sound one is published. */
static pv_status describe(pv_published_model *model, pv_text bytes, const char *path, pv_error *error)
{
    unsigned char digest[PV_SHA256_SIZE];
    pv_model *opened = NULL;
    pv_status status = pv_model_open(&opened, path, error);
    if (status != PV_OK) return status;
    *model = (pv_published_model){
        .size = (int64_t)bytes.size, .as_of = opened->ranker->shop.as_of, .published_at = pv_clock_now()};
    memcpy(model->model, opened->id, sizeof model->model);
    pv_model_free(opened);
    status = pv_sha256_of(digest, bytes, error);
    if (status != PV_OK) return status;
    pv_sha256_print(model->sha256, digest);
    pv_model_key(model);
    return PV_OK;
}

/* The object's name is its content, so one that is there with the right size is it. What is sent carries its SHA-256,
 * and the server refuses altered bytes. */
static pv_status store(pv_registry *registry, pv_published_model *model, pv_text bytes, pv_error *error)
{
    pv_status status;
    char *key = NULL;
    pv_s3_outcome outcome;
    pv_s3_object object;
    const pv_s3_condition any = {NULL, NULL};
    PV_TRY(pv_registry_key(&key, registry, model->key, error));
    PV_TRY(pv_s3_look(&outcome, &object, registry->client, key, error));
    if (outcome != PV_S3_DONE || object.size != model->size)
        PV_TRY(pv_s3_write(&outcome, &object, registry->client, key, bytes, "application/octet-stream", &any, error));
    PV_TRY(pv_registry_check_object(registry, model, &object, error));
    memcpy(model->version_id, object.version_id, sizeof model->version_id);
cleanup:
    free(key);
    return status;
}

typedef struct publication {
    const pv_published_model *model;
    const char *expected;
} publication;

static pv_status put_on_top(void *context, pv_model_pointer *pointer, bool is_there, pv_error *error)
{
    const publication *p = context;
    (void)is_there;
    if (p->expected && strcmp(p->expected, pointer->current.model) != 0)
        return pv_fail(error, PV_E_OUTPUT, "in use is %s: expected %s; nothing was moved",
                       pointer->current.model[0] ? pointer->current.model : "no model",
                       p->expected[0] ? p->expected : "none");
    return pv_model_pointer_push(pointer, p->model, error);
}

pv_status pv_registry_publish(pv_published_model *published, pv_registry *registry, const char *path,
                              const char *expected, pv_error *error)
{
    pv_status status;
    pv_text bytes = {NULL, 0};
    const pv_deadline deadline = pv_registry_begin(registry);
    publication p = {published, expected};
    PV_TRY(map_file(&bytes, path, error));
    PV_TRY(describe(published, bytes, path, error));
    PV_TRY(store(registry, published, bytes, error));
    PV_TRY(pv_registry_swap(registry, deadline, put_on_top, &p, error));
cleanup:
    if (bytes.data) (void)munmap((void *)(uintptr_t)bytes.data, bytes.size);
    return status;
}
