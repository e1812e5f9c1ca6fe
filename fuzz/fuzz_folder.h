/* fuzz_folder.h - a scratch folder, made once a process, with one file that holds the input. */
#ifndef PV_FUZZ_FOLDER_H
#define PV_FUZZ_FOLDER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FUZZ_PATH_SIZE 256

static char fuzz_folder[FUZZ_PATH_SIZE / 2];
static char fuzz_file[FUZZ_PATH_SIZE];

static inline void fuzz_path_in(char path[FUZZ_PATH_SIZE], const char *folder, const char *name)
{
    (void)snprintf(path, FUZZ_PATH_SIZE, "%s/%s", folder, name);
}

static inline void fuzz_remove_folder(void)
{
    (void)remove(fuzz_file);
    (void)rmdir(fuzz_folder);
}

/* The folder, with `bytes` as file `name`. Removed when the process ends. */
static inline const char *fuzz_folder_with(const char *name, const uint8_t *bytes, size_t size)
{
    if (!fuzz_folder[0]) {
        (void)snprintf(fuzz_folder, sizeof fuzz_folder, "/tmp/purvey-fuzz-XXXXXX");
        if (!mkdtemp(fuzz_folder) || atexit(fuzz_remove_folder) != 0) abort();
        fuzz_path_in(fuzz_file, fuzz_folder, name);
    }
    FILE *file = fopen(fuzz_file, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) abort();
    return fuzz_folder;
}

#endif
