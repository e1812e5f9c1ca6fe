/* Any bytes as the log of events. No mutation finds the digest of a line, so digits that are written as sixteen
 * question marks are made right first. Reading and opening must agree; what is accepted is there again, and one line
 * more, when it is opened the next time; what is refused stays as it is. */
#include "events/event_log_lines.h"
#include "fuzz_folder.h"
#include <inttypes.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of libc's: nothing here must outlive a crash, and the disk is slow. */
int fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

int fdatasync(int descriptor)
{
    (void)descriptor;
    return 0;
}

#define UNKNOWN_DIGITS "???????????????? "
_Static_assert(sizeof UNKNOWN_DIGITS - 1 == PV_EVENT_LINE_PREFIX, "as long as digits and a space");

/* The digest of a line's digits; a line that has none leaves the chain as it is. */
static uint64_t digest_of_line(pv_text line, uint64_t before)
{
    char digits[PV_EVENT_LINE_DIGITS + 1] = "";
    if (line.size < PV_EVENT_LINE_DIGITS) return before;
    memcpy(digits, line.data, PV_EVENT_LINE_DIGITS);
    return strtoull(digits, NULL, 16);
}

static void complete_digits(pv_buffer *out, const char *data, size_t size)
{
    uint64_t digest = 0;
    for (const char *at = data, *end = data + size; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const pv_text line = {at, (size_t)((newline ? newline : end) - at)};
        if (newline && line.size >= PV_EVENT_LINE_PREFIX && memcmp(at, UNKNOWN_DIGITS, PV_EVENT_LINE_PREFIX) == 0) {
            const pv_text json = {at + PV_EVENT_LINE_PREFIX, line.size - PV_EVENT_LINE_PREFIX};
            digest = pv_event_line_append(out, json, digest);
        } else {
            pv_buffer_append(out, at, line.size + (newline != NULL));
            digest = digest_of_line(line, digest);
        }
        at += line.size + (newline != NULL);
    }
    if (out->failed) abort();
}

static pv_status gather(void *context, pv_text json, const pv_log_position *before, const pv_log_position *after,
                        pv_error *error)
{
    pv_buffer *lines = context;
    (void)before, (void)after, (void)error;
    pv_buffer_append_text(lines, json);
    pv_buffer_append(lines, "\n", 1);
    return lines->failed ? PV_E_MEMORY : PV_OK;
}

static bool is_equal(const pv_buffer *a, const pv_buffer *b)
{
    return pv_text_equal((pv_text){a->data, a->size}, (pv_text){b->data, b->size});
}

static void assert_file_holds(const pv_buffer *expected)
{
    pv_buffer found = {0};
    FILE *file = fopen(fuzz_file, "rb");
    char *room = pv_buffer_room(&found, expected->size + 1);
    if (!file || !room) abort();
    found.size = fread(room, 1, expected->size + 1, file);
    fclose(file);
    if (!is_equal(&found, expected)) abort();
    pv_buffer_deinit(&found);
}

static void remove_name(const char *folder, const char *name)
{
    char path[2 * FUZZ_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)remove(path);
}

/* Append a line to an accepted log and see that the next opening finds what this one found and that line. */
static void append_and_open_again(pv_event_log *log, const char *folder, pv_buffer *lines)
{
    const pv_text json = pv_text_of("{\"more\":1}");
    pv_buffer again = {0};
    pv_log_position end;
    pv_log_report report;
    pv_error error;
    if (pv_event_log_append(log, &json, 1, &end, &error) != PV_OK) abort();
    pv_event_log_free(log);
    if (pv_event_log_open(&log, folder, gather, &again, &report, &error) != PV_OK || report.bytes_cut != 0) abort();
    const pv_log_position found = pv_event_log_end(log);
    if (found.offset != end.offset || found.digest != end.digest) abort();
    (void)gather(lines, json, NULL, NULL, NULL);
    if (!is_equal(lines, &again)) abort();
    pv_event_log_free(log);
    pv_buffer_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_buffer file = {0}, read = {0}, opened = {0};
    pv_event_log *log = NULL;
    pv_log_report report = {0};
    pv_error error;
    complete_digits(&file, (const char *)data, size);
    const char *folder = fuzz_folder_with(PV_EVENT_LOG_NAME, (const uint8_t *)(file.data ? file.data : ""), file.size);
    const bool is_sound = pv_event_log_read(folder, NULL, -1, gather, &read, &report, &error) == PV_OK;
    assert_file_holds(&file);
    if ((pv_event_log_open(&log, folder, gather, &opened, &report, &error) == PV_OK) != is_sound) abort();
    if (!is_equal(&read, &opened)) abort();
    if (is_sound) {
        char aside[64];
        (void)snprintf(aside, sizeof aside, PV_EVENT_LOG_NAME ".broken-%" PRId64, pv_event_log_end(log).offset);
        append_and_open_again(log, folder, &opened);
        remove_name(folder, aside);
    } else {
        assert_file_holds(&file);
    }
    remove_name(folder, "events.lock");
    pv_buffer_deinit(&file);
    pv_buffer_deinit(&read);
    pv_buffer_deinit(&opened);
    return 0;
}
