/* process_metrics.c - see process_metrics.h. */
#include "process_metrics.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void print_metric_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void print_metric(FILE *out, const char *name, const char *type, const char *help, double value)
{
    print_metric_head(out, name, type, help);
    fprintf(out, "%s %.15g\n", name, value);
}

static bool resident_bytes(double *bytes)
{
    long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return false;
    bool is_read = fscanf(file, "%*d %lld", &pages) == 1;
    fclose(file);
    *bytes = (double)pages * (double)sysconf(_SC_PAGESIZE);
    return is_read;
}

/* Field 22 of proc_pid_stat(5), ticks since the system started. */
static bool start_time(double *seconds)
{
    unsigned long long ticks = 0;
    char line[1024] = "";
    struct timespec now = {0}, since_boot = {0};
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) return false;
    bool is_read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    const char *after_name = strrchr(line, ')'); /* the name may hold anything */
    if (!is_read || after_name == NULL) return false;
    if (sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &ticks) != 1)
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    *seconds = (double)now.tv_sec - (double)since_boot.tv_sec + (double)ticks / (double)sysconf(_SC_CLK_TCK);
    return true;
}

static bool open_descriptors(double *count)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) return false;
    *count = -3; /* ".", ".." and the folder itself */
    while (readdir(folder) != NULL) *count += 1;
    closedir(folder);
    return true;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

void print_process_metrics(FILE *out)
{
    struct rusage usage;
    struct rlimit files;
    double number;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        print_metric(out, "process_cpu_seconds_total", "counter", "User and system CPU time.",
                     seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    if (resident_bytes(&number))
        print_metric(out, "process_resident_memory_bytes", "gauge", "Resident memory.", number);
    if (start_time(&number))
        print_metric(out, "process_start_time_seconds", "gauge", "Start of the process since the Unix epoch.", number);
    if (open_descriptors(&number)) print_metric(out, "process_open_fds", "gauge", "Open file descriptors.", number);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        print_metric(out, "process_max_fds", "gauge", "Limit of open file descriptors.", (double)files.rlim_cur);
}
