/* fetched.c - see fetched.h. */
#include "fetched.h"

#include <errno.h>
#include <ftw.h>
#include <purvey/model.h>
#include <purvey/registry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* The folder of models; NULL: no memory. */
static char *model_folder(void)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *folder = NULL;
    int size;
    if (cache != NULL && cache[0] == '/')
        size = asprintf(&folder, "%s/purvey/models", cache);
    else if (home != NULL && home[0] == '/')
        size = asprintf(&folder, "%s/.cache/purvey/models", home);
    else
        size = asprintf(&folder, "%s/purvey/models", temporary_folder());
    return size < 0 ? NULL : folder;
}

static pv_status no_memory(pv_error *error)
{
    *error = (pv_error){.status = PV_E_MEMORY, .position = -1};
    return PV_E_MEMORY;
}

/* A new folder below that of this run. */
static pv_status make_folder(char **folder, fetched_files *files, pv_error *error)
{
    if (files->folder == NULL) {
        if (asprintf(&files->folder, "%s/purvey-XXXXXX", temporary_folder()) < 0) files->folder = NULL;
        if (files->folder == NULL) return no_memory(error);
        if (mkdtemp(files->folder) == NULL) {
            *error = (pv_error){.status = PV_E_OUTPUT, .position = -1};
            snprintf(error->message, sizeof error->message, "%.200s: cannot be made: %s", files->folder,
                     strerror(errno));
            free(files->folder);
            files->folder = NULL;
            return PV_E_OUTPUT;
        }
    }
    if (asprintf(folder, "%s/%zu", files->folder, files->count) < 0) *folder = NULL;
    return *folder != NULL ? PV_OK : no_memory(error);
}

static pv_status fetch(char **path, fetched_files *files, const char *address, fetched_kind kind, pv_error *error)
{
    const pv_registry_options options = {.address = address};
    char *folder = NULL;
    if (kind == FETCHED_MODEL) {
        folder = model_folder();
        if (folder == NULL) return no_memory(error);
        const pv_status status = pv_fetch_model(path, &options, folder, error);
        free(folder);
        return status;
    }
    pv_status status = make_folder(&folder, files, error);
    if (status == PV_OK && kind == FETCHED_SHOP) {
        status = pv_fetch_shop(path, &options, folder, error);
    } else if (status == PV_OK) {
        status = pv_fetch_events(&options, folder, error);
        if (status == PV_OK) {
            *path = folder;
            folder = NULL;
        }
    }
    free(folder);
    return status;
}

static struct fetched_file *add_file(fetched_files *files)
{
    struct fetched_file *grown = realloc(files->files, (files->count + 1) * sizeof *grown);
    if (grown == NULL) return NULL;
    files->files = grown;
    grown[files->count] = (struct fetched_file){0};
    return &grown[files->count++];
}

pv_status fetch_argument(const char **argument, fetched_files *files, fetched_kind kind, pv_error *error)
{
    const char *address = *argument;
    if (address == NULL || strncmp(address, "s3://", 5) != 0) return PV_OK;
    for (size_t k = 0; k < files->count; k++) {
        if (files->files[k].kind != kind || strcmp(files->files[k].address, address) != 0) continue;
        *argument = files->files[k].path;
        return PV_OK;
    }
    char *path = NULL, *copy = strdup(address);
    pv_status status = copy != NULL ? fetch(&path, files, address, kind, error) : no_memory(error);
    struct fetched_file *file = status == PV_OK ? add_file(files) : NULL;
    if (status == PV_OK && file == NULL) status = no_memory(error);
    if (status != PV_OK) {
        free(copy);
        pv_free(path);
        return status;
    }
    *file = (struct fetched_file){kind, copy, path};
    *argument = path;
    return PV_OK;
}

const char *fetched_address(const fetched_files *files, const char *path)
{
    for (size_t k = 0; k < files->count; k++)
        if (strcmp(files->files[k].path, path) == 0) return files->files[k].address;
    return path;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

void fetched_files_remove(fetched_files *files)
{
    if (files->folder != NULL) (void)nftw(files->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t k = 0; k < files->count; k++) {
        free(files->files[k].address);
        pv_free(files->files[k].path);
    }
    free(files->files);
    free(files->folder);
    *files = (fetched_files){0};
}
