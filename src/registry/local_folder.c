/* local_folder.c - see local_folder.h. */
#include "registry/local_folder.h"

#include "base/failure.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool make_one(const char *path)
{
    struct stat info;
    if (mkdir(path, 0700) == 0) return true;
    const int cause = errno;
    const bool is_there = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    errno = cause;
    return is_there;
}

pv_status pv_local_folder_make(const char *path, pv_error *error)
{
    char *copy = strdup(path);
    if (!copy) return pv_fail_memory(error, "a path", strlen(path));
    bool is_made = true;
    for (char *slash = copy[0] ? strchr(copy + 1, '/') : NULL; slash && is_made; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        is_made = make_one(copy);
        *slash = '/';
    }
    if (is_made) is_made = make_one(copy);
    const int cause = errno;
    free(copy);
    return is_made ? PV_OK : pv_fail(error, PV_E_OUTPUT, "%s: cannot be made: %s", path, strerror(cause));
}
