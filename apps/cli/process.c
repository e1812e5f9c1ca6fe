/* process.c - see process.h. */
#include "process.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

/* VmHWM of this program alone; ru_maxrss would carry over the peak of whatever started it. */
static int64_t high_water_bytes(void)
{
    long long kilobytes = 0;
    char line[128];
    FILE *status = fopen("/proc/self/status", "r");
    if (!status) return 0;
    while (fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %lld kB", &kilobytes) == 1) break;
    fclose(status);
    return kilobytes * 1024;
}

int64_t peak_memory_bytes(void)
{
    struct rusage usage;
    const int64_t high_water = high_water_bytes();
    if (high_water > 0) return high_water;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}

static double clock_seconds(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

pv_part_time process_time(void)
{
    return (pv_part_time){clock_seconds(CLOCK_MONOTONIC), clock_seconds(CLOCK_PROCESS_CPUTIME_ID)};
}
