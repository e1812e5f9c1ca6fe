/* cpu_quota.c - see cpu_quota.h.
 *
 * A container often sees its own group mounted at the root while /proc/self/cgroup tells the path of the host; every
 * folder on the way up is tried and those that do not exist are skipped. */
#include "base/cpu_quota.h"
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 1024

static bool read_line(char line[LINE_SIZE], const char *folder, const char *name)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path) return false;
    FILE *file = fopen(path, "re");
    if (!file) return false;
    bool found = fgets(line, LINE_SIZE, file) != NULL;
    fclose(file);
    return found;
}

static unsigned cores(long long quota, long long period)
{
    if (quota <= 0 || period <= 0) return 0;
    long long rounded_up = (quota - 1) / period + 1;
    return rounded_up > UINT_MAX ? UINT_MAX : (unsigned)rounded_up;
}

/* cpu.max: "200000 100000" or "max 100000", microseconds a period. */
static unsigned quota_v2(const char *folder)
{
    char line[LINE_SIZE];
    if (!read_line(line, folder, "cpu.max")) return 0;
    char *end;
    long long quota = strtoll(line, &end, 10);
    return end == line ? 0 : cores(quota, strtoll(end, NULL, 10));
}

/* cpu.cfs_quota_us is -1 when there is no limit. */
static unsigned quota_v1(const char *folder)
{
    char quota[LINE_SIZE], period[LINE_SIZE];
    if (!read_line(quota, folder, "cpu.cfs_quota_us") || !read_line(period, folder, "cpu.cfs_period_us")) return 0;
    return cores(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

static unsigned smaller(unsigned a, unsigned b)
{
    if (a == 0 || b == 0) return a + b;
    return a < b ? a : b;
}

/* Ask `quota` for the folder root/path and every folder above it down to root. */
static unsigned climb(const char *root, const char *path, unsigned (*quota)(const char *folder))
{
    char folder[PATH_MAX];
    int length = snprintf(folder, sizeof folder, "%s%s", root, path);
    if (length < 0 || (size_t)length >= sizeof folder) return quota(root);
    unsigned least = 0;
    size_t root_length = strlen(root);
    while (strlen(folder) > root_length) {
        least = smaller(least, quota(folder));
        char *slash = strrchr(folder + root_length, '/');
        if (!slash) break;
        *slash = '\0';
    }
    return smaller(least, quota(root));
}

/* Is "cpu" among the comma-separated controllers? */
static bool names_cpu(const char *controllers)
{
    for (const char *at = controllers; at; at = strchr(at, ',')) {
        if (*at == ',') at++;
        size_t length = strcspn(at, ",");
        if (length == 3 && memcmp(at, "cpu", 3) == 0) return true;
    }
    return false;
}

/* One line of the membership file: "0::/path" (v2) or "4:cpu,cpuacct:/path" (v1). */
static unsigned quota_of_line(char *line, const char *mount)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path) return 0;
    *path++ = '\0';
    controllers++;
    if (*controllers == '\0') return climb(mount, path, quota_v2);
    if (!names_cpu(controllers)) return 0;
    char root[PATH_MAX];
    int length = snprintf(root, sizeof root, "%s/cpu", mount); /* a link where the controllers are mounted together */
    return length < 0 || (size_t)length >= sizeof root ? 0 : climb(root, path, quota_v1);
}

unsigned pv_cpu_quota(const char *membership, const char *mount)
{
    FILE *file = fopen(membership, "re");
    if (!file) return 0;
    unsigned least = 0;
    char line[LINE_SIZE];
    while (fgets(line, sizeof line, file)) least = smaller(least, quota_of_line(line, mount));
    fclose(file);
    return least;
}
