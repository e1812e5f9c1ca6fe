/* Lines of the log as they come out of a pipe. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "log_line.h"
#include <string.h>
#include <unistd.h>

#define LINE_MAX_SIZE 4096

typedef struct pipe_case {
    int ends[2]; /* read, write */
    log_sink sink;
    char text[LINE_MAX_SIZE];
} pipe_case;

static void open_pipe(pipe_case *c, log_format format)
{
    assert_int_equal(pipe(c->ends), 0);
    c->sink = (log_sink){.file = c->ends[1], .level = LOG_INFO, .format = format};
}

/* All that was written. */
static const char *end_of_pipe(pipe_case *c)
{
    assert_int_equal(close(c->ends[1]), 0);
    size_t size = 0;
    for (ssize_t got; (got = read(c->ends[0], c->text + size, sizeof c->text - 1 - size)) > 0;) size += (size_t)got;
    c->text[size] = '\0';
    assert_int_equal(close(c->ends[0]), 0);
    return c->text;
}

static void an_object_begins_with_time_level_message_and_request(void **state)
{
    (void)state;
    pipe_case c;
    pv_buffer line = {0};
    pv_json json = {.out = &line};
    open_pipe(&c, LOG_JSON);
    pv_json_begin_object(&json);
    log_begin_members(&json, 1764000000003, LOG_WARN, "a \"b\"", "8476");
    pv_json_end_object(&json);
    log_write(&c.sink, &line);
    pv_buffer_deinit(&line);
    assert_string_equal(end_of_pipe(&c), "{\"timestamp\":\"2025-11-24T16:00:00.003Z\",\"level\":\"WARN\","
                                         "\"message\":\"a \\\"b\\\"\",\"requestId\":\"8476\"}\n");
}

static void a_line_of_text_has_the_same_in_the_same_order(void **state)
{
    (void)state;
    pv_buffer line = {0};
    log_begin_text(&line, 951782399999, LOG_ERROR, "lost", "8476");
    log_begin_text(&line, 951782400000, LOG_FATAL, "end", "");
    pv_buffer_append(&line, "", 1);
    assert_string_equal(line.data, "2000-02-28T23:59:59.999Z ERROR 8476 lost"
                                   "2000-02-29T00:00:00.000Z FATAL end");
    pv_buffer_deinit(&line);
}

static void a_message_stays_one_line_of_ascii(void **state)
{
    (void)state;
    pipe_case c;
    open_pipe(&c, LOG_TEXT);
    log_message(&c.sink, LOG_INFO, "", "a\nb\r\tc\x7f\xff%s", "{}");
    const char *text = end_of_pipe(&c);
    assert_string_equal(text + strlen("2026-01-02T03:04:05.678Z "), "INFO a?b??c??{}\n");
}

static void below_the_level_nothing_is_written(void **state)
{
    (void)state;
    pipe_case c;
    open_pipe(&c, LOG_JSON);
    log_message(&c.sink, LOG_DEBUG, "", "no");
    assert_false(log_is_on(&c.sink, LOG_DEBUG));
    assert_true(log_is_on(&c.sink, LOG_INFO));
    assert_string_equal(end_of_pipe(&c), "");
}

static void a_log_that_nobody_takes_is_no_reason_to_stop(void **state)
{
    (void)state;
    const log_sink sink = {.file = -1, .level = LOG_INFO, .format = LOG_JSON};
    log_message(&sink, LOG_FATAL, "", "lost");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_begins_with_time_level_message_and_request),
        cmocka_unit_test(a_line_of_text_has_the_same_in_the_same_order),
        cmocka_unit_test(a_message_stays_one_line_of_ascii),
        cmocka_unit_test(below_the_level_nothing_is_written),
        cmocka_unit_test(a_log_that_nobody_takes_is_no_reason_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
