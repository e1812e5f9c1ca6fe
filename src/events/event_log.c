/* event_log.c - see event_log.h.
 *
 * Everything is reached through the opened folder, so a process that changes its working folder goes on writing the
 * same log. Bytes are acknowledged after fdatasync(); opening syncs as well, because a killed process may have left
 * whole lines that never were. */
#include "events/event_log.h"

#include "base/failure.h"
#include "base/folder_sync.h"
#include "events/event_log_lines.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "events.lock"

struct pv_event_log {
    char *path; /* of the folder, as given, for messages */
    int folder, lock, descriptor;
    pv_log_position end;
    bool is_broken; /* what a failed append wrote could not be cut off */
};

static pv_status fail(const char *folder, const char *name, const char *cause, pv_error *error)
{
    return pv_fail(error, PV_E_OUTPUT, "%.300s/%s: cannot write: %s", folder, name, cause);
}

static pv_status write_all(int descriptor, const char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(descriptor, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return PV_E_OUTPUT;
        bytes += n;
        size -= (size_t)n;
    }
    return PV_OK;
}

/* --- opening ----------------------------------------------------------------------------------------------------- */

static pv_status open_folder(int *folder, const char *path, pv_error *error)
{
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0) return pv_fail(error, PV_E_INPUT, "%.300s: cannot read: %s", path, strerror(errno));
    return PV_OK;
}

static pv_status take_lock(pv_event_log *log, pv_error *error)
{
    log->lock = openat(log->folder, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (log->lock < 0) return fail(log->path, LOCK_NAME, strerror(errno), error);
    if (flock(log->lock, LOCK_EX | LOCK_NB) == 0) return PV_OK;
    if (errno != EWOULDBLOCK) return fail(log->path, LOCK_NAME, strerror(errno), error);
    return pv_fail(error, PV_E_OUTPUT, "%.300s: another purvey serves this folder; stop it or give another folder",
                   log->path);
}

/* The log, and its name and the folder's on the disk: who created them may have been killed before it synced them. */
static pv_status open_file(pv_event_log *log, pv_error *error)
{
    struct stat found;
    log->descriptor =
        openat(log->folder, PV_EVENT_LOG_NAME, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (log->descriptor < 0 || fstat(log->descriptor, &found) != 0)
        return fail(log->path, PV_EVENT_LOG_NAME, strerror(errno), error);
    if (!S_ISREG(found.st_mode)) return fail(log->path, PV_EVENT_LOG_NAME, "it is no regular file", error);
    if (!pv_folder_sync(log->folder, ".") || !pv_folder_sync(log->folder, ".."))
        return fail(log->path, PV_EVENT_LOG_NAME, strerror(errno), error);
    return PV_OK;
}

/* Keep a broken last line beside the log, then cut it off: a kill in between leaves both, and this is done again. */
static pv_status set_tail_aside(const pv_event_log *log, pv_text tail, pv_error *error)
{
    char name[64];
    snprintf(name, sizeof name, PV_EVENT_LOG_NAME ".broken-%" PRId64, log->end.offset);
    const int aside =
        openat(log->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    bool is_done = aside >= 0 && write_all(aside, tail.data, tail.size) == PV_OK && fsync(aside) == 0 &&
                   pv_folder_sync(log->folder, ".");
    const int cause = errno;
    if (aside >= 0) close(aside);
    if (!is_done) return fail(log->path, name, strerror(cause), error);
    if (ftruncate(log->descriptor, (off_t)log->end.offset) != 0)
        return fail(log->path, PV_EVENT_LOG_NAME, strerror(errno), error);
    return PV_OK;
}

static pv_status replay(pv_event_log *log, pv_log_line *visit, void *context, pv_log_report *report, pv_error *error)
{
    pv_status status;
    pv_event_lines lines = {.folder = log->path, .descriptor = log->descriptor, .until = INT64_MAX};
    PV_TRY(pv_event_lines_read(&lines, visit, context, error));
    log->end = lines.end;
    if (lines.bytes.size > 0) PV_TRY(set_tail_aside(log, (pv_text){lines.bytes.data, lines.bytes.size}, error));
    if (fdatasync(log->descriptor) != 0) PV_TRY(fail(log->path, PV_EVENT_LOG_NAME, strerror(errno), error));
    *report = (pv_log_report){lines.n_lines, (int64_t)lines.bytes.size};
cleanup:
    pv_event_lines_deinit(&lines);
    return status;
}

pv_status pv_event_log_open(pv_event_log **log, const char *folder, pv_log_line *visit, void *context,
                            pv_log_report *report, pv_error *error)
{
    pv_status status;
    pv_event_log *opened = calloc(1, sizeof *opened);
    if (!opened) return pv_fail_memory(error, "event log", sizeof *opened);
    opened->folder = opened->lock = opened->descriptor = -1;
    opened->path = strdup(folder);
    PV_TRY(pv_check_memory(opened->path != NULL, "event log", error));
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        PV_TRY(pv_fail(error, PV_E_OUTPUT, "%.300s: cannot create: %s", folder, strerror(errno)));
    PV_TRY(open_folder(&opened->folder, folder, error));
    PV_TRY(take_lock(opened, error));
    PV_TRY(open_file(opened, error));
    PV_TRY(replay(opened, visit, context, report, error));
    *log = opened;
    opened = NULL;
cleanup:
    pv_event_log_free(opened);
    return status;
}

void pv_event_log_free(pv_event_log *log)
{
    if (!log) return;
    if (log->descriptor >= 0) close(log->descriptor);
    if (log->lock >= 0) close(log->lock);
    if (log->folder >= 0) close(log->folder);
    free(log->path);
    free(log);
}

/* --- appending --------------------------------------------------------------------------------------------------- */

/* The file under its name is the one that is written and as long as it was left. Otherwise what is appended now would
 * be acknowledged and not be found again. */
static pv_status check_file(const pv_event_log *log, pv_error *error)
{
    struct stat named, ours;
    if (fstatat(log->folder, PV_EVENT_LOG_NAME, &named, 0) != 0 || fstat(log->descriptor, &ours) != 0)
        return fail(log->path, PV_EVENT_LOG_NAME, strerror(errno), error);
    if (named.st_dev != ours.st_dev || named.st_ino != ours.st_ino || ours.st_size != log->end.offset)
        return fail(log->path, PV_EVENT_LOG_NAME, "another program changed it", error);
    return PV_OK;
}

/* lines: what to write; *end: the position behind it. */
static pv_status print_lines(pv_buffer *lines, pv_log_position *end, const pv_text *json, int64_t n, pv_error *error)
{
    for (int64_t k = 0; k < n; k++) {
        if (json[k].size == 0 || memchr(json[k].data, '\n', json[k].size))
            return pv_fail(error, PV_E_INTERNAL, "event %" PRId64 " of the batch is not one line of JSON", k);
        if (json[k].size >= PV_EVENT_LINE_BYTES_MAX - PV_EVENT_LINE_PREFIX)
            return pv_fail(error, PV_E_USAGE, "event %" PRId64 " of the batch is longer than 16 MiB", k);
        end->digest = pv_event_line_append(lines, json[k], end->digest);
    }
    end->offset += (int64_t)lines->size;
    return pv_check_memory(!lines->failed, "a batch of events", error);
}

pv_status pv_event_log_append(pv_event_log *log, const pv_text *json, int64_t n, pv_log_position *end, pv_error *error)
{
    pv_status status;
    pv_buffer lines = {0};
    pv_log_position behind = log->end;
    if (log->is_broken)
        PV_TRY(fail(log->path, PV_EVENT_LOG_NAME, "an earlier failure could not be undone; start purvey again", error));
    PV_TRY(check_file(log, error));
    PV_TRY(print_lines(&lines, &behind, json, n, error));
    if (lines.size > 0 &&
        (write_all(log->descriptor, lines.data, lines.size) != PV_OK || fdatasync(log->descriptor) != 0)) {
        const int cause = errno;
        log->is_broken = ftruncate(log->descriptor, (off_t)log->end.offset) != 0;
        PV_TRY(fail(log->path, PV_EVENT_LOG_NAME, strerror(cause), error));
    }
    log->end = behind;
    *end = behind;
cleanup:
    pv_buffer_deinit(&lines);
    return status;
}

pv_log_position pv_event_log_end(const pv_event_log *log)
{
    return log->end;
}

/* --- reading beside the writer ----------------------------------------------------------------------------------- */

/* *descriptor: -1 when the folder has no log. */
static pv_status open_to_read(int *descriptor, int folder, const char *path, pv_error *error)
{
    struct stat found;
    *descriptor = openat(folder, PV_EVENT_LOG_NAME, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*descriptor < 0 && errno == ENOENT) return PV_OK;
    if (*descriptor < 0 || fstat(*descriptor, &found) != 0)
        return pv_fail(error, PV_E_INPUT, "%.300s/" PV_EVENT_LOG_NAME ": cannot read: %s", path, strerror(errno));
    if (!S_ISREG(found.st_mode))
        return pv_fail(error, PV_E_INPUT, "%.300s/" PV_EVENT_LOG_NAME ": it is no regular file", path);
    return PV_OK;
}

pv_status pv_event_log_read(const char *folder, const pv_log_position *from, int64_t until, pv_log_line *visit,
                            void *context, pv_log_report *report, pv_error *error)
{
    pv_status status;
    int opened = -1;
    pv_event_lines lines = {.folder = folder, .descriptor = -1, .until = until < 0 ? INT64_MAX : until};
    if (from) lines.end = *from;
    PV_TRY(open_folder(&opened, folder, error));
    PV_TRY(open_to_read(&lines.descriptor, opened, folder, error));
    PV_TRY(pv_event_lines_check_start(&lines, error));
    if (lines.descriptor >= 0) PV_TRY(pv_event_lines_read(&lines, visit, context, error));
    *report = (pv_log_report){.lines = lines.n_lines};
cleanup:
    if (lines.descriptor >= 0) close(lines.descriptor);
    if (opened >= 0) close(opened);
    pv_event_lines_deinit(&lines);
    return status;
}
