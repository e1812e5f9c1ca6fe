/* scratch_folder.h - a folder for one test's files, made under $TMPDIR or /tmp and removed with all that is in it. */
#ifndef SCRATCH_FOLDER_H
#define SCRATCH_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#define SCRATCH_PATH_SIZE 512

typedef struct scratch_folder {
    char path[SCRATCH_PATH_SIZE];
} scratch_folder;

bool scratch_folder_create(scratch_folder *folder);
void scratch_folder_remove(const scratch_folder *folder);

/* path = FOLDER/name */
void scratch_path(char path[SCRATCH_PATH_SIZE], const scratch_folder *folder, const char *name);
bool scratch_write(const char *path, const void *bytes, size_t size);
/* The whole file and a NUL behind it, to be freed; NULL when it cannot be read. size nullable. */
char *scratch_read(const char *path, size_t *size);
/* Entries of the folder but "." and "..", -1 when it cannot be read. */
int scratch_count(const scratch_folder *folder);

#endif
