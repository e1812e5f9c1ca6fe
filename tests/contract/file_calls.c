/* file_calls.c - preloaded into a program, watches its calls that change a file.
 *
 * KILL_AT_CALL=k: kills it at the k-th one, as `kill -9` or a power cut would: in the middle of a write (half of the
 * bytes are written) or right before a call of another kind.
 * LOG_CALLS=FILE: appends the name of each call as a line to FILE.
 * The calls go to the kernel directly, past the functions of the C library that stand in for them here. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;

static void log_call(const char *name)
{
    const char *path = getenv("LOG_CALLS");
    int descriptor = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;
    if (descriptor < 0) return;
    dprintf(descriptor, "%s\n", name);
    close(descriptor);
}

static bool is_last_call(const char *name)
{
    const char *last = getenv("KILL_AT_CALL");
    log_call(name);
    return last != NULL && atomic_fetch_add(&calls, 1) + 1 == strtol(last, NULL, 10);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void die_at_last_call(const char *name)
{
    if (is_last_call(name)) die();
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    bool is_last = descriptor > STDERR_FILENO && is_last_call("write");
    ssize_t written = syscall(SYS_write, descriptor, bytes, is_last ? size / 2 : size);
    if (is_last) die();
    return written;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset)
{
    bool is_last = is_last_call("write");
    ssize_t written = syscall(SYS_pwrite64, descriptor, bytes, is_last ? size / 2 : size, offset);
    if (is_last) die();
    return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return pwrite64(descriptor, bytes, size, offset);
}

int fsync(int descriptor)
{
    die_at_last_call("fsync");
    return (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    die_at_last_call("fsync");
    return (int)syscall(SYS_fdatasync, descriptor);
}

int rename(const char *from, const char *to)
{
    die_at_last_call("rename");
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path)
{
    die_at_last_call("unlink");
    return unlinkat(AT_FDCWD, path, 0);
}

int ftruncate64(int descriptor, off64_t size)
{
    die_at_last_call("truncate");
    return (int)syscall(SYS_ftruncate, descriptor, size);
}

int fchmod(int descriptor, mode_t mode)
{
    die_at_last_call("fchmod");
    return (int)syscall(SYS_fchmod, descriptor, mode);
}
