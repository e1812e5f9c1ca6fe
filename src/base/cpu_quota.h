/* cpu_quota.h - how many cores the control group of this process may use (Linux cgroup v2 and v1). */
#ifndef PV_CPU_QUOTA_H
#define PV_CPU_QUOTA_H

/* The smallest quota, rounded up to whole cores, among the process's group and the groups above it; 0 = no limit.
 *
 * membership  text file that names the group: /proc/self/cgroup
 * mount       folder where the groups are found: /sys/fs/cgroup
 */
unsigned pv_cpu_quota(const char *membership, const char *mount);

#endif
