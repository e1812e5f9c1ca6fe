/* measure_process.c - run a program to its end and print what it took.
 *
 *     measure_process PROGRAM [ARGUMENT]...
 *
 * One line on standard error, the last one: wall seconds, CPU seconds (user and system), peak resident bytes. The
 * program is started from this small process because Linux counts the memory of whoever starts a program as a peak of
 * the program's own.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

static double now(void)
{
    struct timespec time = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fputs("usage: measure_process PROGRAM [ARGUMENT]...\n", stderr);
        return 2;
    }
    const double begin = now();
    const pid_t child = fork();
    if (child == 0) {
        (void)execv(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    int status = 0;
    struct rusage usage = {0};
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("measure_process");
        return 1;
    }
    const double wall = now() - begin, cpu = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    (void)fprintf(stderr, "%.6f %.6f %ld\n", wall, cpu, usage.ru_maxrss * 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
