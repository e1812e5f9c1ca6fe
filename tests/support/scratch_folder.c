/* scratch_folder.c - see scratch_folder.h. */
#include "support/scratch_folder.h"
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool scratch_folder_create(scratch_folder *folder)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(folder->path, sizeof folder->path, "%s/purvey-test-XXXXXX", parent ? parent : "/tmp");
    return length > 0 && (size_t)length < sizeof folder->path && mkdtemp(folder->path);
}

static int remove_entry(const char *path, const struct stat *found, int kind, struct FTW *place)
{
    (void)found, (void)kind, (void)place;
    return remove(path);
}

void scratch_folder_remove(const scratch_folder *folder)
{
    nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_path(char path[SCRATCH_PATH_SIZE], const scratch_folder *folder, const char *name)
{
    int length = snprintf(path, SCRATCH_PATH_SIZE, "%s/%s", folder->path, name);
    if (length < 0 || length >= SCRATCH_PATH_SIZE) path[0] = '\0';
}

bool scratch_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wbe");
    if (!file) return false;
    bool is_written = fwrite(bytes, 1, size, file) == size;
    return fclose(file) == 0 && is_written;
}

char *scratch_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    if (!file) return NULL;
    char *bytes = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        long length = ftell(file);
        bytes = length < 0 ? NULL : calloc((size_t)length + 1, 1);
        rewind(file);
        if (bytes && fread(bytes, 1, (size_t)length, file) != (size_t)length) {
            free(bytes);
            bytes = NULL;
        }
        if (bytes && size) *size = (size_t)length;
    }
    fclose(file);
    return bytes;
}

int scratch_count(const scratch_folder *folder)
{
    DIR *opened = opendir(folder->path);
    if (!opened) return -1;
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(opened);
    return count;
}
