/* open_bench.c - how long a model takes to open, its file in the page cache.
 *
 *     open_bench MODEL TIMES
 *
 * Opens MODEL that often and frees it again; one JSON object with milliseconds, best and median: `open` is
 * pv_model_open(), wall and CPU time of all threads. The parts are measured apart, each on one thread: `map` the header
 * against the size, `sum` the checksum, `read` the header's tensors, `shop` and each signal what their binding checks
 * and derives.
 */
#include "base/failure.h"
#include "base/memory.h"
#include "bench_arguments.h"
#include "model/model.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { part_map, part_sum, part_read, part_shop, part_signals, n_parts = part_signals + PV_SIGNAL_COUNT };

typedef struct series {
    double *values; /* [n_times] milliseconds */
} series;

typedef struct bench {
    const char *path;
    size_t n_times;
    series wall, cpu, parts[n_parts];
} bench;

static double milliseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static pv_status open_once(bench *b, size_t run, pv_error *error)
{
    pv_model *model = NULL;
    const double wall = milliseconds(CLOCK_MONOTONIC), cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
    const pv_status status = pv_model_open(&model, b->path, error);
    b->wall.values[run] = milliseconds(CLOCK_MONOTONIC) - wall;
    b->cpu.values[run] = milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    pv_model_free(model);
    return status;
}

/* Milliseconds since *start, which moves to now. */
static double lap(double *start)
{
    const double before = *start;
    *start = milliseconds(CLOCK_MONOTONIC);
    return *start - before;
}

static pv_status bind_parts(bench *b, size_t run, const pv_tensors *tensors, pv_error *error)
{
    pv_shop shop;
    double start = milliseconds(CLOCK_MONOTONIC);
    pv_status status = pv_shop_bind(&shop, tensors, error);
    b->parts[part_shop].values[run] = lap(&start);
    for (int s = 0; status == PV_OK && s < PV_SIGNAL_COUNT; s++) {
        void *bound = NULL;
        if (pv_signals[s]->bound_by) continue;
        start = milliseconds(CLOCK_MONOTONIC);
        status = pv_signals[s]->bind(&bound, tensors, &shop, error);
        b->parts[part_signals + s].values[run] = lap(&start);
        pv_release(bound);
    }
    return status;
}

static pv_status open_parts(bench *b, size_t run, pv_error *error)
{
    pv_status status;
    pv_safetensors *file = NULL;
    double start = milliseconds(CLOCK_MONOTONIC);
    PV_TRY(pv_safetensors_map(&file, b->path, error));
    b->parts[part_map].values[run] = lap(&start);
    pv_safetensors_sum(file);
    PV_TRY(pv_safetensors_verify(file, error));
    b->parts[part_sum].values[run] = lap(&start);
    PV_TRY(pv_safetensors_read(file, error));
    b->parts[part_read].values[run] = lap(&start);
    PV_TRY(bind_parts(b, run, pv_safetensors_tensors(file), error));
cleanup:
    pv_safetensors_free(file);
    return status;
}

static int compare_numbers(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void print_series(const char *name, const bench *b, const series *s, const char *end)
{
    qsort(s->values, b->n_times, sizeof *s->values, compare_numbers);
    printf("\"%s\": {\"best\": %.3f, \"median\": %.3f}%s", name, s->values[0], s->values[b->n_times / 2], end);
}

static void print_results(const bench *b)
{
    static const char *const names[] = {"map", "sum", "read", "shop"};
    printf("{\"times\": %zu, \"open\": {", b->n_times);
    print_series("wall_ms", b, &b->wall, ", ");
    print_series("cpu_ms", b, &b->cpu, "}, \"parts_ms\": {");
    for (int p = 0; p < part_signals; p++) print_series(names[p], b, &b->parts[p], ", ");
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (!pv_signals[s]->bound_by)
            print_series(pv_signals[s]->code, b, &b->parts[part_signals + s], s + 1 < PV_SIGNAL_COUNT ? ", " : "}}\n");
}

static pv_status run(bench *b, pv_error *error)
{
    pv_status status = PV_OK;
    double *values = pv_allocate((2 + n_parts) * b->n_times, sizeof *values);
    if (!values) return pv_fail_memory(error, "times", b->n_times);
    b->wall.values = values;
    b->cpu.values = values + b->n_times;
    for (size_t p = 0; p < n_parts; p++) b->parts[p].values = values + (2 + p) * b->n_times;
    for (size_t k = 0; k < b->n_times; k++) PV_TRY(open_once(b, k, error));
    for (size_t k = 0; k < b->n_times; k++) PV_TRY(open_parts(b, k, error));
    print_results(b);
cleanup:
    pv_release(values);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fputs("usage: open_bench MODEL TIMES\n", stderr);
        return 2;
    }
    bench b = {.path = argv[1], .n_times = (size_t)integer_argument(argv[2], "times", 1, 1000000)};
    pv_error error = {0};
    const pv_status status = run(&b, &error);
    if (status != PV_OK) (void)fprintf(stderr, "open_bench: %s\n", error.message);
    return pv_status_exit_code(status);
}
