/* secret_file.c - see secret_file.h. */
#include "remote/secret_file.h"

#include "base/failure.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for the whole is made once: a buffer that grows would leave its former memory uncleared, and so would stdio. */
static pv_status read_open(pv_buffer *text, int file, const char *path, size_t most, pv_error *error)
{
    struct stat info;
    if (fstat(file, &info) != 0) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode) || info.st_size < 0 || (uint64_t)info.st_size > most)
        return pv_fail(error, PV_E_INPUT, "%s: expected a file of at most %zu bytes", path, most);
    const size_t size = (size_t)info.st_size;
    char *room = pv_buffer_room(text, size + 1);
    if (!room) return pv_fail_memory(error, "a file of secrets", size);
    while (text->size < size) {
        const ssize_t n = read(file, room + text->size, size - text->size);
        if (n == 0) break;
        if (n < 0 && errno != EINTR) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
        if (n > 0) text->size += (size_t)n;
    }
    return PV_OK;
}

pv_status pv_secret_file_read(pv_buffer *text, const char *path, size_t most, pv_error *error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer must not hold us up */
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) return PV_OK;
    if (file < 0) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
    const pv_status status = read_open(text, file, path, most, error);
    (void)close(file);
    return status;
}

void pv_secret_buffer_deinit(pv_buffer *text)
{
    if (text->data) explicit_bzero(text->data, text->capacity);
    pv_buffer_deinit(text);
}
