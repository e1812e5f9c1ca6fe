/* Quotas of control groups, read from folders made like the kernel's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/cpu_quota.h"
#include "support/scratch_folder.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static scratch_folder folder;

static int set_up(void **state)
{
    (void)state;
    return scratch_folder_create(&folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_folder_remove(&folder);
    return 0;
}

static void put(const char *name, const char *content)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &folder, name);
    assert_true(scratch_write(path, content, strlen(content)));
}

static void make(const char *name)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static unsigned quota(void)
{
    char membership[SCRATCH_PATH_SIZE];
    scratch_path(membership, &folder, "membership");
    return pv_cpu_quota(membership, folder.path);
}

static void nothing_there_is_no_limit(void **state)
{
    (void)state;
    assert_int_equal(quota(), 0);
    put("membership", "0::/gone\n");
    assert_int_equal(quota(), 0);
    put("membership", "no colons\n1:cpu\n");
    assert_int_equal(quota(), 0);
}

static void version_2_takes_the_smallest_on_the_way_up(void **state)
{
    (void)state;
    make("shop");
    make("shop/web");
    put("membership", "0::/shop/web\n");
    put("shop/web/cpu.max", "max 100000\n");
    assert_int_equal(quota(), 0);
    put("shop/cpu.max", "250000 100000\n"); /* 2.5 cores */
    assert_int_equal(quota(), 3);
    put("shop/web/cpu.max", "400000 100000\n");
    assert_int_equal(quota(), 3);
    put("shop/web/cpu.max", "50000 100000\n");
    assert_int_equal(quota(), 1);
    put("membership", "0::/\n");
    put("cpu.max", "200000 100000\n");
    assert_int_equal(quota(), 2);
    put("membership", "0::/not/seen/from/inside\n");
    assert_int_equal(quota(), 2);
    put("cpu.max", "garbage\n");
    assert_int_equal(quota(), 0);
}

static void version_1_reads_quota_and_period(void **state)
{
    (void)state;
    make("cpu");
    make("cpu/docker");
    put("membership", "5:cpuset:/docker\n4:cpuacct,cpu:/docker\n1:name=systemd:/\n");
    put("cpu/docker/cpu.cfs_quota_us", "-1\n");
    put("cpu/docker/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(), 0);
    put("cpu/docker/cpu.cfs_quota_us", "300000\n");
    assert_int_equal(quota(), 3);
    put("cpu/docker/cpu.cfs_period_us", "0\n");
    assert_int_equal(quota(), 0);
    put("cpu/cpu.cfs_quota_us", "100000\n");
    put("cpu/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(), 1);
    put("membership", "5:cpuset:/docker\n");
    assert_int_equal(quota(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_there_is_no_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(version_2_takes_the_smallest_on_the_way_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(version_1_reads_quota_and_period, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
