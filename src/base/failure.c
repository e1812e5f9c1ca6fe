/* failure.c - see failure.h. Messages quote file content, so whatever could end a line or steer a terminal is replaced
 * here, in one place. */
#include "base/failure.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* C0, DEL and C1 (U+0080 to U+009F, in UTF-8 C2 80 to C2 9F). */
static bool is_control(const char *character, size_t size)
{
    unsigned char first = (unsigned char)character[0];
    if (size == 1) return first < 0x20 || first == 0x7f;
    return size == 2 && first == 0xc2 && (unsigned char)character[1] < 0xa0;
}

/* Copy `from` to `to` with '?' for control characters and for bytes that are no UTF-8, cut at a whole character. */
static void copy_printable(char *to, size_t capacity, const char *from, size_t size)
{
    size_t written = 0;
    for (size_t at = 0; at < size;) {
        size_t length = pv_text_character((pv_text){from + at, size - at});
        bool replace = length == 0 || is_control(from + at, length);
        size_t needed = replace ? 1 : length;
        if (written + needed >= capacity) break;
        if (replace) {
            to[written] = '?';
        } else {
            memcpy(to + written, from + at, length);
        }
        written += needed;
        at += length ? length : 1;
    }
    to[written] = '\0';
}

/* The arguments may point into *error (a message that is put behind a prefix), so it is written last. */
static PV_PRINTF(5, 0) void fill(pv_error *error, pv_status status, int64_t position, const char *field,
                                 const char *format, va_list arguments)
{
    char message[2 * sizeof error->message], named[sizeof error->field];
    int length = vsnprintf(message, sizeof message, format, arguments);
    if (length < 0) length = 0;
    size_t size = (size_t)length < sizeof message ? (size_t)length : sizeof message - 1;
    copy_printable(named, sizeof named, field, strlen(field));
    error->status = status;
    error->position = position;
    memcpy(error->field, named, sizeof named);
    copy_printable(error->message, sizeof error->message, message, size);
}

pv_status pv_fail(pv_error *error, pv_status status, const char *format, ...)
{
    if (!error) return status;
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, -1, "", format, arguments);
    va_end(arguments);
    return status;
}

pv_status pv_fail_at(pv_error *error, pv_status status, int64_t position, const char *format, ...)
{
    if (!error) return status;
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, position, "", format, arguments);
    va_end(arguments);
    return status;
}

pv_status pv_fail_field(pv_error *error, pv_status status, const char *field, const char *format, ...)
{
    if (!error) return status;
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, -1, field, format, arguments);
    va_end(arguments);
    return status;
}

pv_status pv_fail_memory(pv_error *error, const char *what, uint64_t bytes)
{
    if (bytes == 0) return pv_fail(error, PV_E_MEMORY, "no memory for %s", what);
    return pv_fail(error, PV_E_MEMORY, "no memory for %s (%" PRIu64 " bytes)", what, bytes);
}

pv_status pv_check_memory(bool succeeded, const char *what, pv_error *error)
{
    return succeeded ? PV_OK : pv_fail_memory(error, what, 0);
}
