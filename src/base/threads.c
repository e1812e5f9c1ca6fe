/* threads.c - see threads.h. Sleeping workers are woken per run; tasks are handed out by an atomic counter. */
#include "base/threads.h"
#include "base/cpu_quota.h"
#include "base/failure.h"
#include "base/memory.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct worker {
    pv_threads *pool;
    pthread_t thread;
    unsigned number;
} worker;

struct pv_threads {
    unsigned count;  /* with the calling thread, which is number 0 */
    worker *workers; /* [count - 1] */
    unsigned n_started;
    pthread_mutex_t mutex; /* guards what stands below, but next_task */
    pthread_cond_t work_ready, work_done;
    uint64_t run; /* grows with each pv_threads_run() */
    unsigned n_busy;
    bool stopping;
    pv_task *task;
    void *context;
    size_t n_tasks;
    atomic_size_t next_task;
};

static void work(pv_threads *pool, unsigned number)
{
    for (;;) {
        size_t task = atomic_fetch_add_explicit(&pool->next_task, 1, memory_order_relaxed);
        if (task >= pool->n_tasks) return;
        pool->task(pool->context, task, number);
    }
}

static void *worker_main(void *argument)
{
    worker *self = argument;
    pv_threads *pool = self->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->stopping && pool->run == seen) pthread_cond_wait(&pool->work_ready, &pool->mutex);
        if (pool->stopping) break;
        seen = pool->run;
        pthread_mutex_unlock(&pool->mutex);
        work(pool, self->number);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->n_busy == 0) pthread_cond_signal(&pool->work_done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

int pv_thread_start(pthread_t *thread, void *(*thread_main)(void *argument), void *argument)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int cause = pthread_create(thread, NULL, thread_main, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return cause;
}

static int start_workers(pv_threads *pool)
{
    int cause = 0;
    while (cause == 0 && pool->n_started < pool->count - 1) {
        worker *next = &pool->workers[pool->n_started];
        *next = (worker){.pool = pool, .number = pool->n_started + 1};
        cause = pv_thread_start(&next->thread, worker_main, next);
        if (cause == 0) pool->n_started++;
    }
    return cause;
}

pv_status pv_threads_create(pv_threads **threads, unsigned n_threads, pv_error *error)
{
    if (n_threads == 0) n_threads = pv_threads_available();
    pv_threads *pool = pv_allocate(1, sizeof *pool);
    worker *workers = pv_allocate(n_threads - 1, sizeof *workers);
    if (!pool || !workers) {
        pv_release(pool);
        pv_release(workers);
        return pv_fail_memory(error, "threads", n_threads * sizeof *workers);
    }
    pool->count = n_threads;
    pool->workers = workers;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work_ready, NULL);
    pthread_cond_init(&pool->work_done, NULL);
    int cause = start_workers(pool);
    if (cause != 0) {
        pv_threads_free(pool);
        return pv_fail(error, PV_E_MEMORY, "cannot start %u threads: %s", n_threads, strerror(cause));
    }
    *threads = pool;
    return PV_OK;
}

void pv_threads_free(pv_threads *threads)
{
    if (!threads) return;
    pthread_mutex_lock(&threads->mutex);
    threads->stopping = true;
    pthread_cond_broadcast(&threads->work_ready);
    pthread_mutex_unlock(&threads->mutex);
    for (unsigned i = 0; i < threads->n_started; i++) pthread_join(threads->workers[i].thread, NULL);
    pthread_cond_destroy(&threads->work_done);
    pthread_cond_destroy(&threads->work_ready);
    pthread_mutex_destroy(&threads->mutex);
    pv_release(threads->workers);
    pv_release(threads);
}

unsigned pv_threads_count(const pv_threads *threads)
{
    return threads ? threads->count : 1;
}

void pv_threads_run(pv_threads *threads, size_t n_tasks, pv_task *task, void *context)
{
    if (!threads || threads->count == 1 || n_tasks <= 1) {
        for (size_t i = 0; i < n_tasks; i++) task(context, i, 0);
        return;
    }
    pthread_mutex_lock(&threads->mutex);
    threads->task = task;
    threads->context = context;
    threads->n_tasks = n_tasks;
    atomic_store_explicit(&threads->next_task, 0, memory_order_relaxed);
    threads->n_busy = threads->n_started;
    threads->run++;
    pthread_cond_broadcast(&threads->work_ready);
    pthread_mutex_unlock(&threads->mutex);

    work(threads, 0);

    pthread_mutex_lock(&threads->mutex);
    while (threads->n_busy > 0) pthread_cond_wait(&threads->work_done, &threads->mutex);
    pthread_mutex_unlock(&threads->mutex);
}

/* The mask may be larger than cpu_set_t: grow until the kernel's fits. */
static unsigned cores_in_affinity_mask(void)
{
    for (int n_cores = CPU_SETSIZE; n_cores <= 1 << 20; n_cores *= 2) {
        cpu_set_t *mask = CPU_ALLOC((size_t)n_cores);
        if (!mask) return 0;
        size_t bytes = CPU_ALLOC_SIZE((size_t)n_cores);
        int count = sched_getaffinity(0, bytes, mask) == 0 ? CPU_COUNT_S(bytes, mask) : 0;
        CPU_FREE(mask);
        if (count > 0) return (unsigned)count;
    }
    return 0;
}

unsigned pv_threads_available(void)
{
    unsigned cores = cores_in_affinity_mask();
    if (cores == 0) cores = 1;
    unsigned quota = pv_cpu_quota("/proc/self/cgroup", "/sys/fs/cgroup");
    return quota > 0 && quota < cores ? quota : cores;
}
