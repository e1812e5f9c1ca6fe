/* Files that appear only when complete. write, fsync and rename are wrapped by the linker: to see their order, to make
 * them fail, and to be killed before each of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/output_file.h"
#include "support/scratch_folder.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

ssize_t __wrap_write(int descriptor, const void *bytes, size_t size);
ssize_t __real_write(int descriptor, const void *bytes, size_t size);
int __wrap_fsync(int descriptor);
int __real_fsync(int descriptor);
int __wrap_rename(const char *from, const char *to);
int __real_rename(const char *from, const char *to);

#define NO_STEP 1000000

static struct {
    bool is_watching;
    char steps[64];     /* 'w'rite (once for a run of them), 's'ync of a file, 'r'ename, 'f' sync of a folder */
    int kill_before;    /* number of the step before which the process is killed */
    bool kill_half_way; /* a write that is killed has written half */
    char failing_step;  /* 0: none */
    int failure;        /* errno of the failing step */
    bool writes_short;  /* a write takes at most 1000 bytes, and every other one is interrupted */
    int n_writes;
} world;

static void watch(void)
{
    memset(&world, 0, sizeof world);
    world.is_watching = true;
    world.kill_before = NO_STEP;
}

static bool take_step(char step)
{
    if (world.kill_before-- == 0) raise(SIGKILL);
    size_t length = strlen(world.steps);
    bool is_same_run = step == 'w' && length > 0 && world.steps[length - 1] == 'w';
    if (!is_same_run && length + 1 < sizeof world.steps) world.steps[length] = step;
    if (step != world.failing_step) return true;
    errno = world.failure;
    return false;
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t size)
{
    if (!world.is_watching) return __real_write(descriptor, bytes, size);
    if (world.kill_before == 0 && world.kill_half_way) {
        if (__real_write(descriptor, bytes, size / 2) < 0) return -1;
    }
    if (!take_step('w')) return -1;
    if (world.writes_short && world.n_writes++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_write(descriptor, bytes, world.writes_short && size > 1000 ? 1000 : size);
}

int __wrap_fsync(int descriptor)
{
    struct stat found;
    if (!world.is_watching) return __real_fsync(descriptor);
    bool is_folder = fstat(descriptor, &found) == 0 && S_ISDIR(found.st_mode);
    return take_step(is_folder ? 'f' : 's') ? __real_fsync(descriptor) : -1;
}

int __wrap_rename(const char *from, const char *to)
{
    if (!world.is_watching) return __real_rename(from, to);
    return take_step('r') ? __real_rename(from, to) : -1;
}

static scratch_folder folder;
static char target[SCRATCH_PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    if (!scratch_folder_create(&folder)) return -1;
    scratch_path(target, &folder, "model");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    scratch_folder_remove(&folder);
    return 0;
}

#define NEW_SIZE ((size_t)1 << 20)
static char new_content[NEW_SIZE];
static const char old_content[] = "the old file, whole";

/* Write new_content in pieces of all sizes. */
static pv_status write_new(const char *path, pv_error *error)
{
    pv_output_file *file;
    pv_status status = pv_output_file_create(&file, path, error);
    if (status != PV_OK) return status;
    for (size_t at = 0, piece = 1; at < NEW_SIZE; piece = piece * 5 % 300007) {
        size_t size = piece < NEW_SIZE - at ? piece : NEW_SIZE - at;
        status = pv_output_file_write(file, new_content + at, size, error);
        if (status != PV_OK) {
            pv_output_file_abandon(file);
            return status;
        }
        at += size;
    }
    return pv_output_file_commit(file, error);
}

static void write_old(void)
{
    assert_true(scratch_write(target, old_content, strlen(old_content)));
}

static bool holds(const char *path, const char *expected, size_t expected_size)
{
    size_t size = 0;
    char *content = scratch_read(path, &size);
    bool is_equal = content && size == expected_size && memcmp(content, expected, size) == 0;
    free(content);
    return is_equal;
}

static bool is_old(void)
{
    return holds(target, old_content, strlen(old_content));
}

static bool is_new(void)
{
    return holds(target, new_content, NEW_SIZE);
}

static void a_file_is_written_whole(void **state)
{
    (void)state;
    assert_int_equal(write_new(target, NULL), PV_OK);
    assert_true(is_new());
    assert_int_equal(scratch_count(&folder), 1);
}

static void a_name_without_a_folder_is_written_here(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder.path), 0);
    pv_status status = write_new("model", NULL);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(status, PV_OK);
    assert_true(is_new());
    assert_int_equal(scratch_count(&folder), 1);
}

static void bytes_are_synced_before_the_name_and_the_name_after(void **state)
{
    (void)state;
    watch();
    assert_int_equal(write_new(target, NULL), PV_OK);
    assert_string_equal(world.steps, "wsrf");
}

static void short_and_interrupted_writes_go_on(void **state)
{
    (void)state;
    watch();
    world.writes_short = true;
    assert_int_equal(write_new(target, NULL), PV_OK);
    assert_true(world.n_writes > 1000);
    assert_true(is_new());
}

static void a_failing_step_leaves_the_old_file_and_no_other(void **state)
{
    (void)state;
    static const struct {
        char step;
        int failure;
    } cases[] = {{'w', ENOSPC}, {'s', EIO}, {'r', EACCES}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[SCRATCH_PATH_SIZE + 100];
        pv_error error;
        write_old();
        watch();
        world.failing_step = cases[i].step;
        world.failure = cases[i].failure;
        assert_int_equal(write_new(target, &error), PV_E_OUTPUT);
        snprintf(expected, sizeof expected, "%s: cannot write: %s", target, strerror(cases[i].failure));
        assert_string_equal(error.message, expected);
        assert_true(is_old());
        assert_int_equal(scratch_count(&folder), 1);
    }
}

static void a_folder_that_cannot_be_synced_is_told(void **state)
{
    (void)state;
    watch();
    world.failing_step = 'f';
    world.failure = EIO;
    assert_int_equal(write_new(target, NULL), PV_E_OUTPUT);
    assert_true(is_new());
    watch();
    world.failing_step = 'f';
    world.failure = EINVAL; /* file systems without it */
    assert_int_equal(write_new(target, NULL), PV_OK);
}

/* A child is killed before that step; true when it came to its end instead. */
static bool survives(int step, bool half_way)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        watch();
        world.kill_before = step;
        world.kill_half_way = half_way;
        _exit(write_new(target, NULL) == PV_OK ? 0 : 1);
    }
    int outcome;
    assert_int_equal(waitpid(child, &outcome, 0), child);
    if (WIFSIGNALED(outcome)) assert_int_equal(WTERMSIG(outcome), SIGKILL);
    if (WIFEXITED(outcome)) assert_int_equal(WEXITSTATUS(outcome), 0);
    return WIFEXITED(outcome);
}

static void killed_before_any_step_it_leaves_a_whole_file(void **state)
{
    (void)state;
    for (int half_way = 0; half_way < 2; half_way++) {
        int n_old = 0, n_new = 0;
        bool is_done = false;
        for (int step = 0; !is_done; step++) {
            write_old();
            is_done = survives(step, half_way != 0);
            n_old += is_old();
            n_new += is_new();
            assert_int_equal(n_old + n_new, step + 1);
        }
        /* Old before every write, the sync and the rename; new before the folder's sync and at the end. */
        assert_true(n_old >= 6);
        assert_int_equal(n_new, 2);
    }
}

static void what_a_killed_writer_left_is_removed_by_the_next(void **state)
{
    (void)state;
    char other[SCRATCH_PATH_SIZE];
    scratch_path(other, &folder, ".models.abcdef.tmp"); /* of another file */
    assert_true(scratch_write(other, "x", 1));
    scratch_path(other, &folder, ".model.abcdefg.tmp"); /* not one of ours: a letter too many */
    assert_true(scratch_write(other, "x", 1));
    assert_false(survives(1, true));
    assert_false(survives(3, true));
    assert_true(scratch_count(&folder) > 2);
    assert_int_equal(write_new(target, NULL), PV_OK);
    assert_int_equal(scratch_count(&folder), 3);
}

static void two_writers_do_not_disturb_each_other(void **state)
{
    (void)state;
    pv_output_file *first, *second;
    assert_int_equal(pv_output_file_create(&first, target, NULL), PV_OK);
    assert_int_equal(pv_output_file_create(&second, target, NULL), PV_OK);
    assert_string_not_equal(pv_output_file_temporary_path(first), pv_output_file_temporary_path(second));
    assert_int_equal(pv_output_file_write(first, "first", 5, NULL), PV_OK);
    assert_int_equal(pv_output_file_write(second, "second", 6, NULL), PV_OK);
    assert_int_equal(pv_output_file_commit(first, NULL), PV_OK);
    assert_true(holds(target, "first", 5));
    assert_int_equal(pv_output_file_commit(second, NULL), PV_OK);
    assert_true(holds(target, "second", 6));
    assert_int_equal(scratch_count(&folder), 1);
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    (void)state;
    pv_output_file *file;
    assert_int_equal(pv_output_file_create(&file, target, NULL), PV_OK);
    assert_int_equal(pv_output_file_write(file, "half", 4, NULL), PV_OK);
    assert_int_equal(scratch_count(&folder), 1);
    pv_output_file_abandon(file);
    assert_int_equal(scratch_count(&folder), 0);
    pv_output_file_abandon(NULL);
}

static void assert_refused(const char *path, const char *cause)
{
    pv_error error;
    pv_output_file *file = NULL;
    char expected[sizeof error.message];
    assert_int_equal(pv_output_file_create(&file, path, &error), PV_E_OUTPUT);
    snprintf(expected, sizeof expected, "%.300s: cannot write: %s", path, cause);
    assert_string_equal(error.message, expected);
    assert_null(file);
}

static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    assert_refused(folder.path, "it is a folder");
    assert_refused("/dev/null", "it is a device");
    assert_refused("", "it names no file");
    scratch_path(path, &folder, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(path, "it is a pipe");
    scratch_path(path, &folder, "link");
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_refused(path, "it is a device");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("nothing", path), 0);
    assert_refused(path, "it is a link to nothing");
    scratch_path(path, &folder, "missing/model");
    assert_refused(path, "No such file or directory");
    scratch_path(path, &folder, "missing/");
    assert_refused(path, "it names no file");
    write_old();
    scratch_path(path, &folder, "model/inside");
    assert_refused(path, "Not a directory");
    assert_int_equal(scratch_count(&folder), 3);
}

static void a_link_to_a_file_stays_a_link(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    struct stat found;
    write_old();
    scratch_path(path, &folder, "current");
    assert_int_equal(symlink("model", path), 0);
    assert_int_equal(write_new(path, NULL), PV_OK);
    assert_int_equal(lstat(path, &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    assert_true(is_new());
}

static mode_t mode_of(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? found.st_mode & 07777 : 0;
}

static void the_mode_is_kept_or_cut_by_the_umask(void **state)
{
    (void)state;
    mode_t before = umask(027);
    assert_int_equal(write_new(target, NULL), PV_OK);
    assert_int_equal(mode_of(target), 0640);
    assert_int_equal(chmod(target, 0666), 0);
    assert_int_equal(write_new(target, NULL), PV_OK);
    assert_int_equal(mode_of(target), 0666);
    assert_int_equal(chmod(target, 0600), 0);
    pv_output_file *file;
    assert_int_equal(pv_output_file_create(&file, target, NULL), PV_OK);
    assert_int_equal(mode_of(pv_output_file_temporary_path(file)), 0600);
    assert_int_equal(pv_output_file_commit(file, NULL), PV_OK);
    assert_int_equal(mode_of(target), 0600);
    umask(before);
}

static void a_name_as_long_as_the_system_allows_is_written(void **state)
{
    (void)state;
    char name[256], path[SCRATCH_PATH_SIZE];
    memset(name, 'm', 255);
    name[255] = '\0';
    scratch_path(path, &folder, name);
    assert_int_equal(write_new(path, NULL), PV_OK);
    assert_true(holds(path, new_content, NEW_SIZE));
}

int main(void)
{
    for (size_t i = 0; i < NEW_SIZE; i++) new_content[i] = (char)(i * 2654435761U >> 13);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_written_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_without_a_folder_is_written_here, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_are_synced_before_the_name_and_the_name_after, set_up, tear_down),
        cmocka_unit_test_setup_teardown(short_and_interrupted_writes_go_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failing_step_leaves_the_old_file_and_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_synced_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_before_any_step_it_leaves_a_whole_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_killed_writer_left_is_removed_by_the_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_writers_do_not_disturb_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_abandoned_file_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_to_a_file_stays_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_mode_is_kept_or_cut_by_the_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_as_long_as_the_system_allows_is_written, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
