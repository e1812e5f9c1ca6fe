/* log_case.c - see log_case.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "log_case.h"
#include "base/failure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BATCH_MAX 16

int log_case_set_up(void **state)
{
    log_case *c = calloc(1, sizeof *c);
    if (!c || !scratch_folder_create(&c->parent)) return -1;
    scratch_path(c->folder, &c->parent, "events");
    scratch_path(c->file, &c->parent, "events/events.log");
    c->lines.fail_at = -1;
    *state = c;
    return 0;
}

int log_case_tear_down(void **state)
{
    log_case *c = *state;
    log_case_close(c);
    pv_buffer_deinit(&c->lines.text);
    scratch_folder_remove(&c->parent);
    free(c);
    return 0;
}

static pv_status visit(void *context, pv_text json, const pv_log_position *before, const pv_log_position *after,
                       pv_error *error)
{
    log_lines *lines = context;
    const pv_log_position expected = lines->n > 0 ? lines->after[lines->n - 1] : *before;
    assert_true(lines->n < LOG_LINES_KEPT);
    assert_true(before->offset == expected.offset && before->digest == expected.digest);
    assert_true(after->offset == before->offset + (int64_t)json.size + 18);
    if (lines->n == lines->fail_at) return pv_fail(error, PV_E_INTERRUPTED, "stopped by the visitor");
    lines->after[lines->n++] = *after;
    pv_buffer_append_text(&lines->text, json);
    pv_buffer_append(&lines->text, "\n", 1);
    return PV_OK;
}

static void forget_lines(log_case *c)
{
    c->lines.n = 0;
    c->lines.text.size = 0;
    c->report = (pv_log_report){-1, -1};
}

pv_status log_case_open(log_case *c)
{
    forget_lines(c);
    return pv_event_log_open(&c->log, c->folder, visit, &c->lines, &c->report, &c->error);
}

void log_case_close(log_case *c)
{
    pv_event_log_free(c->log);
    c->log = NULL;
}

pv_status log_case_read(log_case *c, const pv_log_position *from, int64_t until)
{
    forget_lines(c);
    return pv_event_log_read(c->folder, from, until, visit, &c->lines, &c->report, &c->error);
}

pv_status log_case_append(log_case *c, int first, int n)
{
    char texts[BATCH_MAX][32];
    pv_text json[BATCH_MAX];
    pv_log_position end;
    assert_true(n <= BATCH_MAX);
    for (int k = 0; k < n; k++) {
        snprintf(texts[k], sizeof texts[k], "{\"n\":%d}", first + k);
        json[k] = pv_text_of(texts[k]);
    }
    const pv_status status = pv_event_log_append(c->log, json, n, &end, &c->error);
    if (status == PV_OK) {
        const pv_log_position known = pv_event_log_end(c->log);
        assert_true(end.offset == known.offset && end.digest == known.digest);
    }
    return status;
}

void log_case_fill(log_case *c, int n)
{
    assert_int_equal(log_case_open(c), PV_OK);
    for (int k = 1; k <= n; k++) assert_int_equal(log_case_append(c, k, 1), PV_OK);
    log_case_close(c);
}

void log_case_assert_lines(const log_case *c, int n)
{
    pv_buffer expected = {0};
    for (int k = 1; k <= n; k++) pv_buffer_print(&expected, "{\"n\":%d}\n", k);
    assert_false(expected.failed || c->lines.text.failed);
    assert_int_equal(c->lines.n, n);
    assert_int_equal(c->report.lines, n);
    assert_int_equal(c->lines.text.size, expected.size);
    if (n > 0) assert_memory_equal(c->lines.text.data, expected.data, expected.size);
    pv_buffer_deinit(&expected);
}

char *log_case_file(const log_case *c, const char *name, size_t *size)
{
    char path[2 * SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", c->folder, name);
    char *bytes = scratch_read(path, size);
    assert_non_null(bytes);
    return bytes;
}

void log_case_assert_size(const log_case *c, int64_t size)
{
    struct stat found;
    assert_int_equal(stat(c->file, &found), 0);
    assert_int_equal(found.st_size, size);
}
