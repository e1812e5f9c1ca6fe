/* The event log on a real folder: its form, what replay finds, every kind of damage, broken ends, positions, the lock.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "log_case.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Digits by XXH3_64bits_withSeed() of xxHash 0.8.1. */
#define LINE_1 "b574ab104d6c3b07 {\"n\":1}\n"
#define LINE_2 "430c90f5de3b7e5a {\"n\":2}\n"
#define LINE_3 "d543039837f45546 {\"n\":3}\n"
#define LINE_SIZE ((int64_t)sizeof LINE_1 - 1)

static mode_t mode_of(const char *path)
{
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 0777;
}

static void an_event_is_a_line_that_vouches_for_those_before(void **state)
{
    log_case *c = *state;
    size_t size;
    assert_int_equal(log_case_open(c), PV_OK);
    assert_int_equal(pv_event_log_end(c->log).offset, 0);
    assert_true(pv_event_log_end(c->log).digest == 0);
    assert_int_equal(log_case_append(c, 1, 1), PV_OK);
    assert_int_equal(log_case_append(c, 2, 2), PV_OK);
    char *bytes = log_case_file(c, "events.log", &size);
    assert_string_equal(bytes, LINE_1 LINE_2 LINE_3);
    assert_int_equal(pv_event_log_end(c->log).offset, size);
    assert_true(pv_event_log_end(c->log).digest == UINT64_C(0xd543039837f45546));
    assert_int_equal(mode_of(c->folder), 0700);
    assert_int_equal(mode_of(c->file), 0600);
    free(bytes);
}

static void what_was_appended_is_replayed_and_goes_on(void **state)
{
    log_case *c = *state;
    int next = 1;
    for (int round = 0; round < 5; round++) {
        assert_int_equal(log_case_open(c), PV_OK);
        log_case_assert_lines(c, next - 1);
        assert_int_equal(c->report.bytes_cut, 0);
        for (int n = 1; n <= 10; next += n++) assert_int_equal(log_case_append(c, next, n), PV_OK);
        const pv_log_position end = pv_event_log_end(c->log);
        log_case_close(c);
        assert_int_equal(log_case_read(c, NULL, -1), PV_OK);
        log_case_assert_lines(c, next - 1);
        assert_true(c->lines.after[next - 2].offset == end.offset && c->lines.after[next - 2].digest == end.digest);
    }
}

static void a_batch_of_nothing_changes_nothing(void **state)
{
    log_case *c = *state;
    log_case_fill(c, 2);
    assert_int_equal(log_case_open(c), PV_OK);
    assert_int_equal(log_case_append(c, 3, 0), PV_OK);
    assert_int_equal(log_case_append(c, 3, 1), PV_OK);
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 3);
}

static void what_is_no_line_is_not_appended(void **state)
{
    log_case *c = *state;
    pv_log_position end;
    const pv_text two_lines[] = {pv_text_of("{}"), pv_text_of("{\n}")}, empty[] = {pv_text_of("")};
    assert_int_equal(log_case_open(c), PV_OK);
    assert_int_equal(pv_event_log_append(c->log, two_lines, 2, &end, &c->error), PV_E_INTERNAL);
    assert_int_equal(pv_event_log_append(c->log, empty, 1, &end, &c->error), PV_E_INTERNAL);
    log_case_assert_size(c, 0);
    assert_int_equal(log_case_append(c, 1, 1), PV_OK);
}

/* --- damage ------------------------------------------------------------------------------------------------------ */

/* Reading names the line. */
static void assert_read_damaged(log_case *c, const char *bytes, size_t size, int64_t line)
{
    assert_true(scratch_write(c->file, bytes, size));
    assert_int_equal(log_case_read(c, NULL, -1), PV_E_INPUT);
    assert_int_equal(c->error.position, line);
    assert_int_equal(c->lines.n, line - 1);
}

/* Opening and reading name the line and change nothing. */
static void assert_damaged(log_case *c, const char *bytes, size_t size, int64_t line, const char *cause)
{
    char place[2 * SCRATCH_PATH_SIZE];
    size_t found_size;
    assert_true(scratch_write(c->file, bytes, size));
    snprintf(place, sizeof place, "%s:%lld: ", c->file, (long long)line);
    for (int writes = 0; writes < 2; writes++) {
        assert_int_equal(writes ? log_case_open(c) : log_case_read(c, NULL, -1), PV_E_INPUT);
        assert_int_equal(c->error.position, line);
        assert_memory_equal(c->error.message, place, strlen(place));
        assert_non_null(strstr(c->error.message, cause));
        assert_int_equal(c->lines.n, line - 1);
        assert_null(c->log);
    }
    char *found = log_case_file(c, "events.log", &found_size);
    assert_int_equal(found_size, size);
    assert_memory_equal(found, bytes, size);
    free(found);
}

static void every_flipped_bit_shows(void **state)
{
    log_case *c = *state;
    char bytes[] = LINE_1 LINE_2 LINE_3;
    const size_t size = sizeof bytes - 1;
    log_case_fill(c, 1);
    for (size_t at = 0; at + 1 < size; at++) { /* the last newline is the mark of a line that was acknowledged */
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
            assert_read_damaged(c, bytes, size, (int64_t)(at / LINE_SIZE) + 1);
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
        }
        bytes[at] = (char)(bytes[at] ^ (1 << at % 8)); /* opening syncs folders and is slow: once a byte */
        assert_damaged(c, bytes, size, (int64_t)(at / LINE_SIZE) + 1, "");
        bytes[at] = (char)(bytes[at] ^ (1 << at % 8));
    }
    assert_true(scratch_write(c->file, bytes, size));
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 3);
}

static void missing_repeated_and_swapped_lines_show(void **state)
{
    log_case *c = *state;
    static const struct {
        const char *text;
        int64_t line;
    } cases[] = {
        {LINE_2 LINE_3, 1},
        {LINE_1 LINE_3, 2},
        {LINE_1 LINE_1 LINE_2 LINE_3, 2},
        {LINE_1 LINE_2 LINE_3 LINE_3, 4},
        {LINE_2 LINE_1 LINE_3, 1},
        {LINE_1 LINE_3 LINE_2, 2},
    };
    log_case_fill(c, 1);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        assert_damaged(c, cases[k].text, strlen(cases[k].text), cases[k].line, "its digits do not fit");
}

static void what_is_no_line_shows(void **state)
{
    log_case *c = *state;
    static const char *const cases[] = {
        LINE_1 "\n" LINE_2,
        LINE_1 "430c90f5de3b7e5a\n" LINE_3,
        LINE_1 "430c90f5de3b7e5a \n" LINE_3,
        LINE_1 "430C90F5DE3B7E5A {\"n\":2}\n" LINE_3,
        LINE_1 "{\"n\":2}\n" LINE_3,
        LINE_1 "430c90f5de3b7e5a\t{\"n\":2}\n" LINE_3,
        LINE_1 " 30c90f5de3b7e5a {\"n\":2}\n" LINE_3,
    };
    log_case_fill(c, 1);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        assert_damaged(c, cases[k], strlen(cases[k]), 2, "no line of an event log");
    const char with_nul[] = LINE_1 "430c90f5de3b7e5a {\"n\"\0:2}\n";
    assert_damaged(c, with_nul, sizeof with_nul - 1, 2, "its digits do not fit");
}

static void damage_behind_a_position_has_its_true_line(void **state)
{
    log_case *c = *state;
    const pv_log_position from = {2 * LINE_SIZE, UINT64_C(0x430c90f5de3b7e5a)};
    static const char bytes[] = LINE_1 LINE_2 LINE_3 LINE_3;
    log_case_fill(c, 1);
    assert_true(scratch_write(c->file, bytes, sizeof bytes - 1));
    assert_int_equal(log_case_read(c, &from, -1), PV_E_INPUT);
    assert_int_equal(c->lines.n, 1);
    assert_int_equal(c->error.position, 4);
}

/* --- a broken end ------------------------------------------------------------------------------------------------ */

static void a_broken_last_line_is_set_aside_wherever_it_broke(void **state)
{
    log_case *c = *state;
    static const char bytes[] = LINE_1 LINE_2 LINE_3;
    const size_t whole = 2 * LINE_SIZE, size = sizeof bytes - 1;
    log_case_fill(c, 1);
    for (size_t cut = whole; cut < size; cut++) {
        size_t aside_size = 0;
        assert_true(scratch_write(c->file, bytes, cut));
        assert_int_equal(log_case_read(c, NULL, -1), PV_OK);
        log_case_assert_lines(c, 2);
        log_case_assert_size(c, (int64_t)cut);
        assert_int_equal(log_case_open(c), PV_OK);
        log_case_assert_lines(c, 2);
        assert_int_equal(c->report.bytes_cut, cut - whole);
        log_case_assert_size(c, (int64_t)whole);
        if (cut > whole) {
            char *aside = log_case_file(c, "events.log.broken-50", &aside_size);
            assert_int_equal(aside_size, cut - whole);
            assert_memory_equal(aside, bytes + whole, aside_size);
            free(aside);
        }
        assert_int_equal(log_case_append(c, 3, 1), PV_OK);
        log_case_close(c);
        char *found = log_case_file(c, "events.log", NULL);
        assert_string_equal(found, bytes);
        free(found);
    }
}

static void a_log_that_is_one_broken_line_becomes_empty(void **state)
{
    log_case *c = *state;
    log_case_fill(c, 0);
    assert_true(scratch_write(c->file, LINE_1, LINE_SIZE - 1));
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 0);
    assert_int_equal(c->report.bytes_cut, LINE_SIZE - 1);
    assert_int_equal(log_case_append(c, 1, 1), PV_OK);
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 1);
    assert_int_equal(c->report.bytes_cut, 0);
}

/* --- long lines -------------------------------------------------------------------------------------------------- */

#define LONGEST (((size_t)16 << 20) - 18) /* bytes of JSON */

static void lines_have_a_longest_length(void **state)
{
    log_case *c = *state;
    pv_log_position end;
    char *bytes = malloc(LONGEST + 1);
    assert_non_null(bytes);
    memset(bytes, 'x', LONGEST + 1);
    const pv_text longest[] = {{bytes, LONGEST}, {bytes, 1}, {bytes, LONGEST}}, too_long[] = {{bytes, LONGEST + 1}};
    assert_int_equal(log_case_open(c), PV_OK);
    assert_int_equal(pv_event_log_append(c->log, too_long, 1, &end, &c->error), PV_E_USAGE);
    log_case_assert_size(c, 0);
    assert_int_equal(pv_event_log_append(c->log, longest, 3, &end, &c->error), PV_OK);
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK);
    assert_int_equal(c->lines.n, 3);
    assert_int_equal(c->lines.text.size, 2 * LONGEST + 4);
    assert_int_equal(log_case_read(c, &c->lines.after[1], -1), PV_OK); /* behind one, back over one */
    assert_int_equal(c->lines.n, 1);
    log_case_close(c);
    free(bytes);
}

static void longer_lines_are_damage_with_and_without_an_end(void **state)
{
    log_case *c = *state;
    const size_t size = LONGEST + 40;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    memset(bytes, '0', size);
    log_case_fill(c, 1);
    assert_damaged(c, bytes, size, 1, "longer than 16 MiB");
    bytes[size - 1] = '\n';
    assert_damaged(c, bytes, size, 1, "longer than 16 MiB");
    free(bytes);
}

/* --- positions --------------------------------------------------------------------------------------------------- */

static void reading_begins_behind_a_position(void **state)
{
    log_case *c = *state;
    static pv_log_position ends[41];
    log_case_fill(c, 40);
    assert_int_equal(log_case_read(c, NULL, -1), PV_OK);
    memcpy(ends + 1, c->lines.after, 40 * sizeof *ends);
    for (int k = 0; k <= 40; k++) {
        assert_int_equal(log_case_read(c, &ends[k], -1), PV_OK);
        assert_int_equal(c->lines.n, 40 - k);
        assert_int_equal(c->report.lines, 40 - k);
        if (k < 40) assert_true(c->lines.after[39 - k].digest == ends[40].digest);
    }
}

static void a_position_of_another_log_is_refused(void **state)
{
    log_case *c = *state;
    const int64_t line = LINE_SIZE;
    const pv_log_position cases[] = {
        {0, 1},                                   /* a beginning with digits */
        {line, UINT64_C(0xb574ab104d6c3b08)},     /* other digits */
        {2 * line, UINT64_C(0xb574ab104d6c3b07)}, /* those of another line */
        {line - 1, UINT64_C(0xb574ab104d6c3b07)}, /* no line ends there */
        {line + 1, UINT64_C(0xb574ab104d6c3b07)},
        {3 * line + 1, UINT64_C(0xd543039837f45546)}, /* behind the end */
        {-line, UINT64_C(0xb574ab104d6c3b07)},
        {INT64_MAX, UINT64_C(0xd543039837f45546)},
    };
    log_case_fill(c, 3);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        assert_int_equal(log_case_read(c, &cases[k], -1), PV_E_INPUT);
        assert_int_equal(c->lines.n, 0);
        assert_non_null(strstr(c->error.message, "is not where reading ended before"));
    }
    assert_int_equal(unlink(c->file), 0);
    assert_int_equal(log_case_read(c, &(pv_log_position){line, UINT64_C(0xb574ab104d6c3b07)}, -1), PV_E_INPUT);
}

static void reading_stops_before_the_line_that_crosses_its_end(void **state)
{
    log_case *c = *state;
    log_case_fill(c, 3);
    for (int64_t until = 0; until <= 3 * LINE_SIZE + 5; until++) {
        const int64_t whole = until / LINE_SIZE;
        assert_int_equal(log_case_read(c, NULL, until), PV_OK);
        log_case_assert_lines(c, whole < 3 ? (int)whole : 3);
    }
    const pv_log_position second = {LINE_SIZE, UINT64_C(0xb574ab104d6c3b07)};
    assert_int_equal(log_case_read(c, &second, 10), PV_OK);
    assert_int_equal(c->lines.n, 0);
}

/* --- folders ----------------------------------------------------------------------------------------------------- */

static void a_folder_without_a_log_has_no_lines(void **state)
{
    log_case *c = *state;
    assert_int_equal(mkdir(c->folder, 0700), 0);
    assert_int_equal(log_case_read(c, NULL, -1), PV_OK);
    log_case_assert_lines(c, 0);
    assert_int_equal(log_case_read(c, &(pv_log_position){0, 0}, -1), PV_OK);
    assert_int_equal(access(c->file, F_OK), -1);
}

static void folders_that_cannot_be_used_are_told(void **state)
{
    log_case *c = *state;
    assert_int_equal(log_case_read(c, NULL, -1), PV_E_INPUT); /* missing */
    snprintf(c->folder, sizeof c->folder, "/proc/purvey-events");
    assert_int_equal(log_case_open(c), PV_E_OUTPUT);
    assert_string_equal(c->error.message, "/proc/purvey-events: cannot create: No such file or directory");
    snprintf(c->folder, sizeof c->folder, "/proc");
    assert_int_equal(log_case_open(c), PV_E_OUTPUT);
    scratch_path(c->folder, &c->parent, "missing/events");
    assert_int_equal(log_case_open(c), PV_E_OUTPUT);
    scratch_path(c->folder, &c->parent, "file");
    assert_true(scratch_write(c->folder, "x", 1));
    assert_int_equal(log_case_open(c), PV_E_INPUT);
    assert_int_equal(log_case_read(c, NULL, -1), PV_E_INPUT);
    assert_non_null(strstr(c->error.message, "cannot read: Not a directory"));
}

static void a_read_only_folder_is_told(void **state)
{
    log_case *c = *state;
    if (geteuid() == 0) skip(); /* modes do not bind root */
    assert_int_equal(mkdir(c->folder, 0500), 0);
    assert_int_equal(log_case_open(c), PV_E_OUTPUT);
    assert_non_null(strstr(c->error.message, "Permission denied"));
    assert_int_equal(chmod(c->folder, 0700), 0);
}

static void a_log_that_is_no_file_is_refused(void **state)
{
    log_case *c = *state;
    assert_int_equal(mkdir(c->folder, 0700), 0);
    assert_int_equal(mkfifo(c->file, 0600), 0);
    assert_int_equal(log_case_open(c), PV_E_OUTPUT);
    assert_non_null(strstr(c->error.message, "it is no regular file"));
    assert_int_equal(log_case_read(c, NULL, -1), PV_E_INPUT);
    assert_int_equal(unlink(c->file), 0);
    assert_int_equal(mkdir(c->file, 0700), 0);
    assert_int_equal(log_case_open(c), PV_E_OUTPUT);
    assert_int_equal(log_case_read(c, NULL, -1), PV_E_INPUT);
}

static void the_folder_stays_the_one_that_was_opened(void **state)
{
    log_case *c = *state;
    char before[4096], folder[SCRATCH_PATH_SIZE];
    assert_non_null(getcwd(before, sizeof before));
    memcpy(folder, c->folder, sizeof folder);
    assert_int_equal(chdir(c->parent.path), 0);
    snprintf(c->folder, sizeof c->folder, "events");
    const pv_status status = log_case_open(c);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(status, PV_OK);
    assert_int_equal(log_case_append(c, 1, 1), PV_OK);
    memcpy(c->folder, folder, sizeof folder);
    log_case_assert_size(c, LINE_SIZE);
}

/* What another program does to the file while it is open is told before anything is acknowledged. */
static void a_log_that_another_program_changed_is_not_written(void **state)
{
    log_case *c = *state;
    char other[SCRATCH_PATH_SIZE];
    scratch_path(other, &c->parent, "other");
    log_case_fill(c, 2);
    assert_int_equal(log_case_open(c), PV_OK);
    assert_int_equal(rename(c->file, other), 0);
    assert_int_equal(log_case_append(c, 3, 1), PV_E_OUTPUT);
    assert_true(scratch_write(c->file, "", 0));
    assert_int_equal(log_case_append(c, 3, 1), PV_E_OUTPUT);
    assert_non_null(strstr(c->error.message, "another program changed it"));
    assert_int_equal(rename(other, c->file), 0);
    assert_int_equal(truncate(c->file, LINE_SIZE), 0);
    assert_int_equal(log_case_append(c, 3, 1), PV_E_OUTPUT);
    assert_true(scratch_write(c->file, LINE_1 LINE_2, 2 * LINE_SIZE));
    assert_int_equal(log_case_append(c, 3, 1), PV_OK);
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 3);
}

/* --- others ------------------------------------------------------------------------------------------------------ */

static void what_the_visitor_says_is_handed_on(void **state)
{
    log_case *c = *state;
    log_case_fill(c, 3);
    c->lines.fail_at = 1;
    for (int writes = 0; writes < 2; writes++) {
        assert_int_equal(writes ? log_case_open(c) : log_case_read(c, NULL, -1), PV_E_INTERRUPTED);
        assert_string_equal(c->error.message, "stopped by the visitor");
        assert_int_equal(c->lines.n, 1);
        assert_null(c->log);
    }
    c->lines.fail_at = -1;
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 3);
}

static int exit_code(pid_t child)
{
    int outcome;
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFEXITED(outcome));
    return WEXITSTATUS(outcome);
}

/* 0: opened; 1: told that another process has it; 2: anything else. */
static int open_in_another_process(log_case *c)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return exit_code(child);
    const pv_status status = log_case_open(c);
    if (status == PV_OK) _exit(0);
    _exit(status == PV_E_OUTPUT && strstr(c->error.message, "another purvey serves this folder") ? 1 : 2);
}

static void one_process_writes(void **state)
{
    log_case *c = *state;
    log_case_fill(c, 1);
    assert_int_equal(log_case_open(c), PV_OK);
    assert_int_equal(open_in_another_process(c), 1);
    pv_event_log *first = c->log;
    assert_int_equal(log_case_open(c), PV_E_OUTPUT); /* nor does this process twice */
    assert_ptr_equal(c->log, first);
    assert_int_equal(log_case_read(c, NULL, -1), PV_OK); /* reading needs no lock */
    log_case_assert_lines(c, 1);
    log_case_close(c);
    assert_int_equal(open_in_another_process(c), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, log_case_set_up, log_case_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_event_is_a_line_that_vouches_for_those_before),
        CASE(what_was_appended_is_replayed_and_goes_on),
        CASE(a_batch_of_nothing_changes_nothing),
        CASE(what_is_no_line_is_not_appended),
        CASE(every_flipped_bit_shows),
        CASE(missing_repeated_and_swapped_lines_show),
        CASE(what_is_no_line_shows),
        CASE(damage_behind_a_position_has_its_true_line),
        CASE(a_broken_last_line_is_set_aside_wherever_it_broke),
        CASE(a_log_that_is_one_broken_line_becomes_empty),
        CASE(lines_have_a_longest_length),
        CASE(longer_lines_are_damage_with_and_without_an_end),
        CASE(reading_begins_behind_a_position),
        CASE(a_position_of_another_log_is_refused),
        CASE(reading_stops_before_the_line_that_crosses_its_end),
        CASE(a_folder_without_a_log_has_no_lines),
        CASE(folders_that_cannot_be_used_are_told),
        CASE(a_read_only_folder_is_told),
        CASE(a_log_that_is_no_file_is_refused),
        CASE(the_folder_stays_the_one_that_was_opened),
        CASE(a_log_that_another_program_changed_is_not_written),
        CASE(what_the_visitor_says_is_handed_on),
        CASE(one_process_writes),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
