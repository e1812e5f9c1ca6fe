/* threads.h - a pool of persistent threads that share out numbered tasks.
 *
 * Results must not depend on which thread runs a task or on how many threads there are: tasks write disjoint outputs,
 * sums are taken over tasks in task order afterwards.
 */
#ifndef PV_THREADS_H
#define PV_THREADS_H

#include <purvey/status.h>
#include <pthread.h>
#include <stddef.h>

typedef struct pv_threads pv_threads;
typedef void pv_task(void *context, size_t task, unsigned thread);

/* n_threads 0 = pv_threads_available(). The calling thread is one of them. */
pv_status pv_threads_create(pv_threads **threads, unsigned n_threads, pv_error *error) PV_CHECKED;
void pv_threads_free(pv_threads *threads);            /* accepts NULL */
unsigned pv_threads_count(const pv_threads *threads); /* 1 for NULL: the calling thread alone */
/* Run task(context, 0 .. n_tasks-1, thread in [0, count)); returns when all are done. NULL runs them all here. Not to
 * be called from a task. */
void pv_threads_run(pv_threads *threads, size_t n_tasks, pv_task *task, void *context);
/* A thread outside a pool, for work that goes on beside the caller's; signals belong to the program's own threads, so
 * all of them are blocked in it. 0, or the error number. */
int pv_thread_start(pthread_t *thread, void *(*thread_main)(void *argument), void *argument);
/* Cores this process may use: affinity mask, then the cgroup's CPU quota rounded up; at least 1. */
unsigned pv_threads_available(void);

#endif
