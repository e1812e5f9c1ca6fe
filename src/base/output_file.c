/* output_file.c - see output_file.h.
 *
 * Order of the steps, each of which may be the last one before a power cut: bytes to the temporary file, sync of the
 * file, rename, sync of the folder. A writer holds a lock on its temporary file, so that the next one can tell what a
 * killed process left behind and remove it. */
#include "base/output_file.h"
#include "base/failure.h"
#include "base/folder_sync.h"
#include "base/memory.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)1 << 18)
#define SUFFIX_LENGTH 6 /* random letters of the temporary name */
#define NAME_KEPT 200   /* bytes of the file's name in the temporary name, which may have 255 */
#define ATTEMPTS 100

struct pv_output_file {
    char *path;      /* as given, for messages */
    char *target;    /* with symbolic links resolved */
    char *folder;    /* of target */
    char *temporary; /* NULL when there is no such file */
    int descriptor;
    mode_t mode;   /* of the file that is replaced */
    bool replaces; /* there is one */
    size_t n_buffered;
    char buffer[BUFFER_SIZE];
};

static pv_status fail(const pv_output_file *file, const char *cause, pv_error *error)
{
    return pv_fail(error, PV_E_OUTPUT, "%s: cannot write: %s", file->path, cause);
}

static void release(pv_output_file *file)
{
    if (file->descriptor >= 0) close(file->descriptor);
    free(file->path);
    free(file->target);
    free(file->folder);
    free(file->temporary);
    free(file);
}

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode)) return "it is a folder";
    if (S_ISFIFO(mode)) return "it is a pipe";
    if (S_ISSOCK(mode)) return "it is a socket";
    return "it is a device";
}

/* Find the file to replace and its folder. */
static pv_status resolve(pv_output_file *file, pv_error *error)
{
    struct stat found;
    file->replaces = stat(file->path, &found) == 0;
    if (file->replaces && !S_ISREG(found.st_mode)) return fail(file, kind_of(found.st_mode), error);
    if (!file->replaces && errno != ENOENT) return fail(file, strerror(errno), error);
    if (!file->replaces && lstat(file->path, &found) == 0) return fail(file, "it is a link to nothing", error);
    if (file->replaces) file->mode = found.st_mode & 07777;
    file->target = file->replaces ? realpath(file->path, NULL) : strdup(file->path);
    if (!file->target) return fail(file, strerror(errno), error);
    const char *slash = strrchr(file->target, '/');
    if ((slash ? slash[1] : file->target[0]) == '\0') return fail(file, "it names no file", error);
    file->folder = slash == file->target ? strdup("/")
                   : slash               ? strndup(file->target, (size_t)(slash - file->target))
                                         : strdup(".");
    return file->folder ? PV_OK : pv_fail_memory(error, "path", strlen(file->target));
}

/* ".NAME." of the temporary files of this target. */
static int temporary_prefix(char prefix[NAME_KEPT + 3], const pv_output_file *file)
{
    const char *slash = strrchr(file->target, '/');
    return snprintf(prefix, NAME_KEPT + 3, ".%.*s.", NAME_KEPT, slash ? slash + 1 : file->target);
}

/* Remove temporary files of this target that no living writer holds. Whatever goes wrong here harms nobody. */
static void remove_stale(const pv_output_file *file)
{
    char prefix[NAME_KEPT + 3];
    size_t length = (size_t)temporary_prefix(prefix, file);
    DIR *folder = opendir(file->folder);
    if (!folder) return;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strlen(entry->d_name) != length + SUFFIX_LENGTH + strlen(".tmp") ||
            memcmp(entry->d_name, prefix, length) != 0 || strcmp(entry->d_name + length + SUFFIX_LENGTH, ".tmp") != 0) {
            continue;
        }
        int descriptor = openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (descriptor < 0) continue;
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) unlinkat(dirfd(folder), entry->d_name, 0);
        close(descriptor);
    }
    closedir(folder);
}

static void random_letters(char letters[SUFFIX_LENGTH + 1])
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32 of them: no bias */
    unsigned char bytes[SUFFIX_LENGTH];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) memset(bytes, 0, sizeof bytes);
    for (int i = 0; i < SUFFIX_LENGTH; i++) letters[i] = alphabet[bytes[i] % 32];
    letters[SUFFIX_LENGTH] = '\0';
}

/* Lock the new file and see that nobody took it for a stale one in between. Where locks do not exist nothing is ever
 * taken for stale. */
static bool is_ours(int descriptor)
{
    struct stat found;
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
    return fstat(descriptor, &found) == 0 && found.st_nlink > 0;
}

static pv_status open_temporary(pv_output_file *file, pv_error *error)
{
    char prefix[NAME_KEPT + 3], letters[SUFFIX_LENGTH + 1];
    temporary_prefix(prefix, file);
    size_t size = strlen(file->folder) + strlen(prefix) + SUFFIX_LENGTH + sizeof "/.tmp";
    char *name = malloc(size);
    if (!name) return pv_fail_memory(error, "path", size);
    mode_t mode = file->replaces ? file->mode & 0777 : 0666;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        random_letters(letters);
        snprintf(name, size, "%s/%s%s.tmp", file->folder, prefix, letters);
        int descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (descriptor < 0 && errno != EEXIST) break;
        if (descriptor >= 0 && is_ours(descriptor)) {
            file->descriptor = descriptor;
            file->temporary = name;
            return PV_OK;
        }
        if (descriptor >= 0) close(descriptor);
        errno = EEXIST;
    }
    free(name);
    return fail(file, strerror(errno), error);
}

pv_status pv_output_file_create(pv_output_file **file, const char *path, pv_error *error)
{
    pv_status status;
    pv_output_file *created = calloc(1, sizeof *created);
    if (!created) return pv_fail_memory(error, "output file", sizeof *created);
    created->descriptor = -1;
    created->path = strdup(path);
    if (!created->path) {
        status = pv_fail_memory(error, "path", strlen(path));
        goto cleanup;
    }
    PV_TRY(resolve(created, error));
    remove_stale(created);
    PV_TRY(open_temporary(created, error));
    /* The umask cut the mode at opening. A file system without modes keeps its own. */
    if (created->replaces && fchmod(created->descriptor, created->mode) != 0 && errno != EPERM && errno != ENOTSUP) {
        status = fail(created, strerror(errno), error);
        goto cleanup;
    }
    *file = created;
    return PV_OK;
cleanup:
    pv_output_file_abandon(created);
    return status;
}

static pv_status write_all(const pv_output_file *file, const char *bytes, size_t size, pv_error *error)
{
    while (size > 0) {
        ssize_t written = write(file->descriptor, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(file, strerror(errno), error);
        bytes += written;
        size -= (size_t)written;
    }
    return PV_OK;
}

static pv_status flush(pv_output_file *file, pv_error *error)
{
    size_t size = file->n_buffered;
    file->n_buffered = 0;
    return write_all(file, file->buffer, size, error);
}

pv_status pv_output_file_write(pv_output_file *file, const void *bytes, size_t size, pv_error *error)
{
    if (size == 0) return PV_OK;
    if (size > BUFFER_SIZE - file->n_buffered) {
        pv_status status = flush(file, error);
        if (status != PV_OK) return status;
        if (size >= BUFFER_SIZE) return write_all(file, bytes, size, error);
    }
    memcpy(file->buffer + file->n_buffered, bytes, size);
    file->n_buffered += size;
    return PV_OK;
}

static pv_status commit(pv_output_file *file, bool is_synced, pv_error *error)
{
    pv_status status;
    PV_TRY(flush(file, error));
    if ((is_synced && fsync(file->descriptor) != 0) || rename(file->temporary, file->target) != 0) {
        status = fail(file, strerror(errno), error);
        goto cleanup;
    }
    free(file->temporary);
    file->temporary = NULL;
    if (is_synced && !pv_folder_sync(AT_FDCWD, file->folder)) status = fail(file, strerror(errno), error);
cleanup:
    pv_output_file_abandon(file);
    return status;
}

pv_status pv_output_file_commit(pv_output_file *file, pv_error *error)
{
    return commit(file, true, error);
}

pv_status pv_output_file_commit_unsynced(pv_output_file *file, pv_error *error)
{
    return commit(file, false, error);
}

void pv_output_file_abandon(pv_output_file *file)
{
    if (!file) return;
    if (file->temporary) unlink(file->temporary);
    release(file);
}

const char *pv_output_file_temporary_path(const pv_output_file *file)
{
    return file->temporary;
}
