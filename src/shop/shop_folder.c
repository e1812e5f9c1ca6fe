/* A shop as a folder: finds the files and hands out CSV readers. */
#include "base/failure.h"
#include "shop/byte_stream.h"
#include "shop/csv_source.h"
#include "shop/shop_source.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SETTINGS_BYTES_MAX ((size_t)2 * 1024 * 1024) /* shop_settings.c has the last word */
#define N_ENDINGS 3

static const char *const endings[N_ENDINGS] = {"", ".gz", ".zst"};

typedef struct table_file {
    char *path, *name; /* both NULL when there is none */
} table_file;

typedef struct shop_folder {
    pv_shop_source base;
    char *path;
    char *real_path;
    pv_buffer settings_text;
    table_file files[PV_TABLE_COUNT];
} shop_folder;

static pv_status join(char **path, const char *folder, const char *name, const char *ending, pv_error *error)
{
    if (asprintf(path, "%s/%s%s", folder, name, ending) >= 0) return PV_OK;
    *path = NULL;
    return pv_fail_memory(error, "path", strlen(folder) + strlen(name));
}

static bool has_compressed_ending(const char *name)
{
    for (int i = 1; i < N_ENDINGS; i++) {
        size_t size = strlen(name), ending_size = strlen(endings[i]);
        if (size > ending_size && strcmp(name + size - ending_size, endings[i]) == 0) return true;
    }
    return false;
}

/* A path of shop.yaml may not leave the folder through a symbolic link either. */
static pv_status check_inside(const shop_folder *folder, const char *path, const char *name, pv_error *error)
{
    size_t size = strlen(folder->real_path);
    char *real_path = realpath(path, NULL);
    if (real_path == NULL) return pv_fail(error, PV_E_INPUT, "%s: %s", name, strerror(errno));
    bool is_root = size == 1;
    bool is_inside = is_root || (strncmp(real_path, folder->real_path, size) == 0 && real_path[size] == '/');
    free(real_path);
    if (is_inside) return PV_OK;
    return pv_fail(error, PV_E_INPUT, "shop.yaml: %s leads out of the shop's folder", name);
}

/* Take `name` plus one of the endings if it is there; no file is no error. */
static pv_status take_candidate(table_file *file, shop_folder *folder, const char *name, const char *ending,
                                pv_error *error)
{
    struct stat facts;
    table_file found = {NULL, NULL};
    pv_status status = PV_OK;
    PV_TRY(join(&found.path, folder->path, name, ending, error));
    if (asprintf(&found.name, "%s%s", name, ending) < 0) {
        found.name = NULL;
        status = pv_fail_memory(error, "file name", strlen(name));
        goto cleanup;
    }
    if (stat(found.path, &facts) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            status = pv_fail(error, PV_E_INPUT, "%s: %s", found.name, strerror(errno));
        }
        goto cleanup;
    }
    if (!S_ISREG(facts.st_mode)) {
        status = pv_fail(error, PV_E_INPUT, "%s: is %s, a file was expected", found.name,
                         S_ISDIR(facts.st_mode) ? "a folder" : "no regular file");
        goto cleanup;
    }
    if (file->path != NULL) {
        status = pv_fail(error, PV_E_INPUT, "%s and %s are both there, remove one", file->name, found.name);
        goto cleanup;
    }
    *file = found;
    folder->base.total_bytes += (double)facts.st_size;
    return PV_OK;
cleanup:
    free(found.path);
    free(found.name);
    return status;
}

static pv_status locate(shop_folder *folder, pv_table_kind kind, pv_error *error)
{
    static const char *const standard_names[PV_TABLE_COUNT] = {"user_purchases.csv", "products.csv", "users.csv", NULL};
    const char *given = folder->base.settings->files[kind].file;
    const char *name = given != NULL ? given : standard_names[kind];
    if (name == NULL) return PV_OK;
    table_file *file = &folder->files[kind];
    for (int i = 0; i < (has_compressed_ending(name) ? 1 : N_ENDINGS); i++) {
        pv_status status = take_candidate(file, folder, name, endings[i], error);
        if (status != PV_OK) return status;
    }
    if (file->path != NULL) return given != NULL ? check_inside(folder, file->path, file->name, error) : PV_OK;
    if (given == NULL && kind != PV_TABLE_PURCHASES) return PV_OK;
    if (has_compressed_ending(name)) return pv_fail(error, PV_E_INPUT, "%s: no %s in it", folder->path, name);
    return pv_fail(error, PV_E_INPUT, "%s: no %s in it, nor %s.gz, nor %s.zst", folder->path, name, name, name);
}

static pv_status read_settings_text(shop_folder *folder, pv_error *error)
{
    char *path = NULL;
    char bytes[4096];
    struct stat facts;
    pv_byte_stream *stream = NULL;
    pv_status status = PV_OK;
    PV_TRY(join(&path, folder->path, "shop.yaml", "", error));
    if (stat(path, &facts) != 0 && errno == ENOENT) goto cleanup;
    PV_TRY(pv_byte_stream_open(&stream, path, "shop.yaml", error));
    for (size_t count = 1; count > 0 && folder->settings_text.size < SETTINGS_BYTES_MAX;) {
        PV_TRY(pv_byte_stream_read(&count, stream, bytes, sizeof bytes, error));
        pv_buffer_append(&folder->settings_text, bytes, count);
    }
    if (folder->settings_text.failed) status = pv_fail_memory(error, "shop.yaml", folder->settings_text.size);
cleanup:
    pv_byte_stream_free(stream);
    free(path);
    return status;
}

static pv_status open_table(pv_row_source **rows, pv_shop_source *base, pv_table_kind kind, pv_error *error)
{
    shop_folder *folder = (shop_folder *)base;
    const pv_file_settings *settings = &base->settings->files[kind];
    const table_file *file = &folder->files[kind];
    pv_csv_options options = {settings->delimiter, settings->is_latin1};
    *rows = NULL;
    return file->path == NULL ? PV_OK : pv_csv_source_open(rows, file->path, file->name, &options, error);
}

static void folder_free(pv_shop_source *base)
{
    shop_folder *folder = (shop_folder *)base;
    for (int kind = 0; kind < PV_TABLE_COUNT; kind++) {
        free(folder->files[kind].path);
        free(folder->files[kind].name);
    }
    pv_shop_settings_free(base->settings);
    pv_buffer_deinit(&folder->settings_text);
    free(folder->real_path);
    free(folder->path);
    free(folder);
}

pv_status pv_shop_folder_open(pv_shop_source **source, const char *path, pv_error *error)
{
    pv_status status = PV_OK;
    shop_folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL) return pv_fail_memory(error, "folder", sizeof *folder);
    folder->base.open_table = open_table;
    folder->base.free = folder_free;
    folder->path = strdup(path);
    folder->real_path = realpath(path, NULL);
    if (folder->path == NULL || folder->real_path == NULL) {
        status = pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
        goto cleanup;
    }
    PV_TRY(read_settings_text(folder, error));
    folder->base.settings_text = (pv_text){folder->settings_text.data, folder->settings_text.size};
    PV_TRY(pv_shop_settings_read(&folder->base.settings, folder->base.settings_text, error));
    for (int kind = 0; kind < PV_TABLE_COUNT; kind++) PV_TRY(locate(folder, (pv_table_kind)kind, error));
    *source = &folder->base;
    folder = NULL;
cleanup:
    if (folder != NULL) folder_free(&folder->base);
    return status;
}
