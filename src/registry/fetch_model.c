/* fetch_model.c - a published model, or a model's object, as a file of this machine. */
#include "base/failure.h"
#include "registry/local_folder.h"
#include "registry/registry_handle.h"
#include "remote/digest.h"
#include "remote/s3_address.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".model"
#define PIECE ((size_t)1 << 16) /* bytes read at a time */

/* A model's object, and where it goes. Everything is borrowed. */
typedef struct model_object {
    pv_s3_client *client;
    const char *bucket, *key, *folder;
    int64_t size;
} model_object;

static bool has_file(const char *path, int64_t size)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == size;
}

static pv_status name_file(char **path, const char *folder, const char *sha256, pv_error *error)
{
    if (asprintf(path, "%s/%s" SUFFIX, folder, sha256) < 0) *path = NULL;
    return pv_check_memory(*path != NULL, "a path", error);
}

static pv_status download(const char *path, const model_object *object, const char *sha256, pv_error *error)
{
    pv_s3_outcome outcome;
    pv_s3_object read;
    const pv_status status = pv_s3_read_file(&outcome, &read, object->client, object->key, path, sha256, error);
    if (status != PV_OK || outcome == PV_S3_DONE) return status;
    return pv_fail(error, PV_E_INPUT, "s3://%s/%s: no such object", object->bucket, object->key);
}

static pv_status have(char **path, const model_object *object, const char *sha256, pv_error *error)
{
    pv_status status;
    char *file = NULL;
    PV_TRY(pv_local_folder_make(object->folder, error));
    PV_TRY(name_file(&file, object->folder, sha256, error));
    if (!has_file(file, object->size)) PV_TRY(download(file, object, sha256, error));
    *path = file;
    file = NULL;
cleanup:
    free(file);
    return status;
}

pv_status pv_registry_fetch(char **path, pv_registry *registry, const pv_published_model *model, const char *folder,
                            pv_error *error)
{
    char *key = NULL;
    (void)pv_registry_begin(registry);
    pv_status status = pv_registry_key(&key, registry, model->key, error);
    if (status != PV_OK) return status;
    const model_object object = {registry->client, registry->bucket, key, folder, model->size};
    status = have(path, &object, model->sha256, error);
    free(key);
    return status;
}

/* --- an object that nobody published ------------------------------------------------------------------------------ */

static pv_status hash_file(char sha256[PV_SHA256_HEX], const char *path, pv_error *error)
{
    pv_status status;
    unsigned char digest[PV_SHA256_SIZE];
    pv_sha256 *sha = NULL;
    size_t size;
    char *piece = malloc(PIECE);
    FILE *file = fopen(path, "rbe");
    PV_TRY(pv_check_memory(piece != NULL, "a download", error));
    if (!file) PV_TRY(pv_fail(error, PV_E_OUTPUT, "%s: cannot be read again", path));
    PV_TRY(pv_sha256_create(&sha, error));
    while ((size = fread(piece, 1, PIECE, file)) > 0) PV_TRY(pv_sha256_add(sha, piece, size, error));
    if (ferror(file)) PV_TRY(pv_fail(error, PV_E_OUTPUT, "%s: cannot be read again", path));
    PV_TRY(pv_sha256_end(digest, sha, error));
    pv_sha256_print(sha256, digest);
cleanup:
    pv_sha256_free(sha);
    if (file) (void)fclose(file);
    free(piece);
    return status;
}

/* Under a name of its own first: the server does not know the hash. */
static pv_status have_unnamed(char **path, const model_object *object, pv_error *error)
{
    pv_status status;
    char sha256[PV_SHA256_HEX], *temporary = NULL, *file = NULL;
    bool is_made = false;
    PV_TRY(pv_local_folder_make(object->folder, error));
    if (asprintf(&temporary, "%s/download-XXXXXX", object->folder) < 0) temporary = NULL;
    PV_TRY(pv_check_memory(temporary != NULL, "a path", error));
    const int made = mkstemp(temporary);
    if (made < 0) PV_TRY(pv_fail(error, PV_E_OUTPUT, "%s: cannot be made: %s", temporary, strerror(errno)));
    is_made = true;
    (void)close(made);
    PV_TRY(download(temporary, object, NULL, error));
    PV_TRY(hash_file(sha256, temporary, error));
    PV_TRY(name_file(&file, object->folder, sha256, error));
    if (rename(temporary, file) != 0)
        PV_TRY(pv_fail(error, PV_E_OUTPUT, "%s: cannot be written: %s", file, strerror(errno)));
    is_made = false;
    *path = file;
    file = NULL;
cleanup:
    if (is_made) (void)unlink(temporary);
    free(temporary);
    free(file);
    return status;
}

static pv_status fetch_object(char **path, const pv_registry_options *options, const pv_s3_address *address,
                              const char *folder, pv_error *error)
{
    pv_status status;
    pv_s3_client *client = NULL;
    pv_s3_outcome outcome;
    pv_s3_object there;
    PV_TRY(pv_s3_client_create(&client, address->bucket, options->authorities, pv_registry_deadline(options), error));
    PV_TRY(pv_s3_look(&outcome, &there, client, address->key, error));
    if (outcome != PV_S3_DONE) PV_TRY(pv_fail(error, PV_E_INPUT, "%s: no such object", options->address));
    const model_object object = {client, address->bucket, address->key, folder, there.size};
    status = there.sha256[0] ? have(path, &object, there.sha256, error) : have_unnamed(path, &object, error);
cleanup:
    pv_s3_client_free(client);
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
