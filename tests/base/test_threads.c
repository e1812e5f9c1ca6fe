/* The thread pool. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/threads.h"
#include <sched.h>
#include <stdbool.h>
#include <stdatomic.h>

#define N_TASKS 1000

typedef struct tally {
    unsigned n_threads;
    int n_runs[N_TASKS];
    atomic_bool thread_is_used[64];
    atomic_bool is_wrong;
} tally;

static void count_task(void *context, size_t task, unsigned thread)
{
    tally *counts = context;
    if (task >= N_TASKS || thread >= counts->n_threads) {
        atomic_store(&counts->is_wrong, true);
        return;
    }
    counts->n_runs[task]++;
    /* Two tasks never share a thread number at the same time. */
    if (atomic_exchange(&counts->thread_is_used[thread], true)) atomic_store(&counts->is_wrong, true);
    if (task % 64 == 0) sched_yield();
    atomic_store(&counts->thread_is_used[thread], false);
}

static void every_task_runs_exactly_once(void **state)
{
    (void)state;
    for (unsigned n_threads = 1; n_threads <= 8; n_threads++) {
        pv_threads *threads = NULL;
        assert_int_equal(pv_threads_create(&threads, n_threads, NULL), PV_OK);
        assert_int_equal(pv_threads_count(threads), n_threads);
        for (size_t n_tasks = 0; n_tasks <= N_TASKS; n_tasks = n_tasks * 3 + 1) {
            tally counts = {.n_threads = n_threads};
            pv_threads_run(threads, n_tasks, count_task, &counts);
            assert_false(atomic_load(&counts.is_wrong));
            for (size_t i = 0; i < N_TASKS; i++) assert_int_equal(counts.n_runs[i], i < n_tasks);
        }
        pv_threads_free(threads);
    }
}

static void add_one(void *context, size_t task, unsigned thread)
{
    (void)thread;
    ((int *)context)[task]++;
}

static void runs_follow_each_other_without_losing_work(void **state)
{
    (void)state;
    pv_threads *threads = NULL;
    int sums[5] = {0};
    assert_int_equal(pv_threads_create(&threads, 3, NULL), PV_OK);
    for (int run = 1; run <= 5000; run++) {
        pv_threads_run(threads, 5, add_one, sums);
        for (int i = 0; i < 5; i++) assert_int_equal(sums[i], run);
    }
    pv_threads_free(threads);
    pv_threads_free(NULL);
}

static void one_core_in_the_affinity_mask_is_one_core(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_in_range(pv_threads_available(), 1, (unsigned)CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &before) && CPU_COUNT(&one) == 0) CPU_SET(i, &one);
    }
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(pv_threads_available(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void zero_threads_means_those_available(void **state)
{
    (void)state;
    pv_threads *threads = NULL;
    assert_int_equal(pv_threads_create(&threads, 0, NULL), PV_OK);
    assert_int_equal(pv_threads_count(threads), pv_threads_available());
    pv_threads_free(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_exactly_once),
        cmocka_unit_test(runs_follow_each_other_without_losing_work),
        cmocka_unit_test(one_core_in_the_affinity_mask_is_one_core),
        cmocka_unit_test(zero_threads_means_those_available),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
