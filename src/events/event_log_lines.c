/* event_log_lines.c - see event_log_lines.h. */
#include "events/event_log_lines.h"

#include "base/failure.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define PIECE ((size_t)64 * 1024)

/* --- one line ---------------------------------------------------------------------------------------------------- */

static uint64_t digest_of(pv_text json, uint64_t before)
{
    return XXH3_64bits_withSeed(json.data, json.size, before);
}

uint64_t pv_event_line_append(pv_buffer *out, pv_text json, uint64_t before)
{
    const uint64_t digest = digest_of(json, before);
    pv_buffer_print(out, "%016" PRIx64 " ", digest);
    pv_buffer_append_text(out, json);
    pv_buffer_append_string(out, "\n");
    return digest;
}

/* The digest that a line begins with. False when it begins otherwise. */
static bool read_digits(uint64_t *digest, const char *line)
{
    uint64_t value = 0;
    for (int k = 0; k < PV_EVENT_LINE_DIGITS; k++) {
        const char digit = line[k];
        if (digit >= '0' && digit <= '9')
            value = value << 4 | (uint64_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value = value << 4 | (uint64_t)(digit - 'a' + 10);
        else
            return false;
    }
    *digest = value;
    return line[PV_EVENT_LINE_DIGITS] == ' ';
}

/* --- failures ---------------------------------------------------------------------------------------------------- */

static ssize_t read_at(const pv_event_lines *lines, char *bytes, size_t size, int64_t offset)
{
    ssize_t n;
    do {
        n = pread(lines->descriptor, bytes, size, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* Number of the line that begins at `offset`, counted from the beginning of the file: reading may have begun later. */
static int64_t line_number(const pv_event_lines *lines, int64_t offset)
{
    char piece[4096];
    int64_t number = 1;
    for (int64_t at = 0; at < offset;) {
        const int64_t left = offset - at;
        const ssize_t n = read_at(lines, piece, left < (int64_t)sizeof piece ? (size_t)left : sizeof piece, at);
        if (n <= 0) break;
        for (ssize_t k = 0; k < n; k++) number += piece[k] == '\n';
        at += n;
    }
    return number;
}

static pv_status fail_line(const pv_event_lines *lines, const char *cause, pv_error *error)
{
    const int64_t number = line_number(lines, lines->end.offset);
    return pv_fail_at(error, PV_E_INPUT, number, "%.300s/" PV_EVENT_LOG_NAME ":%" PRId64 ": %s", lines->folder, number,
                      cause);
}

static pv_status fail_file(const pv_event_lines *lines, const char *cause, pv_error *error)
{
    return pv_fail(error, PV_E_INPUT, "%.300s/" PV_EVENT_LOG_NAME ": %s", lines->folder, cause);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* More bytes of the file behind those at hand; *n 0 at its end. */
static pv_status read_more(size_t *n, pv_event_lines *lines, pv_error *error)
{
    const int64_t offset = lines->end.offset + (int64_t)lines->bytes.size;
    const int64_t left = lines->until - offset;
    /* As much again as is at hand: a long line is so copied only a few times. */
    size_t size = lines->bytes.size > PIECE ? lines->bytes.size : PIECE;
    *n = 0;
    if (left <= 0) return PV_OK;
    if (left < (int64_t)size) size = (size_t)left;
    char *room = pv_buffer_room(&lines->bytes, size);
    if (!room) return pv_fail_memory(error, "a line of the event log", size);
    const ssize_t got = read_at(lines, room, size, offset);
    if (got < 0) return fail_file(lines, strerror(errno), error);
    lines->bytes.size += (size_t)got;
    *n = (size_t)got;
    return PV_OK;
}

/* One whole line without its newline: check it, hand it on, step behind it. */
static pv_status take_line(pv_event_lines *lines, pv_text line, pv_log_line *visit, void *context, pv_error *error)
{
    uint64_t digest;
    if (line.size >= PV_EVENT_LINE_BYTES_MAX) return fail_line(lines, "the line is longer than 16 MiB", error);
    if (line.size <= PV_EVENT_LINE_PREFIX || !read_digits(&digest, line.data))
        return fail_line(lines, "no line of an event log (expected 16 digits, a space and JSON)", error);
    const pv_text json = {line.data + PV_EVENT_LINE_PREFIX, line.size - PV_EVENT_LINE_PREFIX};
    if (digest != digest_of(json, lines->end.digest))
        return fail_line(lines, "its digits do not fit: the line was altered, or lines before it are missing", error);
    const pv_log_position after = {lines->end.offset + (int64_t)line.size + 1, digest};
    const pv_status status = visit(context, json, &lines->end, &after, error);
    if (status != PV_OK) return status;
    lines->end = after;
    lines->n_lines++;
    return PV_OK;
}

/* Take all whole lines that are at hand; what is left moves to the front. `seen` bytes hold no newline. */
static pv_status take_lines(pv_event_lines *lines, size_t seen, pv_log_line *visit, void *context, pv_error *error)
{
    const char *at = lines->bytes.data, *end = at + lines->bytes.size;
    const char *newline = memchr(at + seen, '\n', lines->bytes.size - seen);
    for (; newline; newline = memchr(at, '\n', (size_t)(end - at))) {
        const pv_status status = take_line(lines, (pv_text){at, (size_t)(newline - at)}, visit, context, error);
        if (status != PV_OK) return status;
        at = newline + 1;
    }
    lines->bytes.size = (size_t)(end - at);
    memmove(lines->bytes.data, at, lines->bytes.size);
    if (lines->bytes.size >= PV_EVENT_LINE_BYTES_MAX) return fail_line(lines, "the line is longer than 16 MiB", error);
    return PV_OK;
}

pv_status pv_event_lines_read(pv_event_lines *lines, pv_log_line *visit, void *context, pv_error *error)
{
    lines->bytes.size = 0;
    for (;;) {
        const size_t seen = lines->bytes.size;
        size_t n = 0;
        pv_status status = read_more(&n, lines, error);
        if (status != PV_OK || n == 0) return status;
        status = take_lines(lines, seen, visit, context, error);
        if (status != PV_OK) return status;
    }
}

void pv_event_lines_deinit(pv_event_lines *lines)
{
    pv_buffer_deinit(&lines->bytes);
}

/* --- where reading begins ---------------------------------------------------------------------------------------- */

/* Offset of the line whose newline is the byte before `end`: the newline before that one is looked for backwards. -1
 * when there is no such line or it cannot be read. */
static int64_t line_start(const pv_event_lines *lines, int64_t end)
{
    char piece[4096];
    if (read_at(lines, piece, 1, end - 1) != 1 || piece[0] != '\n') return -1;
    int64_t high = end - 1;
    while (high > 0 && end - high <= (int64_t)PV_EVENT_LINE_BYTES_MAX) {
        const int64_t low = high > (int64_t)sizeof piece ? high - (int64_t)sizeof piece : 0;
        if (read_at(lines, piece, (size_t)(high - low), low) != high - low) return -1;
        const char *newline = memrchr(piece, '\n', (size_t)(high - low));
        if (newline) return low + (newline - piece) + 1;
        high = low;
    }
    return high == 0 ? 0 : -1;
}

pv_status pv_event_lines_check_start(const pv_event_lines *lines, pv_error *error)
{
    char prefix[PV_EVENT_LINE_PREFIX];
    uint64_t digest = 0;
    bool is_sound = lines->end.offset >= 0;
    if (lines->end.offset > 0) {
        const int64_t start = line_start(lines, lines->end.offset);
        is_sound = start >= 0 && read_at(lines, prefix, sizeof prefix, start) == (ssize_t)sizeof prefix &&
                   read_digits(&digest, prefix);
    }
    if (is_sound && digest == lines->end.digest) return PV_OK;
    return pv_fail(error, PV_E_INPUT,
                   "%.300s/" PV_EVENT_LOG_NAME ": byte %" PRId64 " is not where reading ended before: another log, or "
                   "it was cut",
                   lines->folder, lines->end.offset);
}
