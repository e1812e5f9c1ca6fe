/* whole_file.c - see whole_file.h. */
#include "tune/whole_file.h"

#include "base/failure.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 16)

pv_status pv_whole_file_read(pv_buffer *text, int descriptor, const char *path, size_t most, pv_error *error)
{
    for (;;) {
        char *room = pv_buffer_room(text, PIECE);
        if (!room) return pv_fail_memory(error, path, PIECE);
        const ssize_t n = read(descriptor, room, PIECE);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return pv_fail(error, PV_E_INPUT, "%.300s: %s", path, strerror(errno));
        if (n == 0) return PV_OK;
        text->size += (size_t)n;
        if (text->size > most) return pv_fail(error, PV_E_INPUT, "%.300s: larger than %zu KiB", path, most / 1024);
    }
}
