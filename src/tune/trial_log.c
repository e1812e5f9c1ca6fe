/* trial_log.c - see trial_log.h. */
#include "tune/trial_log.h"

#include "base/failure.h"
#include "base/json_fields.h"
#include "base/memory.h"
#include "tune/search_space.h"
#include "tune/train_settings.h"
#include "tune/whole_file.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct pv_trial_log {
    char *path;
    int descriptor;
    pv_trial *trials; /* [n] */
    size_t n, capacity;
};

static pv_status fail(const pv_trial_log *log, const char *cause, pv_error *error)
{
    return pv_fail(error, PV_E_OUTPUT, "%.300s: %s", log->path, cause);
}

/* --- one line ---------------------------------------------------------------------------------------------------- */

static void print_trial(pv_buffer *line, const pv_trial *trial)
{
    pv_json json = {.out = line};
    pv_json_begin_object(&json);
    pv_json_integer_field(&json, "rung", trial->rung);
    pv_json_integer_field(&json, "setting", trial->setting);
    pv_json_number_field(&json, "recall_new", trial->recall.new_products);
    pv_json_number_field(&json, "recall_all", trial->recall.all_products);
    pv_json_integer_field(&json, "users_new", trial->recall.new_users);
    pv_json_integer_field(&json, "users_all", trial->recall.all_users);
    pv_json_key(&json, "options");
    pv_train_settings_json(&json, &trial->options);
    pv_json_end_object(&json);
    pv_buffer_append_string(line, "\n");
}

/* null is NaN. */
static bool take_number(double *value, const pv_yaml_document *document, const pv_yaml_node *node)
{
    *value = (double)NAN;
    return pv_yaml_is_null(node) || pv_yaml_number(value, document, node, NULL) == PV_OK;
}

static bool take_field(pv_trial *trial, const pv_yaml_pair *pair, const pv_yaml_document *document)
{
    double value;
    if (pv_yaml_is(pair->key, "options")) {
        pv_train_options_init(&trial->options);
        const bool is_taken = pv_train_settings_take(&trial->options, document, pair->value, NULL) == PV_OK;
        trial->options.signals = NULL; /* borrowed from the document; the first line of the file tells them */
        return is_taken;
    }
    if (!take_number(&value, document, pair->value)) return false;
    if (pv_yaml_is(pair->key, "recall_new"))
        trial->recall.new_products = value;
    else if (pv_yaml_is(pair->key, "recall_all"))
        trial->recall.all_products = value;
    else if (!(value >= 0 && value <= INT32_MAX))
        return false;
    else if (pv_yaml_is(pair->key, "rung"))
        trial->rung = (int32_t)value;
    else if (pv_yaml_is(pair->key, "setting"))
        trial->setting = (int64_t)value;
    else if (pv_yaml_is(pair->key, "users_new"))
        trial->recall.new_users = (int64_t)value;
    else if (pv_yaml_is(pair->key, "users_all"))
        trial->recall.all_users = (int64_t)value;
    else
        return false;
    return true;
}

#define FIELD_COUNT 7

/* False when the line is none that print_trial() wrote. */
static bool parse_trial(pv_trial *trial, const char *path, pv_text line)
{
    pv_yaml_document *document = NULL;
    const pv_yaml_pair *pairs = NULL;
    int32_t count = 0;
    *trial = (pv_trial){0};
    if (pv_yaml_document_read(&document, path, line, NULL) != PV_OK) return false;
    bool is_sound =
        document->root && pv_yaml_pairs(&pairs, &count, document, document->root, FIELD_COUNT, NULL) == PV_OK;
    is_sound = is_sound && count == FIELD_COUNT;
    for (int32_t k = 0; is_sound && k < count; k++) is_sound = take_field(trial, &pairs[k], document);
    pv_yaml_document_free(document);
    return is_sound;
}

/* --- the file ---------------------------------------------------------------------------------------------------- */

static pv_status keep(pv_trial_log *log, const pv_trial *trial, pv_error *error)
{
    if (!pv_reserve((void **)&log->trials, &log->capacity, log->n + 1, sizeof *log->trials))
        return pv_fail_memory(error, "trials", 0);
    log->trials[log->n++] = *trial;
    return PV_OK;
}

static pv_status write_line(pv_trial_log *log, const char *bytes, size_t size, pv_error *error)
{
    while (size > 0) {
        const ssize_t n = write(log->descriptor, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(log, strerror(errno), error);
        bytes += n;
        size -= (size_t)n;
    }
    return fsync(log->descriptor) == 0 ? PV_OK : fail(log, strerror(errno), error);
}

static pv_status cut_to(const pv_trial_log *log, size_t size, pv_error *error)
{
    if (ftruncate(log->descriptor, (off_t)size) != 0) return fail(log, strerror(errno), error);
    return PV_OK;
}

/* *sound: bytes up to the end of the last line that can be used. */
static pv_status take_lines(pv_trial_log *log, size_t *sound, const char *text, size_t size, pv_error *error)
{
    for (;;) {
        const char *line = text + *sound;
        const char *end = memchr(line, '\n', size - *sound);
        pv_trial trial;
        if (!end || !parse_trial(&trial, log->path, (pv_text){line, (size_t)(end - line)})) return PV_OK;
        const pv_status status = keep(log, &trial, error);
        if (status != PV_OK) return status;
        *sound += (size_t)(end - line) + 1;
    }
}

static bool starts_with(const pv_buffer *text, const char *start)
{
    const size_t size = strlen(start);
    return text->size >= size && memcmp(text->data, start, size) == 0;
}

static pv_status begin_anew(pv_trial_log *log, const char *identity, pv_error *error)
{
    pv_status status;
    pv_buffer line = {0};
    PV_TRY(cut_to(log, 0, error));
    pv_buffer_print(&line, "%s\n", identity);
    PV_TRY(pv_check_memory(!line.failed, "trials", error));
    PV_TRY(write_line(log, line.data, line.size, error));
cleanup:
    pv_buffer_deinit(&line);
    return status;
}

static pv_status take_file(pv_trial_log *log, const char *identity, pv_error *error)
{
    pv_status status;
    pv_buffer text = {0};
    PV_TRY(pv_whole_file_read(&text, log->descriptor, log->path, FILE_BYTES_MAX, error));
    size_t sound = strlen(identity);
    if (text.size > 0 && !starts_with(&text, PV_TRIAL_LOG_MARK))
        PV_TRY(fail(log, "is no list of trials of purvey tune; it is left as it is", error));
    if (!starts_with(&text, identity) || sound >= text.size || text.data[sound] != '\n') {
        PV_TRY(begin_anew(log, identity, error));
        goto cleanup;
    }
    sound++;
    PV_TRY(take_lines(log, &sound, text.data, text.size, error));
    if (sound < text.size) PV_TRY(cut_to(log, sound, error));
cleanup:
    pv_buffer_deinit(&text);
    return status;
}

pv_status pv_trial_log_open(pv_trial_log **out, const char *path, const char *identity, pv_error *error)
{
    pv_status status;
    pv_trial_log *log = calloc(1, sizeof *log);
    if (!log) return pv_fail_memory(error, "trials", sizeof *log);
    log->descriptor = -1;
    log->path = strdup(path);
    PV_TRY(pv_check_memory(log->path != NULL, "trials", error));
    log->descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
    if (log->descriptor < 0) PV_TRY(fail(log, strerror(errno), error));
    if (flock(log->descriptor, LOCK_EX | LOCK_NB) != 0)
        PV_TRY(fail(log, errno == EWOULDBLOCK ? "another purvey tune is writing it" : strerror(errno), error));
    PV_TRY(take_file(log, identity, error));
    *out = log;
    log = NULL;
cleanup:
    pv_trial_log_close(log);
    return status;
}

void pv_trial_log_close(pv_trial_log *log)
{
    if (!log) return;
    if (log->descriptor >= 0) close(log->descriptor);
    free(log->trials);
    free(log->path);
    free(log);
}

const pv_tune_recall *pv_trial_log_find(const pv_trial_log *log, int32_t rung, int64_t setting,
                                        const pv_train_options *options)
{
    for (size_t k = 0; k < log->n; k++) {
        const pv_trial *trial = &log->trials[k];
        if (trial->rung == rung && trial->setting == setting && pv_search_space_equal(&trial->options, options))
            return &trial->recall;
    }
    return NULL;
}

pv_status pv_trial_log_append(pv_trial_log *log, const pv_trial *trial, pv_error *error)
{
    pv_status status;
    pv_buffer line = {0};
    print_trial(&line, trial);
    PV_TRY(pv_check_memory(!line.failed, "trials", error));
    PV_TRY(write_line(log, line.data, line.size, error));
    PV_TRY(keep(log, trial, error));
cleanup:
    pv_buffer_deinit(&line);
    return status;
}
