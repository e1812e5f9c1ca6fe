/* access_log.c - see access_log.h. */
#include "access_log.h"

#include "server_error.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE 65536
#define LINE_MAX_SIZE 1024

struct access_log {
    char *path;
    int file;
    pthread_mutex_t lock; /* of the file and what follows */
    size_t size;
    int64_t lost; /* lines that could not be written */
    char buffer[BUFFER_SIZE];
};

static bool is_standard_error(const char *path)
{
    return strcmp(path, "-") == 0;
}

static int open_file(const char *path)
{
    if (is_standard_error(path)) return STDERR_FILENO;
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

pv_status access_log_open(access_log **log, const char *path, pv_error *error)
{
    access_log *made = calloc(1, sizeof *made);
    char *copy = strdup(path);
    if (made == NULL || copy == NULL) {
        free(made);
        free(copy);
        return server_error(error, PV_E_MEMORY, "no memory");
    }
    made->path = copy;
    made->file = open_file(path);
    if (made->file < 0) {
        pv_status status = server_error(error, PV_E_OUTPUT, "--access-log %s: %s", path, strerror(errno));
        free(copy);
        free(made);
        return status;
    }
    pthread_mutex_init(&made->lock, NULL);
    *log = made;
    return PV_OK;
}

/* A log that cannot be written is no reason not to answer: its lines are dropped. */
static void write_buffer(access_log *log)
{
    for (size_t done = 0; done < log->size;) {
        ssize_t written = write(log->file, log->buffer + done, log->size - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            if (log->lost++ == 0) server_say("--access-log %s: lines are lost: %s", log->path, strerror(errno));
            break;
        }
        done += (size_t)written;
    }
    log->size = 0;
}

void access_log_flush(access_log *log)
{
    if (log == NULL) return;
    pthread_mutex_lock(&log->lock);
    write_buffer(log);
    pthread_mutex_unlock(&log->lock);
}

void access_log_close(access_log *log)
{
    if (log == NULL) return;
    write_buffer(log);
    if (!is_standard_error(log->path)) close(log->file);
    pthread_mutex_destroy(&log->lock);
    free(log->path);
    free(log);
}

pv_status access_log_reopen(access_log *log, pv_error *error)
{
    if (log == NULL || is_standard_error(log->path)) return PV_OK;
    int file = open_file(log->path);
    if (file < 0) return server_error(error, PV_E_OUTPUT, "--access-log %s: %s", log->path, strerror(errno));
    pthread_mutex_lock(&log->lock);
    write_buffer(log);
    int old = log->file;
    log->file = file;
    pthread_mutex_unlock(&log->lock);
    close(old);
    return PV_OK;
}

/* "text" in quotes, or null where it is empty. */
static void quoted(char *field, size_t size, const char *text)
{
    if (text[0] == '\0')
        snprintf(field, size, "null");
    else
        snprintf(field, size, "\"%s\"", text);
}

static int print_line(char line[static LINE_MAX_SIZE], const access_entry *entry)
{
    struct timespec now = {0};
    struct tm utc;
    char time[32], model[16], key[72], status[16] = "null", items[24] = "null";
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
    quoted(model, sizeof model, entry->model);
    quoted(key, sizeof key, entry->key);
    if (entry->status != 0) snprintf(status, sizeof status, "%d", entry->status);
    if (entry->items >= 0) snprintf(items, sizeof items, "%lld", (long long)entry->items);
    return snprintf(line, LINE_MAX_SIZE,
                    "{\"time\":\"%s.%03ldZ\",\"request_id\":\"%s\",\"method\":\"%s\",\"call\":\"%s\",\"status\":%s,"
                    "\"bytes\":%lld,\"items\":%s,\"seconds\":%.6f,\"model\":%s,\"key\":%s}\n",
                    time, now.tv_nsec / 1000000, entry->request_id, entry->method, entry->call, status,
                    (long long)entry->bytes, items, entry->seconds, model, key);
}

void access_log_add(access_log *log, const access_entry *entry)
{
    if (log == NULL) return;
    char line[LINE_MAX_SIZE];
    int printed = print_line(line, entry);
    if (printed <= 0 || printed >= LINE_MAX_SIZE) return;
    size_t size = (size_t)printed;
    pthread_mutex_lock(&log->lock);
    if (log->size + size > BUFFER_SIZE) write_buffer(log);
    memcpy(log->buffer + log->size, line, size);
    log->size += size;
    pthread_mutex_unlock(&log->lock);
}
