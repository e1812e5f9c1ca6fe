/* What goes wrong below the event log: full disks, short writes, failing syncs, kills. write, fsync, fdatasync and
 * ftruncate are wrapped by the linker: to see their order, to make them fail, and to be killed before each of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "log_case.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

ssize_t __wrap_write(int descriptor, const void *bytes, size_t size);
ssize_t __real_write(int descriptor, const void *bytes, size_t size);
int __wrap_fsync(int descriptor);
int __real_fsync(int descriptor);
int __wrap_fdatasync(int descriptor);
int __real_fdatasync(int descriptor);
int __wrap_ftruncate(int descriptor, off_t size);
int __real_ftruncate(int descriptor, off_t size);

#define LINE_SIZE 25
#define NO_STEP 1000000

static struct {
    bool is_watching;
    char steps[64];      /* 'w'rite, 's'ync of a file, 'f' sync of a folder, 'd'ata sync, 't'runcate */
    int kill_before;     /* number of the step before which the process is killed */
    bool kill_half_way;  /* a write that is killed has written half */
    const char *failing; /* steps that fail */
    int failure;         /* errno of them */
    bool writes_short;   /* a write takes at most 7 bytes, and every other one is interrupted */
    int n_writes;
} world;

static void watch(void)
{
    memset(&world, 0, sizeof world);
    world.is_watching = true;
    world.kill_before = NO_STEP;
    world.failing = "";
}

static void look_away(void)
{
    world.is_watching = false;
}

static bool take_step(char step)
{
    if (world.kill_before-- == 0) raise(SIGKILL);
    const size_t length = strlen(world.steps);
    if (length + 1 < sizeof world.steps) world.steps[length] = step;
    if (!strchr(world.failing, step)) return true;
    errno = world.failure;
    return false;
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t size)
{
    if (!world.is_watching) return __real_write(descriptor, bytes, size);
    if (world.kill_before == 0 && world.kill_half_way && __real_write(descriptor, bytes, size / 2) < 0) return -1;
    if (!take_step('w')) return -1;
    if (world.writes_short && world.n_writes++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_write(descriptor, bytes, world.writes_short && size > 7 ? 7 : size);
}

int __wrap_fsync(int descriptor)
{
    struct stat found;
    if (!world.is_watching) return __real_fsync(descriptor);
    const bool is_folder = fstat(descriptor, &found) == 0 && S_ISDIR(found.st_mode);
    return take_step(is_folder ? 'f' : 's') ? __real_fsync(descriptor) : -1;
}

int __wrap_fdatasync(int descriptor)
{
    if (!world.is_watching) return __real_fdatasync(descriptor);
    return take_step('d') ? __real_fdatasync(descriptor) : -1;
}

int __wrap_ftruncate(int descriptor, off_t size)
{
    if (!world.is_watching) return __real_ftruncate(descriptor, size);
    return take_step('t') ? __real_ftruncate(descriptor, size) : -1;
}

static int tear_down(void **state)
{
    look_away();
    return log_case_tear_down(state);
}

/* --- order ------------------------------------------------------------------------------------------------------- */

static void names_are_synced_at_opening_and_bytes_at_each_batch(void **state)
{
    log_case *c = *state;
    watch();
    assert_int_equal(log_case_open(c), PV_OK);
    assert_string_equal(world.steps, "ffd");
    watch();
    assert_int_equal(log_case_append(c, 1, 10), PV_OK);
    assert_string_equal(world.steps, "wd");
}

static void a_broken_line_is_kept_on_the_disk_before_it_is_cut_off(void **state)
{
    log_case *c = *state;
    log_case_fill(c, 2);
    assert_int_equal(truncate(c->file, LINE_SIZE + 10), 0);
    watch();
    assert_int_equal(log_case_open(c), PV_OK);
    assert_string_equal(world.steps, "ffwsftd");
}

/* --- full disks and failing calls -------------------------------------------------------------------------------- */

static void short_and_interrupted_writes_go_on(void **state)
{
    log_case *c = *state;
    assert_int_equal(log_case_open(c), PV_OK);
    watch();
    world.writes_short = true;
    assert_int_equal(log_case_append(c, 1, 5), PV_OK);
    assert_true(world.n_writes > 30);
    look_away();
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 5);
}

/* A real limit: the kernel writes up to it and refuses the rest, as a full disk does. */
static void a_batch_that_finds_no_room_leaves_the_log_as_it_was(void **state)
{
    log_case *c = *state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    log_case_fill(c, 2);
    assert_int_equal(log_case_open(c), PV_OK);
    for (rlim_t room = 0; room < 3 * LINE_SIZE; room++) {
        const struct rlimit limit = {2 * LINE_SIZE + room, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        const pv_status status = log_case_append(c, 3, 3);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(status, PV_E_OUTPUT);
        assert_non_null(strstr(c->error.message, "events.log: cannot write: File too large"));
        assert_int_equal(pv_event_log_end(c->log).offset, 2 * LINE_SIZE);
        log_case_assert_size(c, 2 * LINE_SIZE);
    }
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(log_case_append(c, 3, 3), PV_OK); /* there is room again */
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 5);
}

static void a_failing_write_or_sync_is_undone(void **state)
{
    log_case *c = *state;
    static const struct {
        const char *failing;
        int failure;
    } cases[] = {{"w", ENOSPC}, {"w", EDQUOT}, {"w", EROFS}, {"d", EIO}, {"d", ENOSPC}};
    log_case_fill(c, 1);
    assert_int_equal(log_case_open(c), PV_OK);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        watch();
        world.failing = cases[k].failing;
        world.failure = cases[k].failure;
        assert_int_equal(log_case_append(c, 2, 2), PV_E_OUTPUT);
        assert_non_null(strstr(c->error.message, strerror(cases[k].failure)));
        look_away();
        log_case_assert_size(c, LINE_SIZE);
    }
    assert_int_equal(log_case_append(c, 2, 2), PV_OK);
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 3);
}

static void a_failure_that_cannot_be_undone_ends_the_appending(void **state)
{
    log_case *c = *state;
    log_case_fill(c, 1);
    assert_int_equal(log_case_open(c), PV_OK);
    watch();
    world.failing = "dt";
    world.failure = EIO;
    assert_int_equal(log_case_append(c, 2, 1), PV_E_OUTPUT);
    look_away();
    assert_int_equal(log_case_append(c, 2, 1), PV_E_OUTPUT);
    assert_non_null(strstr(c->error.message, "an earlier failure could not be undone; start purvey again"));
    log_case_close(c);
    assert_int_equal(log_case_open(c), PV_OK); /* the line was never acknowledged, but it is whole */
    log_case_assert_lines(c, 2);
    assert_int_equal(log_case_append(c, 3, 1), PV_OK);
}

static void opening_that_cannot_sync_fails(void **state)
{
    log_case *c = *state;
    static const char *const steps[] = {"f", "w", "s", "t", "d"};
    log_case_fill(c, 2);
    assert_int_equal(truncate(c->file, LINE_SIZE + 10), 0);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        watch();
        world.failing = steps[k];
        world.failure = ENOSPC;
        assert_int_equal(log_case_open(c), PV_E_OUTPUT);
        assert_non_null(strstr(c->error.message, "No space left on device"));
        assert_null(c->log);
        look_away();
        log_case_assert_size(c, steps[k][0] == 'd' ? LINE_SIZE : LINE_SIZE + 10);
    }
    watch();
    world.failing = "f";
    world.failure = EINVAL; /* file systems that cannot sync folders */
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, 1);
}

/* --- kills ------------------------------------------------------------------------------------------------------- */

/* A child opens, appends two batches and is killed before that step; true when it came to its end instead. */
static bool survives(log_case *c, int step, bool half_way, int first)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        watch();
        world.kill_before = step;
        world.kill_half_way = half_way;
        const bool is_done = log_case_open(c) == PV_OK && log_case_append(c, first, 2) == PV_OK &&
                             log_case_append(c, first + 2, 2) == PV_OK;
        _exit(is_done ? 0 : 1);
    }
    int outcome;
    assert_int_equal(waitpid(child, &outcome, 0), child);
    if (WIFSIGNALED(outcome)) assert_int_equal(WTERMSIG(outcome), SIGKILL);
    if (WIFEXITED(outcome)) assert_int_equal(WEXITSTATUS(outcome), 0);
    return WIFEXITED(outcome);
}

static void killed_before_any_step_it_leaves_whole_lines(void **state)
{
    log_case *c = *state;
    int n_lines = 0;
    for (int half_way = 0; half_way < 2; half_way++) {
        bool is_done = false;
        for (int step = 0; !is_done; step++) {
            is_done = survives(c, step, half_way != 0, n_lines + 1);
            assert_int_equal(log_case_open(c), PV_OK);
            assert_true(c->lines.n >= n_lines + (is_done ? 4 : 0));
            assert_true(c->lines.n <= n_lines + 4);
            n_lines = (int)c->lines.n;
            log_case_assert_lines(c, n_lines);
            log_case_close(c);
        }
    }
}

/* Append batches for ever; behind each, its last number goes into the pipe. */
static void append_for_ever(log_case *c, int pipe_end, int first)
{
    if (log_case_open(c) != PV_OK) _exit(1);
    for (int next = first;;) {
        const int n = 1 + next % 3;
        if (log_case_append(c, next, n) != PV_OK) _exit(2);
        next += n;
        const int acknowledged = next - 1;
        if (write(pipe_end, &acknowledged, sizeof acknowledged) != (ssize_t)sizeof acknowledged) _exit(3);
    }
}

/* Kill a child after some acknowledgements and a little; the last that was acknowledged. */
static int kill_in_the_middle(log_case *c, int first, uint64_t n_acknowledgements, uint64_t spins)
{
    int ends[2], acknowledged = first - 1, number;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        append_for_ever(c, ends[1], first);
    }
    close(ends[1]);
    for (uint64_t k = 0; k < n_acknowledgements; k++) {
        assert_int_equal(read(ends[0], &number, sizeof number), sizeof number);
        acknowledged = number;
    }
    for (volatile uint64_t k = 0; k < spins; k = k + 1) continue;
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(ends[0], &number, sizeof number) == (ssize_t)sizeof number) acknowledged = number;
    int outcome;
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFSIGNALED(outcome));
    close(ends[0]);
    return acknowledged;
}

static void what_a_killed_process_acknowledged_is_there_once(void **state)
{
    log_case *c = *state;
    int n_lines = 0;
    log_case_fill(c, 0); /* the first child may be killed before it has a folder */
    for (uint64_t round = 0; round < 50; round++) {
        const int acknowledged =
            kill_in_the_middle(c, n_lines + 1, pv_random_bits(7, 0, round) % 12, pv_random_bits(7, 1, round) % 1000000);
        assert_int_equal(log_case_read(c, NULL, -1), PV_OK);
        assert_true(c->lines.n >= acknowledged);
        assert_true(c->lines.n <= acknowledged + 3); /* one batch may be whole and not yet acknowledged */
        n_lines = (int)c->lines.n;
        log_case_assert_lines(c, n_lines);
    }
    assert_int_equal(log_case_open(c), PV_OK);
    log_case_assert_lines(c, n_lines);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, log_case_set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(names_are_synced_at_opening_and_bytes_at_each_batch),
        CASE(a_broken_line_is_kept_on_the_disk_before_it_is_cut_off),
        CASE(short_and_interrupted_writes_go_on),
        CASE(a_batch_that_finds_no_room_leaves_the_log_as_it_was),
        CASE(a_failing_write_or_sync_is_undone),
        CASE(a_failure_that_cannot_be_undone_ends_the_appending),
        CASE(opening_that_cannot_sync_fails),
        CASE(killed_before_any_step_it_leaves_whole_lines),
        CASE(what_a_killed_process_acknowledged_is_there_once),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
