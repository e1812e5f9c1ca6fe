/* fetch_model.c - a published model, or a model's object, as a file of this machine. */
#include "base/failure.h"
#include "registry/local_folder.h"
#include "registry/registry_handle.h"
#include "remote/s3_address.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".model"

static bool has_file(const char *path, int64_t size)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == size;
}

pv_status pv_registry_fetch(char **path, pv_registry *registry, const pv_published_model *model, const char *folder,
                            pv_error *error)
{
    pv_status status;
    char *key = NULL, *file = NULL;
    pv_s3_outcome outcome;
    pv_s3_object object;
    (void)pv_registry_begin(registry);
    PV_TRY(pv_local_folder_make(folder, error));
    if (asprintf(&file, "%s/%s" SUFFIX, folder, model->sha256) < 0) file = NULL;
    PV_TRY(pv_check_memory(file != NULL, "a path", error));
    if (!has_file(file, model->size)) {
        PV_TRY(pv_registry_key(&key, registry, model->key, error));
        PV_TRY(pv_s3_read_file(&outcome, &object, registry->client, key, file, model->sha256, error));
        if (outcome != PV_S3_DONE)
            PV_TRY(pv_fail(error, PV_E_INPUT, "s3://%s/%s: no such object", registry->bucket, key));
    }
    *path = file;
    file = NULL;
cleanup:
    free(key);
    free(file);
    return status;
}

/* The hash in the name of an object that was published; NULL: another name. */
static const char *hash_in_name(char hash[65], const char *name)
{
    if (strlen(name) != 64 + strlen(SUFFIX) || strspn(name, "0123456789abcdef") != 64) return NULL;
    memcpy(hash, name, 64);
    hash[64] = '\0';
    return hash;
}

static pv_status fetch_object(char **path, const pv_registry_options *options, const pv_s3_address *address,
                              const char *folder, pv_error *error)
{
    pv_status status;
    char hash[65], *file = NULL;
    pv_s3_client *client = NULL;
    pv_s3_outcome outcome;
    pv_s3_object object;
    const char *slash = strrchr(address->key, '/'), *name = slash ? slash + 1 : address->key;
    PV_TRY(pv_local_folder_make(folder, error));
    if (asprintf(&file, "%s/%s", folder, name) < 0) file = NULL;
    PV_TRY(pv_check_memory(file != NULL, "a path", error));
    PV_TRY(pv_s3_client_create(&client, address->bucket, options->authorities, pv_registry_deadline(options), error));
    PV_TRY(pv_s3_read_file(&outcome, &object, client, address->key, file, hash_in_name(hash, name), error));
    if (outcome != PV_S3_DONE) PV_TRY(pv_fail(error, PV_E_INPUT, "%s: no such object", options->address));
    *path = file;
    file = NULL;
cleanup:
    pv_s3_client_free(client);
    free(file);
    return status;
}

static pv_status fetch_in_use(char **path, const pv_registry_options *options, const char *folder, pv_error *error)
{
    bool is_new;
    pv_published_model model;
    pv_registry *registry = NULL;
    pv_status status = pv_registry_open(&registry, options, error);
    if (status == PV_OK) status = pv_registry_look(&model, &is_new, registry, error);
    if (status == PV_OK) status = pv_registry_fetch(path, registry, &model, folder, error);
    pv_registry_free(registry);
    return status;
}

pv_status pv_fetch_model(char **path, const pv_registry_options *options, const char *folder, pv_error *error)
{
    pv_s3_address address = {.key = NULL};
    pv_status status = pv_s3_address_parse(&address, options->address, error);
    if (status != PV_OK) return status;
    const size_t size = strlen(address.key);
    const bool is_object = size > strlen(SUFFIX) && strcmp(address.key + size - strlen(SUFFIX), SUFFIX) == 0;
    status =
        is_object ? fetch_object(path, options, &address, folder, error) : fetch_in_use(path, options, folder, error);
    pv_s3_address_deinit(&address);
    return status;
}
