/* folder_sync.c - see folder_sync.h. */
#include "base/folder_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool pv_folder_sync(int parent, const char *name)
{
    const int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno == EACCES;
    const bool is_done = fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;
    const int cause = errno;
    close(descriptor);
    errno = cause;
    return is_done;
}
